//! Achieved recovery time or data loss by strategy: distribution functions over a logarithmic time axis.

use super::axis::{Axis, time_range, time_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted, text_width};
use super::frame::{
    self, Entry, Heading, Plot, Room, colour, dash, frame, legend, legend_height, legend_width, marker,
};
use super::frame::{steps, symbol, thinned};
use super::{Series, say};
use crate::summary::Figure;

/// What is distributed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// From the disruption to the service restored.
    RecoveryTime,
    /// From the recovery point to the disruption.
    DataLoss,
}

/// Distribution functions of several strategies.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// What they are of.
    pub quantity: Quantity,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy.
    pub curves: Vec<Curve>,
    /// Seconds.
    pub objective: Option<f64>,
    /// Share of the incidents that must meet the objective, in [0, 1].
    pub attainment: f64,
}

/// The distribution function of one strategy.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Whose.
    pub series: Series,
    /// `(seconds, share of incidents up to it)`, both ascending. Infinite values belong to no point, so that the last
    /// share is below 1 by as much.
    pub steps: Vec<(f64, f64)>,
    /// Share of the incidents that met the objective of their own hazard, with its interval.
    pub met: Option<Figure>,
    /// Of all incidents; the steps are too coarse for it where the curve is flat.
    pub p95: Option<f64>,
}

/// Distribution functions of several strategies, hazard by hazard.
#[derive(Clone, Debug)]
pub struct ByHazard {
    /// What they are of.
    pub quantity: Quantity,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each hazard that struck.
    pub panels: Vec<Panel>,
}

/// The incidents of one hazard.
#[derive(Clone, Debug)]
pub struct Panel {
    /// Of the hazard.
    pub title: String,
    /// The most seen under any strategy.
    pub incidents: u64,
    /// One for each strategy.
    pub curves: Vec<Curve>,
    /// Seconds.
    pub objective: Option<f64>,
    /// Share of the incidents that must meet the objective, in [0, 1].
    pub attainment: f64,
}

impl Curve {
    /// Share of the incidents that met their objective.
    fn meeting(&self, objective: f64) -> f64 {
        self.met.map_or_else(|| self.share_within(objective), |met| met.value)
    }

    /// Whether that is enough: where the interval is known all of it counts.
    fn meets(&self, objective: f64, required: f64) -> bool {
        self.met.and_then(|met| met.ci_low).unwrap_or_else(|| self.meeting(objective)) >= required
    }

    /// Share of the incidents that took at most so long.
    fn share_within(&self, seconds: f64) -> f64 {
        let after = self.steps.partition_point(|(x, _)| *x <= seconds);
        if after == 0 { 0.0 } else { self.steps[after - 1].1 }
    }

    /// The least time within which that share of the incidents was over; infinite where there is none.
    fn quantile(&self, share: f64) -> f64 {
        let at = self.steps.partition_point(|(_, s)| *s < share - 1e-12);
        self.steps.get(at).map_or(f64::INFINITY, |(x, _)| *x)
    }

    fn never(&self) -> f64 {
        1.0 - self.steps.last().map_or(0.0, |(_, share)| *share)
    }
}

/// Draws distribution functions as the steps they are.
pub fn distribution(data: &Distribution) -> Canvas {
    let mut curves: Vec<Curve> = data.curves.iter().map(valid).collect();
    let title = title(&curves, data);
    // The legend stands in the order in which the curves cross the objective.
    let key = |curve: &Curve| data.objective.map_or(-curve.quantile(0.5), |objective| curve.share_within(objective));
    curves.sort_by(|a, b| key(b).total_cmp(&key(a)));
    let entries: Vec<Entry> = curves
        .iter()
        .enumerate()
        .map(|(k, curve)| Entry { series: &curve.series, remark: remark(curve, data), wanted: k as f64 })
        .collect();
    let panel = legend_width(&entries);
    let height = legend_height(entries.len()).max(360.0);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let (mut canvas, plot) =
        frame(heading, height, Room { left: 44.0, right: panel, above: frame::CAPTIONS, below: 0.0 });

    let (low, high, zero) = range(&curves, data.objective);
    let x = Axis::logarithmic(low, high, plot.left, plot.right, zero);
    let shares = [1.0, 0.75, 0.5, 0.25, 0.0];
    let required = data.objective.map(|_| data.attainment);
    axes(&mut canvas, plot, &x, &shares, required);
    if let Some(objective) = data.objective {
        let label = format!("{} {}", data.quantity.objective(), say::duration(objective));
        marker(&mut canvas, plot, x.at(objective), &label);
    }
    curves.iter().for_each(|curve| draw(&mut canvas, plot, &x, curve, 2.6));
    legend(&mut canvas, plot, &entries, panel);
    let caption = match required {
        Some(required) => {
            format!("{}; {} must meet the objective", data.quantity.share_caption(), say::percent(required))
        }
        None => data.quantity.share_caption().to_string(),
    };
    frame::vertical_caption(&mut canvas, plot, &caption);
    frame::horizontal_caption(&mut canvas, plot, data.quantity.caption());
    canvas
}

/// Above, in and below the plot of one hazard.
const PANEL: (f64, f64, f64) = (62.0, 150.0, 38.0);

/// Draws the distribution functions of each hazard apart, so that a frequent one does not hide a rare one.
pub fn by_hazard(data: &ByHazard) -> Canvas {
    let panels: Vec<Panel> = data.panels.iter().map(Panel::valid).collect();
    let series: Vec<&Series> =
        panels.first().map_or(Vec::new(), |panel| panel.curves.iter().map(|c| &c.series).collect());
    let (_, height) = frame::panels(panels.len(), 0.0, PANEL);
    let title = title_by_hazard(&panels, data.quantity);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let legend = frame::key(None, &series, 0.0);
    let (mut canvas, top) = frame::page(heading, legend + height + 50.0);
    frame::key(Some(&mut canvas), &series, top);
    let all = panels.iter().flat_map(|panel| &panel.curves);
    let objectives = panels.iter().filter_map(|panel| panel.objective);
    let (low, high, zero) = range_of(all, objectives);
    let (plots, height) = frame::panels(panels.len(), top + legend, PANEL);
    for (panel, plot) in panels.iter().zip(plots) {
        let x = Axis::logarithmic(low, high, plot.left, plot.right, zero);
        draw_panel(&mut canvas, plot, &x, panel, data.quantity);
    }
    let (caption, at) = (data.quantity.caption_of_both(), top + legend + height);
    canvas.text(caption, (frame::WIDTH / 2.0, at + 16.0), frame::SMALL, frame::INK, Anchor::Middle);
    canvas
}

fn draw_panel(canvas: &mut Canvas, plot: Plot, x: &Axis, panel: &Panel, quantity: Quantity) {
    let left = plot.left - 40.0;
    let seen = format!("{} incident{}", say::count(panel.incidents), if panel.incidents == 1 { "" } else { "s" });
    let room = plot.right - left;
    let name = fitted(&panel.title, 14.0, true, room);
    let (at, anchor) = ((left, plot.top - 46.0), Anchor::Start);
    canvas.add(Mark::Text(Text { text: name, at, size: 14.0, bold: true, colour: frame::INK, anchor }));
    let said = panel.objective.map_or(seen.clone(), |objective| {
        let time = format!("{} {}", quantity.objective(), say::duration(objective));
        let said = |who| format!("{seen}; {time} met in {}: {who}", say::percent(panel.attainment));
        let names = said(panel.met(objective));
        if text_width(&names, 12.0, false) <= room { names } else { said(panel.met_by(objective)) }
    });
    let said = fitted(&said, 12.0, false, room);
    canvas.text(&said, (left, plot.top - 27.0), 12.0, frame::FAINT, Anchor::Start);
    axes(canvas, plot, x, &[1.0, 0.5, 0.0], panel.objective.map(|_| panel.attainment));
    if let Some(objective) = panel.objective {
        let at = x.at(objective);
        let points = vec![(at, plot.top - 8.0), (at, plot.bottom)];
        canvas.add(Mark::Line { points, width: 1.6, colour: frame::INK, dash: &[5.0, 4.0] });
    }
    panel.curves.iter().for_each(|curve| draw(canvas, plot, x, curve, 2.0));
}

impl Panel {
    fn valid(&self) -> Panel {
        Panel { curves: self.curves.iter().map(valid).collect(), ..self.clone() }
    }

    fn meeting(&self, objective: f64) -> impl Iterator<Item = &Curve> {
        self.curves.iter().filter(move |curve| !curve.steps.is_empty() && curve.meets(objective, self.attainment))
    }

    /// Who is shown to meet the objective.
    fn met(&self, objective: f64) -> String {
        let seen = self.curves.iter().filter(|curve| !curve.steps.is_empty());
        let name = |curve: &Curve| curve.series.title.clone();
        let (met, missed): (Vec<&Curve>, Vec<&Curve>) = seen.partition(|curve| curve.meets(objective, self.attainment));
        let names = |curves: &[&Curve]| curves.iter().copied().map(name).collect::<Vec<_>>().join(" and ");
        match (met.len(), missed.len()) {
            (0, _) => "no strategy".into(),
            (_, 0) => "every strategy".into(),
            (1 | 2, _) => format!("only {}", names(&met)),
            (_, 1 | 2) => format!("all but {}", names(&missed)),
            _ => self.met_by(objective),
        }
    }

    /// The same as a number.
    fn met_by(&self, objective: f64) -> String {
        let seen = self.curves.iter().filter(|curve| !curve.steps.is_empty()).count();
        format!("{} of {seen} strategies", self.meeting(objective).count())
    }
}

/// Grid, ticks and baseline of a distribution function, and the share that is required.
fn axes(canvas: &mut Canvas, plot: Plot, x: &Axis, shares: &[f64], required: Option<f64>) {
    let y = Axis::linear(0.0, 1.0, plot.bottom, plot.top);
    let ticks: Vec<(f64, String)> = time_ticks(x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    frame::horizontal_ticks(canvas, plot, &ticks);
    let shares = required.into_iter().chain(shares.iter().copied());
    let ticks: Vec<(f64, String)> = shares.map(|share| (y.at(share), say::percent(share))).collect();
    frame::vertical_ticks(canvas, plot, &ticks);
    if let Some(required) = required {
        let points = vec![(plot.left, y.at(required)), (plot.right, y.at(required))];
        canvas.add(Mark::Line { points, width: 1.2, colour: frame::FAINT, dash: &[2.0, 3.0] });
    }
    frame::baseline(canvas, plot, x);
}

/// A curve with its shape where a tenth, a half, three quarters and 95% of the incidents are over.
fn draw(canvas: &mut Canvas, plot: Plot, x: &Axis, curve: &Curve, width: f64) {
    let y = Axis::linear(0.0, 1.0, plot.bottom, plot.top);
    let Some((first, _)) = curve.steps.iter().find(|(_, share)| *share > 0.0) else { return };
    let mut points = vec![(x.at(*first), y.at(0.0))];
    points.extend(curve.steps.iter().filter(|(_, share)| *share > 0.0).map(|(t, share)| (x.at(*t), y.at(*share))));
    points.push((x.end(), y.at(1.0 - curve.never())));
    let points = steps(&thinned(points));
    canvas.add(Mark::Line { points, width, colour: colour(&curve.series), dash: dash(&curve.series) });
    for share in [0.1, 0.5, 0.75, 0.95].into_iter().filter(|share| curve.quantile(*share).is_finite()) {
        symbol(canvas, &curve.series, (x.at(curve.quantile(share)), y.at(share)), width + 1.4);
    }
}

/// Which strategy meets its objective under the most hazards.
fn title_by_hazard(panels: &[Panel], quantity: Quantity) -> String {
    let objective = quantity.objective();
    let judged: Vec<(&Panel, f64)> = panels.iter().filter_map(|panel| Some((panel, panel.objective?))).collect();
    let count = |series: &Series| {
        judged.iter().filter(|(panel, o)| panel.meeting(*o).any(|curve| curve.series == *series)).count()
    };
    let series = panels.iter().flat_map(|panel| panel.curves.iter().map(|curve| &curve.series));
    let Some(most) = series.clone().map(count).max().filter(|_| !judged.is_empty()) else {
        return format!("{} hazard by hazard", quantity.noun());
    };
    let mut best: Vec<&Series> = Vec::new();
    series.filter(|series| count(series) == most).for_each(|series| {
        if !best.contains(&series) {
            best.push(series);
        }
    });
    let (n, one) = (judged.len(), judged.len() == 1);
    let (hazards, more) = match most == n {
        true if one => ("under the one hazard that struck".to_string(), ""),
        true => (format!("under each of {n} hazards"), ""),
        false => (format!("under {most} of {n} hazards"), ", none under more"),
    };
    match &best[..] {
        _ if most == 0 => format!("No strategy meets the {objective} under any hazard"),
        [only] => format!("Only {} meets the {objective} {hazards}{more}", only.title),
        several => format!("{} strategies meet the {objective} {hazards}{more}", several.len()),
    }
}

impl Quantity {
    pub(super) fn objective(self) -> &'static str {
        match self {
            Quantity::RecoveryTime => "RTO",
            Quantity::DataLoss => "RPO",
        }
    }

    pub(super) fn caption(self) -> &'static str {
        match self {
            Quantity::RecoveryTime => {
                "Achieved recovery time, from the disruption to the service restored (logarithmic)"
            }
            Quantity::DataLoss => "Achieved data loss, from the recovery point to the disruption (logarithmic)",
        }
    }

    fn caption_of_both(self) -> &'static str {
        match self {
            Quantity::RecoveryTime => "Share of incidents (up) that were recovered within a time (across, logarithmic)",
            Quantity::DataLoss => "Share of incidents (up) that lost at most so much of the data (across, logarithmic)",
        }
    }

    fn share_caption(self) -> &'static str {
        match self {
            Quantity::RecoveryTime => "Share of incidents recovered within the time",
            Quantity::DataLoss => "Share of incidents that lost at most that much",
        }
    }

    pub(super) fn noun(self) -> &'static str {
        match self {
            Quantity::RecoveryTime => "Recovery time",
            Quantity::DataLoss => "Data loss",
        }
    }
}

/// The curve with what cannot be drawn left out; a curve must not fall.
fn valid(curve: &Curve) -> Curve {
    let mut steps: Vec<(f64, f64)> = Vec::with_capacity(curve.steps.len());
    for &(time, share) in &curve.steps {
        let (last_time, last_share) = steps.last().copied().unwrap_or((0.0, 0.0));
        if time.is_finite() && time >= last_time && share >= last_share && share <= 1.0 {
            steps.push((time, share));
        }
    }
    Curve { series: curve.series.clone(), steps, met: curve.met, p95: curve.p95 }
}

/// Lowest and highest positive time to show, and whether 0 is needed.
fn range(curves: &[Curve], objective: Option<f64>) -> (f64, f64, bool) {
    range_of(curves.iter(), objective.into_iter())
}

fn range_of<'a>(curves: impl Iterator<Item = &'a Curve>, objectives: impl Iterator<Item = f64>) -> (f64, f64, bool) {
    let times = curves.flat_map(|curve| curve.steps.iter().map(|(time, _)| *time));
    let times = times.chain(objectives.filter(|time| time.is_finite() && *time >= 0.0));
    let (mut low, mut high, mut zero) = (f64::INFINITY, 0.0f64, false);
    for time in times {
        zero |= time < 1e-3;
        if time >= 1e-3 {
            low = low.min(time);
            high = high.max(time);
        }
    }
    let (low, high) = if high > 0.0 { time_range(low, high) } else { time_range(1.0, 3600.0) };
    (low, high, zero)
}

/// What the chart shows, in a sentence.
fn title(curves: &[Curve], data: &Distribution) -> String {
    let shown: Vec<&Curve> = curves.iter().filter(|curve| !curve.steps.is_empty()).collect();
    let Some(best) = shown.iter().copied().reduce(|best, other| {
        let key = |curve: &Curve| data.objective.map_or(-curve.quantile(0.95), |o| curve.meeting(o));
        if key(other) > key(best) { other } else { best }
    }) else {
        return format!("{}: no incident ended", data.quantity.noun());
    };
    let Some(objective) = data.objective else {
        let p95 = say::duration(best.quantile(0.95));
        return format!("{} by strategy: {} has the lowest p95, {p95}", data.quantity.noun(), best.series.title);
    };
    let share = |curve: &Curve| curve.meeting(objective);
    let time = format!("the {} of {}", data.quantity.objective(), say::duration(objective));
    let required = say::percent(data.attainment);
    let meets = |curve: &Curve| curve.meets(objective, data.attainment);
    let meeting: Vec<&Curve> = shown.iter().copied().filter(|curve| meets(curve)).collect();
    match meeting.len() {
        _ if shown.len() == 1 => {
            format!("{} meets {time} in {} of incidents", best.series.title, say::percent(share(best)))
        }
        0 if share(best) >= data.attainment => {
            let share = say::percent(share(best));
            format!(
                "{} may meet {time} in {required} of incidents ({share}), too few were seen to tell",
                best.series.title
            )
        }
        0 => {
            let closest = format!("{} comes closest with {}", best.series.title, say::percent(share(best)));
            format!("No strategy meets {time} in {required} of incidents; {closest}")
        }
        1 => format!(
            "Only {} meets {time} in {required} of incidents: in {}",
            best.series.title,
            say::percent(share(best))
        ),
        n if n == shown.len() => format!("All {n} strategies meet {time} in at least {required} of incidents"),
        n if n + 1 == shown.len() => {
            let missing = shown.iter().find(|curve| !meets(curve));
            let missing = missing.map_or("", |curve| curve.series.title.as_str());
            format!("All but {missing} meet {time} in at least {required} of incidents")
        }
        n => format!("{n} of {} strategies meet {time} in at least {required} of incidents", shown.len()),
    }
}

/// Key figures of a curve.
fn remark(curve: &Curve, data: &Distribution) -> String {
    if curve.steps.is_empty() && curve.never() >= 1.0 {
        return "no finite value".into();
    }
    let said = |time: f64| match data.quantity {
        Quantity::DataLoss if time.is_infinite() => "all".into(),
        Quantity::DataLoss | Quantity::RecoveryTime => say::duration(time),
    };
    let p95 = said(curve.p95.unwrap_or_else(|| curve.quantile(0.95)));
    let mut remark = match data.objective {
        Some(objective) => {
            let share = say::percent(curve.meeting(objective));
            format!("{share} meet their {}, p95 {p95}", data.quantity.objective())
        }
        None => format!("p50 {}, p95 {p95}", said(curve.quantile(0.5))),
    };
    if curve.never() > 1e-9 {
        let endless = match data.quantity {
            Quantity::RecoveryTime => "never",
            Quantity::DataLoss => "lost all",
        };
        remark = format!("{remark}, {} {endless}", say::percent(curve.never()));
    }
    remark
}
