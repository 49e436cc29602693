//! Cost a year of each strategy against the cost of downtime, with the prices at which another becomes cheapest.

use super::axis::{Axis, decade_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text};
use super::frame::{self, Entry, colour, dash, frame, legend, legend_height, legend_width, marker, spread};
use super::{Series, say};

/// Cost curves of several strategies.
#[derive(Clone, Debug)]
pub struct CostCurves {
    /// Shown with every amount.
    pub currency: String,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy, all over the same prices.
    pub curves: Vec<CostCurve>,
    /// The scenario's own cost of downtime an hour.
    pub own: Option<f64>,
}

/// Cost a year of one strategy over the cost of downtime.
#[derive(Clone, Debug)]
pub struct CostCurve {
    /// Whose.
    pub series: Series,
    /// By ascending price.
    pub points: Vec<CostPoint>,
}

/// Cost a year at one cost of downtime.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CostPoint {
    /// Cost of downtime an hour.
    pub downtime_per_hour: f64,
    /// Mean over years.
    pub mean: f64,
    /// 5th percentile over years.
    pub p5: f64,
    /// 95th percentile over years.
    pub p95: f64,
}

/// A price from which on another strategy is cheapest.
struct Crossing<'a> {
    price: f64,
    cost: f64,
    cheapest: &'a Series,
}

/// Draws cost curves.
pub fn cost_curves(data: &CostCurves) -> Canvas {
    let data = &CostCurves { curves: data.curves.iter().map(valid).collect(), ..data.clone() };
    let crossings = crossings(&data.curves);
    let mut entries: Vec<Entry> = data
        .curves
        .iter()
        .map(|curve| Entry { series: &curve.series, remark: remark(curve, data, &crossings), wanted: 0.0 })
        .collect();
    let panel = legend_width(&entries);
    let height = legend_height(entries.len()).max(360.0);
    let (mut canvas, plot) = frame(&title(data, &crossings), &data.subtitle, 62.0, panel, height);

    let prices = data.curves.iter().flat_map(|c| c.points.iter().map(|p| p.downtime_per_hour)).chain(data.own);
    let (low, high, _) = positive_range(prices);
    let x = Axis::logarithmic(low, high, plot.left, plot.right, false);
    let costs = data.curves.iter().flat_map(|c| c.points.iter().flat_map(|p| [p.mean, p.p95]));
    let (low, high, _) = positive_range(costs);
    let low = low.max(high * 1e-4);
    let y = Axis::logarithmic(low, high, plot.bottom, plot.top, false);
    let tick = |axis: &Axis, value: f64| (axis.at(value), say::money(value));
    let ticks: Vec<_> = decade_ticks(&x).into_iter().map(|price| tick(&x, price)).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    let ticks: Vec<_> = decade_ticks(&y).into_iter().map(|cost| tick(&y, cost)).collect();
    frame::vertical_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);

    for curve in &data.curves {
        let band = curve.points.iter().map(|p| (x.at(p.downtime_per_hour), y.at(p.p95)));
        let back = curve.points.iter().rev().map(|p| (x.at(p.downtime_per_hour), y.at(p.p5)));
        let points = band.chain(back).collect();
        canvas.add(Mark::Area { points, colour: colour(&curve.series), opacity: 0.10 });
    }
    for (curve, entry) in data.curves.iter().zip(&mut entries) {
        let points: Vec<_> = curve.points.iter().map(|p| (x.at(p.downtime_per_hour), y.at(p.mean))).collect();
        entry.wanted = points.last().map_or(plot.top, |(_, y)| *y) + 9.0;
        canvas.add(Mark::Line { points, width: 2.6, colour: colour(&curve.series), dash: dash(&curve.series) });
    }
    if let Some(own) = data.own.filter(|own| x.shows(*own)) {
        marker(&mut canvas, plot, x.at(own), &format!("scenario: {}", say::money(own)));
    }
    mark_crossings(&mut canvas, plot, &crossings, &x, &y);
    legend(&mut canvas, plot, &entries, panel);
    let caption = format!(
        "Mean cost a year, {} (logarithmic); bands: 5% to 95% of years; dots: another becomes the cheapest",
        data.currency
    );
    frame::vertical_caption(&mut canvas, plot, &caption);
    let caption = format!("Cost of downtime, {} an hour (logarithmic)", data.currency);
    frame::horizontal_caption(&mut canvas, plot, &caption);
    canvas
}

/// A numbered dot at each crossing; the prices stand in a row inside the plot, above the axis.
fn mark_crossings(canvas: &mut Canvas, plot: frame::Plot, crossings: &[Crossing], x: &Axis, y: &Axis) {
    let labels: Vec<String> = crossings.iter().map(|crossing| say::money(crossing.price)).collect();
    let width = |label: &String| super::canvas::text_width(label, frame::SMALL, true) + 10.0;
    let widest = labels.iter().map(width).fold(0.0, f64::max);
    let wanted: Vec<f64> = crossings.iter().map(|crossing| x.at(crossing.price)).collect();
    let places = spread(&wanted, widest, plot.left + widest / 2.0 + 2.0, plot.right - widest / 2.0 - 2.0);
    for ((crossing, label), place) in crossings.iter().zip(labels).zip(places) {
        let at = (x.at(crossing.price), y.at(crossing.cost));
        let foot = (at.0, plot.bottom - 24.0);
        canvas.add(Mark::Line { points: vec![at, foot], width: 1.0, colour: frame::FAINT, dash: &[2.0, 3.0] });
        canvas.add(Mark::Dot { at, radius: 6.0, colour: (255, 255, 255) });
        canvas.add(Mark::Dot { at, radius: 4.5, colour: frame::INK });
        let at = (place, plot.bottom - 13.0);
        let (size, colour) = (frame::SMALL, frame::INK);
        let half = width(&label) / 2.0;
        let corners = [(-half, -8.0), (half, -8.0), (half, 8.0), (-half, 8.0)];
        let points = corners.into_iter().map(|(dx, dy)| (at.0 + dx, at.1 + dy)).collect();
        canvas.add(Mark::Area { points, colour: (255, 255, 255), opacity: 1.0 });
        canvas.add(Mark::Text(Text { text: label, at, size, bold: true, colour, anchor: Anchor::Middle }));
    }
}

/// The curve with what cannot be drawn left out.
fn valid(curve: &CostCurve) -> CostCurve {
    let mut points: Vec<CostPoint> = Vec::with_capacity(curve.points.len());
    for point in &curve.points {
        let after = points.last().is_none_or(|last| point.downtime_per_hour > last.downtime_per_hour);
        let finite = [point.downtime_per_hour, point.mean, point.p5, point.p95].iter().all(|v| v.is_finite());
        if after && finite && point.downtime_per_hour > 0.0 {
            points.push(*point);
        }
    }
    CostCurve { series: curve.series.clone(), points }
}

/// Lowest and highest positive value, widened to a decade where there is but one, and whether a 0 is among them.
pub(super) fn positive_range(values: impl Iterator<Item = f64>) -> (f64, f64, bool) {
    let (mut low, mut high, mut zero) = (f64::INFINITY, 0.0f64, false);
    for value in values.filter(|value| value.is_finite()) {
        zero |= value <= 0.0;
        if value > 0.0 {
            low = low.min(value);
            high = high.max(value);
        }
    }
    if high <= 0.0 {
        (1.0, 10.0, zero)
    } else if high < low * 1.5 {
        (low / 3.0, high * 3.0, zero)
    } else {
        (low, high, zero)
    }
}

/// Where the cheapest strategy changes. Between two prices means are straight lines, so that the crossing is exact.
fn crossings(curves: &[CostCurve]) -> Vec<Crossing<'_>> {
    let Some(first) = curves.first() else { return Vec::new() };
    let same = |curve: &CostCurve| {
        curve.points.len() == first.points.len()
            && curve.points.iter().zip(&first.points).all(|(a, b)| a.downtime_per_hour == b.downtime_per_hour)
    };
    if !curves.iter().all(same) {
        return Vec::new();
    }
    let mut found = Vec::new();
    for k in 1..first.points.len() {
        let (from, to) = (first.points[k - 1].downtime_per_hour, first.points[k].downtime_per_hour);
        let at = |curve: &CostCurve, price: f64| {
            let share = (price - from) / (to - from);
            curve.points[k - 1].mean + share * (curve.points[k].mean - curve.points[k - 1].mean)
        };
        let cheapest = |price: f64, then: f64| {
            let key = |c: &CostCurve| (at(c, price), at(c, then));
            let better = |a: &usize, b: &usize| key(&curves[*a]).partial_cmp(&key(&curves[*b])).expect("finite");
            (0..curves.len()).min_by(better).expect("at least one curve")
        };
        let (mut price, last) = (from, cheapest(to, from));
        let mut current = cheapest(from, to);
        // At each turn the lower envelope goes over to a line that is less steep: at most one turn a curve.
        for _ in 0..curves.len() {
            if current == last {
                break;
            }
            let crossing = |other: usize| {
                let (a, b) = (&curves[current], &curves[other]);
                let (lead, end) = (at(b, from) - at(a, from), at(b, to) - at(a, to));
                (lead >= 0.0 && end < 0.0).then(|| (from + (to - from) * lead / (lead - end), other))
            };
            let turns = (0..curves.len()).filter_map(crossing).filter(|(at, _)| *at >= price);
            let Some((turn, other)) = turns
                .min_by(|a, b| (a.0, at(&curves[a.1], to)).partial_cmp(&(b.0, at(&curves[b.1], to))).expect("finite"))
            else {
                break;
            };
            found.push(Crossing { price: turn, cost: at(&curves[other], turn), cheapest: &curves[other].series });
            (price, current) = (turn, other);
        }
    }
    found
}

fn title(data: &CostCurves, crossings: &[Crossing]) -> String {
    let currency = &data.currency;
    match (cheapest_first(&data.curves), crossings) {
        (None, _) => "Cost a year: nothing to show".into(),
        (Some(only), _) if data.curves.len() == 1 => format!("What {} costs a year", only.series.title),
        (Some(start), []) => format!("{} is cheapest at every cost of downtime shown", start.series.title),
        (Some(_), [.., last]) => {
            format!(
                "Above {} {currency} an hour of downtime {} is cheapest",
                say::money(last.price),
                last.cheapest.title
            )
        }
    }
}

/// The cheapest strategy at the lowest price.
fn cheapest_first(curves: &[CostCurve]) -> Option<&CostCurve> {
    let shown = curves.iter().filter(|curve| !curve.points.is_empty());
    shown.min_by(|a, b| a.points[0].mean.total_cmp(&b.points[0].mean))
}

/// The cost at the scenario's own price, and where the strategy is the cheapest.
fn remark(curve: &CostCurve, data: &CostCurves, crossings: &[Crossing]) -> String {
    let own = data.own.and_then(|own| {
        let k = curve.points.partition_point(|p| p.downtime_per_hour < own);
        let (b, a) = (curve.points.get(k)?, curve.points.get(k.saturating_sub(1))?);
        if k == 0 {
            return (b.downtime_per_hour == own).then_some(b.mean);
        }
        let share = (own - a.downtime_per_hour) / (b.downtime_per_hour - a.downtime_per_hour);
        Some(a.mean + share * (b.mean - a.mean))
    });
    let own = own.map_or(String::new(), |mean| format!("{} {}", say::money(mean), data.currency));
    let begins = crossings.iter().position(|crossing| crossing.cheapest == &curve.series);
    let ends = match begins {
        Some(begin) => crossings.get(begin + 1),
        None => crossings.first().filter(|_| cheapest_first(&data.curves).is_some_and(|c| c.series == curve.series)),
    };
    let price = |crossing: &Crossing| say::money(crossing.price);
    let range = match (begins.map(|begin| price(&crossings[begin])), ends.map(price)) {
        (Some(from), Some(to)) => format!("cheapest {from} to {to}"),
        (Some(from), None) => format!("cheapest from {from}"),
        (None, Some(to)) => format!("cheapest to {to}"),
        (None, None) => String::new(),
    };
    [own, range].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Straight lines `fixed + slope * price` over three decades.
    fn line(index: usize, fixed: f64, slope: f64) -> CostCurve {
        let points = (0..=30).map(|k| {
            let price = 1000.0 * 10f64.powf(f64::from(k) / 10.0);
            let mean = fixed + slope * price;
            CostPoint { downtime_per_hour: price, mean, p5: fixed, p95: fixed + 3.0 * slope * price }
        });
        CostCurve { series: Series { title: format!("s{index}"), index }, points: points.collect() }
    }

    #[test]
    fn crossings_are_where_the_lines_meet() {
        let curves = [line(0, 1e4, 2.0), line(1, 5e4, 0.5), line(2, 9e4, 0.4), line(3, 1e6, 0.0)];
        let found = crossings(&curves);
        let found: Vec<(f64, usize)> = found.iter().map(|c| (c.price.round(), c.cheapest.index)).collect();
        assert_eq!(found, [(26_667.0, 1), (400_000.0, 2)]);
    }

    #[test]
    fn two_turns_within_one_step_are_both_found() {
        let curves = [line(0, 0.0, 10.0), line(1, 10_000.0, 1.0), line(2, 10_115.0, 0.9)];
        let found: Vec<usize> = crossings(&curves).iter().map(|c| c.cheapest.index).collect();
        assert_eq!(found, [1, 2]);
        assert!(crossings(&curves[..1]).is_empty());
    }
}
