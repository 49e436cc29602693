//! Achieved recovery time or data loss by strategy: distribution functions over a logarithmic time axis.

use super::axis::{Axis, time_range, time_ticks};
use super::canvas::{Canvas, Mark};
use super::frame::{self, Entry, colour, dash, frame, legend, legend_height, legend_width, marker, steps, thinned};
use super::{Series, say};

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
    /// Share of the incidents that met the objective of their own hazard, where some differ from the one drawn.
    pub met: Option<f64>,
}

impl Curve {
    /// Share of the incidents that met their objective.
    fn meeting(&self, objective: f64) -> f64 {
        self.met.unwrap_or_else(|| self.share_within(objective))
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
    let curves: Vec<Curve> = data.curves.iter().map(valid).collect();
    let mut entries: Vec<Entry> =
        curves.iter().map(|curve| Entry { series: &curve.series, remark: remark(curve, data), wanted: 0.0 }).collect();
    let panel = legend_width(&entries);
    let height = legend_height(entries.len()).max(360.0);
    let (mut canvas, plot) = frame(&title(&curves, data), &data.subtitle, 44.0, panel, height);

    let (low, high, zero) = range(&curves, data.objective);
    let x = Axis::logarithmic(low, high, plot.left, plot.right, zero);
    let y = Axis::linear(0.0, 1.0, plot.bottom, plot.top);
    let ticks: Vec<(f64, String)> = time_ticks(&x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    let required = data.objective.map(|_| data.attainment);
    let shares = required.into_iter().chain([1.0, 0.75, 0.5, 0.25, 0.0]);
    let ticks: Vec<(f64, String)> = shares.map(|share| (y.at(share), say::percent(share))).collect();
    frame::vertical_ticks(&mut canvas, plot, &ticks);
    if let (Some(required), Some(_)) = (required, data.objective) {
        let points = vec![(plot.left, y.at(required)), (plot.right, y.at(required))];
        canvas.add(Mark::Line { points, width: 1.2, colour: frame::FAINT, dash: &[2.0, 3.0] });
    }
    frame::baseline(&mut canvas, plot, &x);
    if let Some(objective) = data.objective {
        marker(
            &mut canvas,
            plot,
            x.at(objective),
            &format!("{} {}", data.quantity.objective(), say::duration(objective)),
        );
    }
    for curve in &curves {
        let Some((first, _)) = curve.steps.iter().find(|(_, share)| *share > 0.0) else { continue };
        let mut points = vec![(x.at(*first), y.at(0.0))];
        points.extend(curve.steps.iter().filter(|(_, share)| *share > 0.0).map(|(t, share)| (x.at(*t), y.at(*share))));
        points.push((x.end(), y.at(1.0 - curve.never())));
        let points = steps(&thinned(points));
        canvas.add(Mark::Line { points, width: 2.6, colour: colour(&curve.series), dash: dash(&curve.series) });
    }
    for (k, entry) in entries.iter_mut().enumerate() {
        entry.wanted = plot.top + k as f64;
    }
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
    Curve { series: curve.series.clone(), steps, met: curve.met }
}

/// Lowest and highest positive time to show, and whether 0 is needed.
fn range(curves: &[Curve], objective: Option<f64>) -> (f64, f64, bool) {
    let times = curves.iter().flat_map(|curve| curve.steps.iter().map(|(time, _)| *time));
    let times = times.chain(objective.filter(|time| time.is_finite() && *time >= 0.0));
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
    let meeting: Vec<&Curve> = shown.iter().copied().filter(|curve| share(curve) >= data.attainment).collect();
    match meeting.len() {
        _ if shown.len() == 1 => {
            format!("{} meets {time} in {} of incidents", best.series.title, say::percent(share(best)))
        }
        0 => {
            let closest = format!("{} comes closest with {}", best.series.title, say::percent(share(best)));
            format!("No strategy meets {time} in {required} of incidents; {closest}")
        }
        1 => format!("Only {} meets {time} often enough: {}", best.series.title, say::percent(share(best))),
        n if n == shown.len() => format!("All {n} strategies meet {time} in at least {required} of incidents"),
        n if n + 1 == shown.len() => {
            let missing = shown.iter().find(|curve| share(curve) < data.attainment);
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
    let figure = |share| say::duration(curve.quantile(share));
    let mut remark = match data.objective {
        Some(objective) => format!("{} meet it, p95 {}", say::percent(curve.meeting(objective)), figure(0.95)),
        None => format!("p50 {}, p95 {}", figure(0.5), figure(0.95)),
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
