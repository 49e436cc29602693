//! Where recovery time goes: the mean time of each step on the critical path, stacked, one bar for each strategy.

use super::axis::{Axis, time_steps};
use super::canvas::{Anchor, Canvas, Colour, Mark, Text, fitted, text_width};
use super::frame::{self, frame};
use super::{Series, say};

/// Mean recovery time of several strategies, divided.
#[derive(Clone, Debug)]
pub struct Phases {
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// For each strategy its phases in the order of the plan: `(step, mean seconds)`.
    pub bars: Vec<(Series, Vec<(String, f64)>)>,
    /// Phases in which nobody works: they come last, in grey.
    pub idle: Vec<String>,
}

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
/// Height of an entry of the legend.
const ENTRY: f64 = 22.0;

/// Draws where recovery time goes.
pub fn phases(data: &Phases) -> Canvas {
    let valid = |seconds: f64| if seconds.is_finite() { seconds.max(0.0) } else { 0.0 };
    let total = |bar: &(Series, Vec<(String, f64)>)| bar.1.iter().map(|(_, seconds)| valid(*seconds)).sum::<f64>();
    let steps = names(data);
    let width = steps.iter().map(|step| text_width(step, frame::SMALL, false)).fold(100.0, f64::max).min(240.0) + 26.0;
    let height = (data.bars.len() as f64 * LINE).max(steps.len() as f64 * ENTRY).max(100.0);
    let (mut canvas, plot) = frame(&title(data, total), &data.subtitle, 212.0, width, height);
    let longest = data.bars.iter().map(total).fold(0.0, f64::max);
    let x = Axis::linear(0.0, longest * 1.12, plot.left, plot.right);
    let ticks: Vec<_> = time_steps(longest * 1.12).into_iter().map(|t| (x.at(t), say::duration(t))).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    for (k, bar) in data.bars.iter().enumerate() {
        let y = plot.top + LINE * (k as f64 + 0.5);
        let name = fitted(&bar.0.title, 14.0, true, 200.0);
        let (at, anchor) = ((plot.left - 10.0, y), Anchor::End);
        canvas.add(Mark::Text(Text { text: name, at, size: 14.0, bold: true, colour: frame::INK, anchor }));
        let mut from = 0.0;
        for (step, seconds) in &bar.1 {
            let to = from + valid(*seconds);
            let fill = fill(data, &steps, step);
            block(&mut canvas, (x.at(from), y - BAR / 2.0), (x.at(to), y + BAR / 2.0), fill);
            let label = say::duration(valid(*seconds));
            if text_width(&label, 12.0, false) + 10.0 < x.at(to) - x.at(from) {
                canvas.text(&label, ((x.at(from) + x.at(to)) / 2.0, y), 12.0, (0, 0, 0), Anchor::Middle);
            }
            from = to;
        }
        canvas.text(&say::duration(from), (x.at(from) + 6.0, y), frame::SMALL, frame::INK, Anchor::Start);
    }
    frame::baseline(&mut canvas, plot, &x);
    for (k, step) in steps.iter().enumerate() {
        let (left, y) = (plot.right + 18.0, plot.top + ENTRY * (k as f64 + 0.5));
        block(&mut canvas, (left, y - 7.0), (left + 16.0, y + 7.0), fill(data, &steps, step));
        let text = fitted(step, frame::SMALL, false, width - 24.0);
        canvas.text(&text, (left + 24.0, y), frame::SMALL, frame::INK, Anchor::Start);
    }
    frame::horizontal_caption(&mut canvas, plot, "Mean achieved recovery time on the critical path");
    canvas
}

/// Every step's name once, in the order of first appearance, those without work last.
fn names(data: &Phases) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (step, _) in data.bars.iter().flat_map(|(_, bar)| bar) {
        if !names.contains(step) {
            names.push(step.clone());
        }
    }
    names.sort_by_key(|name| data.idle.contains(name));
    names
}

fn fill(data: &Phases, steps: &[String], step: &String) -> Colour {
    if let Some(k) = data.idle.iter().position(|idle| idle == step) {
        let grey = if k % 2 == 0 { 222 } else { 190 };
        return (grey, grey, grey);
    }
    FILLS[steps.iter().position(|name| name == step).unwrap_or(0) % FILLS.len()]
}

/// A filled rectangle with a white edge, so that neighbours stay apart in grey.
fn block(canvas: &mut Canvas, from: (f64, f64), to: (f64, f64), colour: Colour) {
    if to.0 - from.0 > 0.2 {
        let points = vec![from, (to.0, from.1), to, (from.0, to.1)];
        canvas.add(Mark::Area { points, colour, opacity: 1.0 });
        canvas.line(&[(to.0, from.1), (to.0, to.1)], 1.0, (255, 255, 255));
    }
}

fn title(data: &Phases, total: impl Fn(&(Series, Vec<(String, f64)>)) -> f64) -> String {
    let longest = data.bars.iter().max_by(|a, b| total(a).total_cmp(&total(b))).filter(|bar| total(bar) > 0.0);
    let largest = longest.and_then(|bar| bar.1.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(|step| (bar, step)));
    match largest {
        None => "Where recovery time goes: nothing to show".into(),
        Some((bar, (step, seconds))) => {
            let share = say::percent(seconds / total(bar));
            format!("{share} of the recovery time of {} goes into {step}", bar.0.title)
        }
    }
}
