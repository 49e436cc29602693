//! Loss exceedance: the chance that a year costs more than an amount.

use super::axis::{Axis, decade_ticks};
use super::canvas::{Anchor, Canvas, Mark};
use super::cost::positive_range;
use super::frame::thinned;
use super::frame::{
    self, Entry, Heading, Room, colour, dash, frame, legend, legend_height, legend_width, steps, symbol,
};
use super::{Series, say};

/// Exceedance curves of several strategies.
#[derive(Clone, Debug)]
pub struct Exceedance {
    /// Shown with every amount.
    pub currency: String,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// For each strategy `(cost, share of years that cost more)`, the costs ascending.
    pub curves: Vec<(Series, Vec<(f64, f64)>)>,
}

/// Less than 1 year in that many is below the axis.
const RAREST: f64 = 1e-4;

/// Draws exceedance curves.
pub fn exceedance(data: &Exceedance) -> Canvas {
    let mut curves: Vec<(&Series, Vec<(f64, f64)>)> =
        data.curves.iter().map(|(s, points)| (s, valid(points))).collect();
    let title = title(&curves, data);
    // The legend stands in the order of a bad year.
    curves.sort_by(|a, b| exceeded(&b.1, 0.1).total_cmp(&exceeded(&a.1, 0.1)));
    let mut entries: Vec<Entry> = curves
        .iter()
        .map(|(series, points)| {
            let bad = |share| say::money(exceeded(points, share));
            let remark = match points.is_empty() {
                true => "no cost".into(),
                false => format!("1 in 10: {}, 1 in 100: {}", bad(0.1), bad(0.01)),
            };
            Entry { series, remark, wanted: 0.0 }
        })
        .collect();
    for (k, entry) in entries.iter_mut().enumerate() {
        entry.wanted = k as f64;
    }
    let panel = legend_width(&entries);
    let height = legend_height(entries.len()).max(360.0);
    let heading = Heading { about: frame::YEARS, title: &title, subtitle: &data.subtitle };
    let (mut canvas, plot) = frame(heading, height, Room { left: 74.0, right: panel, above: 36.0, below: 0.0 });

    let seen = |points: &[(f64, f64)]| points.partition_point(|(_, share)| *share >= RAREST) + 1;
    let costs = curves.iter().flat_map(|(_, points)| points.iter().take(seen(points)).map(|(cost, _)| *cost));
    let (low, high, zero) = positive_range(costs);
    let low = low.max(high * 1e-6);
    let x = Axis::logarithmic(low, high, plot.left, plot.right, zero);
    let y = Axis::logarithmic(RAREST, 1.0, plot.bottom, plot.top, false);
    let zero = zero.then(|| (x.start(), "0".to_string()));
    let ticks = decade_ticks(&x).into_iter().map(|cost| (x.at(cost), say::money(cost)));
    frame::horizontal_ticks(&mut canvas, plot, &zero.into_iter().chain(ticks).collect::<Vec<_>>());
    // How often that is, as people say it.
    let often =
        [(1.0, "every year"), (0.5, "1 in 2"), (0.2, "1 in 5"), (0.1, "1 in 10"), (0.05, "1 in 20"), (0.02, "1 in 50")];
    let rare = [(0.01, "1 in 100"), (1e-3, "1 in 1,000"), (1e-4, "1 in 10,000")];
    let ticks: Vec<_> = often.into_iter().chain(rare).map(|(share, said)| (y.at(share), said.to_string())).collect();
    frame::vertical_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);
    for (series, points) in &curves {
        let mut path = vec![(x.start(), plot.top)];
        for (cost, share) in points {
            path.push((x.at(*cost), if *share < RAREST { plot.bottom } else { y.at(*share) }));
            if *share < RAREST {
                break;
            }
        }
        let path = steps(&thinned(path));
        canvas.add(Mark::Line { points: path, width: 2.6, colour: colour(series), dash: dash(series) });
        for share in [0.5, 0.2, 0.1, 0.05, 0.01, 1e-3].into_iter().filter(|_| !points.is_empty()) {
            symbol(&mut canvas, series, (x.at(exceeded(points, share)), y.at(share)), 4.0);
        }
    }
    legend(&mut canvas, plot, &entries, panel);
    let at = (28.0, plot.top - 22.0);
    canvas.text("How often a year costs more (logarithmic)", at, frame::SMALL, frame::INK, Anchor::Start);
    frame::horizontal_caption(&mut canvas, plot, &format!("Cost of a year, {} (logarithmic)", data.currency));
    canvas
}

/// The curve with what cannot be drawn left out; it must not rise.
fn valid(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    for &(cost, share) in points {
        let (last_cost, last_share) = kept.last().copied().unwrap_or((f64::NEG_INFINITY, 1.0));
        if cost.is_finite() && cost >= last_cost && share <= last_share && share >= 0.0 {
            kept.push((cost, share));
        }
    }
    kept
}

/// The least cost that at most that share of the years exceed.
fn exceeded(points: &[(f64, f64)], share: f64) -> f64 {
    let at = points.partition_point(|(_, s)| *s > share);
    points.get(at).or(points.last()).map_or(0.0, |(cost, _)| *cost)
}

fn title(curves: &[(&Series, Vec<(f64, f64)>)], data: &Exceedance) -> String {
    let shown = curves.iter().filter(|(_, points)| !points.is_empty());
    let mildest = shown.min_by(|a, b| exceeded(&a.1, 0.01).total_cmp(&exceeded(&b.1, 0.01)));
    match mildest {
        None => "Loss exceedance: nothing to show".into(),
        Some((series, points)) => {
            let (cost, currency) = (say::money(exceeded(points, 0.01)), &data.currency);
            let least = if curves.len() > 1 { format!(", the least of {}", curves.len()) } else { String::new() };
            format!("1 year in 100 costs more than {cost} {currency} with {}{least}", series.title)
        }
    }
}
