//! Where recovery time goes: the mean time of each part of the critical path, stacked, one bar for each strategy; what is
//! waiting stands apart, so that it does not hide the work.

use super::axis::{Axis, time_steps};
use super::canvas::{Anchor, Canvas, Colour, Mark, Text, fitted, text_width};
use super::frame::{self, Heading, Plot, Room, frame};
use super::{Series, say};

/// A strategy with its parts in the order of the plan: `(step, mean seconds)`.
type Bar = (Series, Vec<(String, f64)>);

/// Mean recovery time of several strategies, divided.
#[derive(Clone, Debug)]
pub struct Phases {
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy.
    pub bars: Vec<Bar>,
    /// Parts in which nobody works: they come last, in this order, in grey.
    pub idle: Vec<Idle>,
    /// Steps in the order that gives them their colours, the same for all charts of a run; others come after them.
    pub steps: Vec<String>,
}

/// The same, hazard by hazard.
#[derive(Clone, Debug)]
pub struct PhasesByHazard {
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// Title and number of incidents of each hazard, and one bar for each strategy.
    pub panels: Vec<(String, u64, Vec<Bar>)>,
    /// Parts in which nobody works: they come last, in this order, in grey.
    pub idle: Vec<Idle>,
    /// Steps in the order that gives them their colours, the same for all charts of a run; others come after them.
    pub steps: Vec<String>,
}

/// A part in which nobody works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idle {
    /// As the bars call it.
    pub name: String,
    /// Number of the component that is waited for, which gives the shade; `None` is paler than all.
    pub shade: Option<usize>,
    /// A plan waits for the component, not the service for its repair.
    pub hatched: bool,
}

/// Shades of waiting, on which black letters can be read.
const GREYS: [u8; 5] = [178, 206, 150, 192, 164];
const PALE: u8 = 230;

/// Paul Tol's light scheme ("Colour schemes", 2021) and some like it, on which black letters can be read.
const FILLS: [Colour; 12] = [
    (119, 170, 221),
    (238, 136, 102),
    (238, 221, 136),
    (68, 187, 153),
    (255, 170, 187),
    (153, 221, 255),
    (187, 204, 51),
    (170, 170, 0),
    (190, 160, 210),
    (205, 175, 140),
    (120, 205, 205),
    (240, 190, 90),
];

/// Height of a strategy's bar, and of its line in the plot.
const BAR: f64 = 30.0;
const LINE: f64 = 46.0;
/// The same where hazards stand side by side.
const SLIM: (f64, f64) = (15.0, 23.0);
/// Room for the names of strategies.
const NAMES: f64 = 190.0;
/// Between work and waiting.
const GAP: f64 = 66.0;

/// What is drawn in which colour.
struct Legend<'a> {
    steps: Vec<String>,
    idle: &'a [Idle],
    /// Those of both that the chart has.
    shown: Vec<String>,
}

/// How a block is filled.
#[derive(Clone, Copy)]
struct Fill {
    colour: Colour,
    hatched: bool,
}

/// Draws where recovery time goes, over the incidents of all hazards.
pub fn phases(data: &Phases) -> Canvas {
    let legend = Legend::new(&data.steps, data.bars.iter(), &data.idle);
    let height = (data.bars.len() as f64 * LINE).max(100.0);
    let title = title(&data.bars);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let below = legend.draw(None, 0.0);
    let (mut canvas, plot) = frame(heading, height, Room { left: NAMES, right: 60.0, above: 16.0, below: below + 6.0 });
    let divided: Vec<[Vec<(String, f64)>; 2]> = data.bars.iter().map(|bar| legend.divided(&bar.1)).collect();
    let longest = |half: usize| divided.iter().map(|halves| total(&halves[half])).fold(0.0, f64::max);
    // Where nobody waits, the work has all the room.
    let idle = longest(1) > 0.0;
    let middle = if idle { plot.left + (plot.right - plot.left - GAP) * 0.56 } else { plot.right };
    let plots = [Plot { right: middle, ..plot }, Plot { left: middle + GAP, ..plot }];
    let captions = ["Work on the critical path (mean)", "Waiting (mean), on a scale of its own"];
    for (half, plot) in plots.into_iter().enumerate().take(if idle { 2 } else { 1 }) {
        let x = Axis::linear(0.0, longest(half) * 1.02, plot.left, plot.right);
        ticks(&mut canvas, plot, &x, longest(half) * 1.02);
        for (k, halves) in divided.iter().enumerate() {
            let y = plot.top + LINE * (k as f64 + 0.5);
            let end = legend.stack(&mut canvas, &x, &halves[half], (y, BAR));
            let said = say::duration(total(&halves[half]));
            canvas.text(&said, (end + 6.0, y), frame::SMALL, frame::INK, Anchor::Start);
        }
        frame::baseline(&mut canvas, plot, &x);
        let at = ((plot.left + plot.right) / 2.0, plot.bottom + 44.0);
        canvas.text(captions[half], at, frame::SMALL, frame::INK, Anchor::Middle);
    }
    for (k, (series, parts)) in data.bars.iter().enumerate() {
        let y = plot.top + LINE * (k as f64 + 0.5);
        frame::name(&mut canvas, &series.title, (plot.left - 10.0, y - 9.0), NAMES - 10.0, Anchor::End);
        let all = format!("{} in all", say::duration(total(parts)));
        canvas.text(&all, (plot.left - 10.0, y + 9.0), 12.0, frame::FAINT, Anchor::End);
    }
    legend.draw(Some(&mut canvas), plot.bottom + 62.0);
    canvas
}

/// Draws where recovery time goes, hazard by hazard, each on a scale of its own.
pub fn phases_by_hazard(data: &PhasesByHazard) -> Canvas {
    const ABOVE: f64 = 34.0;
    const TICKS: f64 = 42.0;
    let legend = Legend::new(&data.steps, data.panels.iter().flat_map(|panel| &panel.2), &data.idle);
    let strategies = data.panels.iter().map(|panel| panel.2.len()).max().unwrap_or(0);
    let line = ABOVE + SLIM.1 * strategies as f64 + TICKS;
    let below = legend.draw(None, 0.0);
    let title = title_by_hazard(data);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let lines = data.panels.len().div_ceil(2) as f64;
    let (mut canvas, top) = frame::page(heading, line * lines + below + 40.0);
    let half = frame::WIDTH / 2.0;
    for (k, (name, incidents, bars)) in data.panels.iter().enumerate() {
        let left = if k % 2 == 0 { 28.0 } else { half + 8.0 };
        let top = top + line * (k / 2) as f64 + ABOVE;
        let bottom = top + SLIM.1 * strategies as f64;
        let plot = Plot { left: left + 142.0, top, right: left + half - 36.0 - 78.0, bottom };
        let seen = format!("{} incident{}", say::count(*incidents), if *incidents == 1 { "" } else { "s" });
        let text = fitted(name, 14.0, true, half - 60.0 - text_width(&seen, 12.0, false));
        let at = left + text_width(&text, 14.0, true) + 12.0;
        let (size, colour, anchor) = (14.0, frame::INK, Anchor::Start);
        canvas.add(Mark::Text(Text { text, at: (left, top - 14.0), size, bold: true, colour, anchor }));
        canvas.text(&seen, (at, top - 13.5), 12.0, frame::FAINT, Anchor::Start);
        let longest = bars.iter().map(|bar| total(&bar.1)).fold(0.0, f64::max);
        let x = Axis::linear(0.0, longest, plot.left, plot.right);
        ticks(&mut canvas, plot, &x, longest);
        for (k, (series, parts)) in bars.iter().enumerate() {
            let y = plot.top + SLIM.1 * (k as f64 + 0.5);
            let text = fitted(&series.title, 12.0, false, 134.0);
            canvas.text(&text, (plot.left - 8.0, y), 12.0, frame::INK, Anchor::End);
            let end = legend.stack(&mut canvas, &x, &legend.divided(parts).concat(), (y, SLIM.0));
            canvas.text(&say::duration(total(parts)), (end + 6.0, y), 12.0, frame::INK, Anchor::Start);
        }
        frame::baseline(&mut canvas, plot, &x);
    }
    let at = (half, top + line * lines + 8.0);
    let caption = "Mean achieved recovery time on the critical path; each hazard on a scale of its own";
    canvas.text(caption, at, frame::SMALL, frame::INK, Anchor::Middle);
    legend.draw(Some(&mut canvas), at.1 + 12.0);
    canvas
}

fn ticks(canvas: &mut Canvas, plot: Plot, x: &Axis, longest: f64) {
    let most = if plot.right - plot.left > 350.0 { 6.0 } else { 4.0 };
    let ticks: Vec<_> = time_steps(longest, most).into_iter().map(|t| (x.at(t), say::duration(t))).collect();
    frame::horizontal_ticks(canvas, plot, &ticks);
}

/// What can be drawn of a length of time.
fn valid(seconds: f64) -> f64 {
    if seconds.is_finite() { seconds.max(0.0) } else { 0.0 }
}

fn total(parts: &[(String, f64)]) -> f64 {
    parts.iter().map(|part| valid(part.1)).sum()
}

impl<'a> Legend<'a> {
    /// Every step's name once, those without work last.
    fn new<'b>(first: &[String], bars: impl Iterator<Item = &'b Bar>, idle: &'a [Idle]) -> Legend<'a> {
        let mut shown: Vec<String> = Vec::new();
        for (step, _) in bars.flat_map(|(_, bar)| bar) {
            if !shown.contains(step) {
                shown.push(step.clone());
            }
        }
        let work = |step: &&String| idle.iter().all(|idle| idle.name != **step);
        let later = shown.iter().filter(|step| !first.contains(step));
        let steps: Vec<String> = first.iter().chain(later).filter(work).cloned().collect();
        let place = |step: &String| match steps.iter().position(|name| name == step) {
            Some(place) => place,
            None => steps.len() + idle.iter().position(|idle| idle.name == *step).unwrap_or(0),
        };
        shown.sort_by_key(place);
        Legend { steps, idle, shown }
    }

    /// Work and waiting.
    fn divided(&self, parts: &[(String, f64)]) -> [Vec<(String, f64)>; 2] {
        let place = |step: &str| self.idle.iter().position(|idle| idle.name == step);
        let (mut idle, work): (Vec<_>, Vec<_>) = parts.iter().cloned().partition(|part| place(&part.0).is_some());
        idle.sort_by_key(|part| place(&part.0));
        [work, idle]
    }

    /// Waiting is grey, by component.
    fn fill(&self, step: &str) -> Fill {
        if let Some(idle) = self.idle.iter().find(|idle| idle.name == step) {
            let grey = idle.shade.map_or(PALE, |shade| GREYS[shade % GREYS.len()]);
            // The white lines of a hatching make it paler.
            let grey = if idle.hatched { grey - 30 } else { grey };
            return Fill { colour: (grey, grey, grey), hatched: idle.hatched };
        }
        let index = self.steps.iter().position(|name| name == step).unwrap_or(0);
        let (r, g, b) = FILLS[index % FILLS.len()];
        // Colours that come again are paler.
        let paler = |c: u8| if index >= FILLS.len() { 127 + c / 2 } else { c };
        Fill { colour: (paler(r), paler(g), paler(b)), hatched: false }
    }

    /// Blocks side by side, with their times where there is room; returns where they end.
    fn stack(&self, canvas: &mut Canvas, x: &Axis, parts: &[(String, f64)], (y, height): (f64, f64)) -> f64 {
        let size = if height > 20.0 { 12.0 } else { 10.0 };
        let mut from = 0.0;
        for (step, seconds) in parts {
            let to = from + valid(*seconds);
            let ends = (x.at(from), x.at(to));
            let fill = self.fill(step);
            block(canvas, (ends.0, y - height / 2.0), (ends.1, y + height / 2.0), fill);
            let room = ends.1 - ends.0 - 8.0;
            let (time, named) = (say::duration(valid(*seconds)), format!("{step} {}", say::duration(valid(*seconds))));
            let label = [named, time].into_iter().find(|label| text_width(label, size, false) < room);
            if let Some(label) = label {
                let (middle, half) = ((ends.0 + ends.1) / 2.0, text_width(&label, size, false) / 2.0 + 3.0);
                if fill.hatched {
                    let (from, to) = ((middle - half, y - size * 0.7), (middle + half, y + size * 0.7));
                    block(canvas, from, to, Fill { colour: frame::WHITE, hatched: false });
                }
                canvas.text(&label, ((ends.0 + ends.1) / 2.0, y), size, (0, 0, 0), Anchor::Middle);
            }
            from = to;
        }
        x.at(from)
    }

    /// The colours in lines from `top` down; draws nothing without a canvas. Returns the height.
    fn draw(&self, canvas: Option<&mut Canvas>, top: f64) -> f64 {
        const LINE: f64 = 22.0;
        let (mut canvas, mut x, mut y) = (canvas, 28.0, top + LINE / 2.0);
        for step in &self.shown {
            let text = fitted(step, frame::SMALL, false, 300.0);
            let width = 24.0 + text_width(&text, frame::SMALL, false) + 20.0;
            if x + width > frame::WIDTH - 28.0 && x > 28.0 {
                (x, y) = (28.0, y + LINE);
            }
            if let Some(canvas) = canvas.as_deref_mut() {
                block(canvas, (x, y - 7.0), (x + 16.0, y + 7.0), self.fill(step));
                canvas.text(&text, (x + 24.0, y), frame::SMALL, frame::INK, Anchor::Start);
            }
            x += width;
        }
        y + LINE / 2.0 - top
    }
}

/// A filled rectangle with a white edge, so that neighbours stay apart in grey.
fn block(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64), fill: Fill) {
    if to.0 - from.0 > 0.2 {
        let points = vec![from, (to.0, from.1), to, (from.0, to.1)];
        canvas.add(Mark::Area { points, colour: fill.colour, opacity: 1.0 });
        if fill.hatched {
            hatch(canvas, from, to);
        }
        canvas.line(&[(to.0, from.1), (to.0, to.1)], 1.0, frame::WHITE);
    }
}

/// White lines at 45 degrees, cut at the edges of the rectangle.
fn hatch(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64)) {
    const APART: f64 = 7.0;
    let height = to.1 - from.1;
    let mut x = from.0 - height + APART / 2.0;
    while x < to.0 {
        let (left, right) = (x.max(from.0), (x + height).min(to.0));
        if left < right {
            canvas.line(&[(left, to.1 - (left - x)), (right, to.1 - (right - x))], 1.5, frame::WHITE);
        }
        x += APART;
    }
}

/// The longest part of a bar, with its share.
fn largest(bar: &Bar) -> Option<(&str, f64)> {
    let all = total(&bar.1);
    let (step, seconds) = bar.1.iter().max_by(|a, b| valid(a.1).total_cmp(&valid(b.1)))?;
    (all > 0.0).then(|| (step.as_str(), valid(*seconds) / all))
}

/// What takes the most time with the most strategies.
fn title(bars: &[Bar]) -> String {
    let largest: Vec<(&Series, &str, f64)> =
        bars.iter().filter_map(|bar| largest(bar).map(|(step, share)| (&bar.0, step, share))).collect();
    let count = |step: &str| largest.iter().filter(|other| other.1 == step).count();
    let key = |a: &&(&Series, &str, f64)| (count(a.1), a.2);
    let Some((series, step, share)) = largest.iter().max_by(|a, b| key(a).partial_cmp(&key(b)).expect("finite")) else {
        return "Where recovery time goes: nothing to show".into();
    };
    let (share, n) = (say::percent(*share), largest.len());
    let takes = match count(step) {
        _ if n == 1 => return format!("{step} takes {share} of the recovery time of {}", series.title),
        k if k == n => format!("{step} is the largest part of the recovery time with every strategy"),
        k => format!("{step} is the largest part of the recovery time with {k} of {n} strategies"),
    };
    format!("{takes}: {share} with {}", series.title)
}

/// The same for each hazard, as long as there are few.
fn title_by_hazard(data: &PhasesByHazard) -> String {
    let most = data.panels.iter().filter_map(|(name, _, bars)| {
        let longest = bars.iter().max_by(|a, b| total(&a.1).total_cmp(&total(&b.1)))?;
        let (step, share) = largest(longest)?;
        Some((name, longest, step, share))
    });
    match most.max_by(|a, b| total(&a.1.1).total_cmp(&total(&b.1.1))) {
        None => "Where recovery time goes, hazard by hazard: nothing to show".into(),
        Some((hazard, bar, step, share)) => {
            let (mean, share) = (say::duration(total(&bar.1)), say::percent(share));
            let title = &bar.0.title;
            format!("Recovery takes longest with {title} under {hazard}: {mean} on average, {share} of it {step}")
        }
    }
}
