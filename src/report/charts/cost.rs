//! Cost a year of each strategy against the cost of downtime, with the prices at which another becomes cheapest.

use super::axis::{Axis, decade_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted, text_width};
use super::frame::{
    self, Entry, Heading, Plot, Room, colour, dash, frame, legend, legend_height, legend_width, marker,
};
use super::frame::{spread, symbol};
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

/// Above, in and below the plot of one strategy's band.
const BAND: (f64, f64, f64) = (34.0, 96.0, 34.0);

/// Draws cost curves: the means together, and below them the years of each strategy apart.
pub fn cost_curves(data: &CostCurves) -> Canvas {
    let data = &CostCurves { curves: data.curves.iter().map(valid).collect(), ..data.clone() };
    let crossings = crossings(&data.curves);
    let mut entries: Vec<Entry> = data
        .curves
        .iter()
        .map(|curve| Entry { series: &curve.series, remark: remark(curve, data, &crossings), wanted: 0.0 })
        .collect();
    let panel = legend_width(&entries);
    let height = legend_height(entries.len()).max(330.0);
    let title = title(data, &crossings);
    let heading = Heading { about: frame::YEARS, title: &title, subtitle: &data.subtitle };
    let (_, bands) = frame::panels(data.curves.len(), 0.0, BAND);
    let (mut canvas, plot) =
        frame(heading, height, Room { left: 62.0, right: panel, above: frame::CAPTIONS, below: RIBBON + 36.0 + bands });

    let prices = data.curves.iter().flat_map(|c| c.points.iter().map(|p| p.downtime_per_hour)).chain(data.own);
    let (low, high, _) = positive_range(prices);
    let x = Axis::logarithmic(low, high, plot.left, plot.right, false);
    let means = data.curves.iter().flat_map(|c| c.points.iter().map(|p| p.mean));
    let (low, high, _) = positive_range(means);
    let y = Axis::logarithmic(low.max(high * 1e-4) / 1.15, high * 1.1, plot.bottom, plot.top, false);
    axes(&mut canvas, plot, &x, &y);
    for (k, (curve, entry)) in data.curves.iter().zip(&mut entries).enumerate() {
        let points = straight_between(curve, |point| point.mean, &x, &y);
        entry.wanted = points.last().map_or(plot.top, |(_, y)| *y) + 9.0;
        // Not all at the same prices, where they would cover each other.
        let marked =
            [1, 4, 7].map(|tenths| points.get(points.len().saturating_sub(1) * (tenths + k % 3) / 10).copied());
        let (colour, dash) = (colour(&curve.series), dash(&curve.series));
        canvas.add(Mark::Line { points, width: 2.6, colour, dash });
        marked.into_iter().flatten().for_each(|at| symbol(&mut canvas, &curve.series, at, 4.0));
    }
    if let Some(own) = data.own.filter(|own| x.shows(*own)) {
        marker(&mut canvas, plot, x.at(own), &format!("scenario: {} {}", say::money(own), data.currency));
    }
    mark_crossings(&mut canvas, &crossings, &x, &y);
    ribbon(&mut canvas, plot, data, &crossings, &x);
    legend(&mut canvas, plot, &entries, panel);
    let caption = format!("Mean cost a year, {} (logarithmic)", data.currency);
    frame::vertical_caption(&mut canvas, plot, &caption);
    let caption =
        format!("Cost of downtime, {} an hour (logarithmic); the strip says which strategy is cheapest", data.currency);
    let at = ((plot.left + plot.right) / 2.0, plot.bottom + RIBBON + 44.0);
    canvas.text(&caption, at, frame::SMALL, frame::INK, Anchor::Middle);
    if !data.curves.is_empty() {
        draw_bands(&mut canvas, plot.bottom + RIBBON + 70.0, data);
    }
    canvas
}

fn axes(canvas: &mut Canvas, plot: Plot, x: &Axis, y: &Axis) {
    let ticks = |axis: &Axis| decade_ticks(axis).into_iter().map(|v| (axis.at(v), say::money(v))).collect::<Vec<_>>();
    frame::vertical_ticks(canvas, plot, &ticks(y));
    let below = Plot { bottom: plot.bottom, ..plot };
    frame::horizontal_ticks(canvas, below, &ticks(x));
    frame::baseline(canvas, plot, x);
}

/// Into so many steps of the logarithm each stretch between two prices is divided.
const STEPS: u32 = 8;

/// Where a cost runs: between two prices it is taken to be a straight line, as the mean is, which bends as the axes are
/// logarithmic.
fn straight_between(curve: &CostCurve, cost: impl Fn(&CostPoint) -> f64, x: &Axis, y: &Axis) -> Vec<(f64, f64)> {
    let points: Vec<(f64, f64)> = curve.points.iter().map(|point| (point.downtime_per_hour, cost(point))).collect();
    let stretch = |(&from, &to): (&(f64, f64), &(f64, f64))| {
        let (ratio, slope) = (to.0 / from.0, (to.1 - from.1) / (to.0 - from.0));
        (0..STEPS).map(move |step| {
            let price = from.0 * ratio.powf(f64::from(step) / f64::from(STEPS));
            (price, from.1 + slope * (price - from.0))
        })
    };
    let within = points.iter().zip(points.iter().skip(1)).flat_map(stretch);
    within.chain(points.last().copied()).map(|(price, cost)| (x.at(price), y.at(cost))).collect()
}

/// How good and bad years are under each strategy: the band that holds 90% of them, and their mean.
fn draw_bands(canvas: &mut Canvas, top: f64, data: &CostCurves) {
    let counted = data.curves.iter().map(|curve| curve.points.len()).max().unwrap_or(0);
    let about = format!(
        "Single years: the band holds 5% to 95% of them, counted at {counted} prices; the line is their mean; all on the same axes"
    );
    canvas.text(&about, (28.0, top), frame::SMALL, frame::INK, Anchor::Start);
    let (plots, _) = frame::panels(data.curves.len(), top + 6.0, BAND);
    let prices = data.curves.iter().flat_map(|c| c.points.iter().map(|p| p.downtime_per_hour));
    let prices = positive_range(prices);
    let costs = positive_range(data.curves.iter().flat_map(|c| c.points.iter().flat_map(|p| [p.p5, p.mean, p.p95])));
    for (curve, plot) in data.curves.iter().zip(plots) {
        let plot = Plot { left: plot.left + 14.0, ..plot };
        let x = Axis::logarithmic(prices.0, prices.1, plot.left, plot.right, false);
        let y = Axis::logarithmic(costs.0.max(costs.1 * 1e-4), costs.1, plot.bottom, plot.top, false);
        let coarse = |axis: &Axis, values: Vec<f64>| {
            let whole = values.into_iter().filter(|v| (v.log10() - v.log10().round()).abs() < 1e-9);
            whole.map(|v| (axis.at(v), say::money(v))).collect::<Vec<_>>()
        };
        frame::vertical_ticks(canvas, plot, &coarse(&y, decade_ticks(&y)));
        frame::horizontal_ticks(canvas, plot, &coarse(&x, decade_ticks(&x)));
        frame::baseline(canvas, plot, &x);
        let (band, back) =
            (straight_between(curve, |point| point.p95, &x, &y), straight_between(curve, |point| point.p5, &x, &y));
        let points = band.into_iter().chain(back.into_iter().rev()).collect();
        canvas.add(Mark::Area { points, colour: colour(&curve.series), opacity: 0.25 });
        let points = straight_between(curve, |point| point.mean, &x, &y);
        canvas.add(Mark::Line { points, width: 2.2, colour: colour(&curve.series), dash: dash(&curve.series) });
        if let Some(own) = data.own.filter(|own| x.shows(*own)) {
            let points = vec![(x.at(own), plot.top), (x.at(own), plot.bottom)];
            canvas.add(Mark::Line { points, width: 1.2, colour: frame::INK, dash: &[5.0, 4.0] });
        }
        let text = fitted(&curve.series.title, frame::SMALL, true, plot.right - plot.left + 20.0);
        let (at, size, colour) = ((plot.left - 30.0, plot.top - 12.0), frame::SMALL, frame::INK);
        symbol(canvas, &curve.series, (at.0 - 12.0, at.1), 4.5);
        canvas.add(Mark::Text(Text { text, at, size, bold: true, colour, anchor: Anchor::Start }));
    }
}

/// A dot at each crossing; its price stands in the strip below the axis.
fn mark_crossings(canvas: &mut Canvas, crossings: &[Crossing], x: &Axis, y: &Axis) {
    for crossing in crossings {
        let at = (x.at(crossing.price), y.at(crossing.cost));
        canvas.add(Mark::Dot { at, radius: 6.5, colour: frame::WHITE });
        canvas.add(Mark::Dot { at, radius: 5.0, colour: frame::INK });
    }
}

/// Height of the strip and of the prices below it.
const RIBBON: f64 = 48.0;

/// A strip below the axis: which strategy is the cheapest there, and the prices at which that changes.
fn ribbon(canvas: &mut Canvas, plot: Plot, data: &CostCurves, crossings: &[Crossing], x: &Axis) {
    let Some(first) = cheapest_first(&data.curves) else { return };
    let (top, bottom) = (plot.bottom + 34.0, plot.bottom + 52.0);
    let starts = std::iter::once((plot.left, &first.series));
    let starts: Vec<(f64, &Series)> = starts.chain(crossings.iter().map(|c| (x.at(c.price), c.cheapest))).collect();
    let labels: Vec<String> = crossings.iter().map(|crossing| say::money(crossing.price)).collect();
    let width = |label: &String| text_width(label, frame::SMALL, true) + 10.0;
    let widest = labels.iter().map(width).fold(0.0, f64::max);
    let wanted: Vec<f64> = crossings.iter().map(|crossing| x.at(crossing.price)).collect();
    let places = spread(&wanted, widest, plot.left + widest / 2.0, plot.right - widest / 2.0);
    for (k, (from, series)) in starts.iter().enumerate() {
        let to = starts.get(k + 1).map_or(plot.right, |next| next.0);
        let points = vec![(*from, top), (to, top), (to, bottom), (*from, bottom)];
        canvas.add(Mark::Area { points, colour: colour(series), opacity: 1.0 });
        canvas.line(&[(to, top), (to, bottom)], 2.0, frame::WHITE);
        let text = fitted(&series.title, 12.0, true, to - from - 8.0);
        if text_width(&text, 12.0, true) <= to - from - 8.0 && (text == series.title || text.chars().count() > 6) {
            let (at, anchor) = (((from + to) / 2.0, (top + bottom) / 2.0), Anchor::Middle);
            canvas.add(Mark::Text(Text { text, at, size: 12.0, bold: true, colour: frame::WHITE, anchor }));
        }
    }
    for ((label, place), wanted) in labels.into_iter().zip(places).zip(wanted) {
        canvas.line(&[(wanted, bottom), (place, bottom + 6.0)], 1.0, frame::INK);
        let (at, size, anchor) = ((place, bottom + 15.0), frame::SMALL, Anchor::Middle);
        canvas.add(Mark::Text(Text { text: label, at, size, bold: true, colour: frame::INK, anchor }));
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

/// Who is the cheapest at the scenario's own price, and from which price on another is.
fn title(data: &CostCurves, crossings: &[Crossing]) -> String {
    let currency = &data.currency;
    let Some(start) = cheapest_first(&data.curves) else { return "Cost a year: nothing to show".into() };
    if data.curves.len() == 1 {
        return format!("What {} costs a year", start.series.title);
    }
    let Some(first) = crossings.first() else {
        return format!("{} is cheapest at every cost of downtime shown", start.series.title);
    };
    let own = data.own.unwrap_or(first.price * 0.999);
    let passed = crossings.partition_point(|crossing| crossing.price <= own);
    let now = passed.checked_sub(1).map_or(&start.series, |last| crossings[last].cheapest);
    let cheapest = format!("{} is cheapest at {} {currency} an hour of downtime", now.title, say::money(own));
    match (crossings.get(passed), passed) {
        (Some(next), _) => format!("{cheapest}, from {} on {}", say::money(next.price), next.cheapest.title),
        (None, 1) => format!("{cheapest}; below {} it is {}", say::money(first.price), start.series.title),
        (None, passed) => {
            let (last, before) = (&crossings[passed - 1], &crossings[passed - 2]);
            format!("{cheapest}; below {} it is {}", say::money(last.price), before.cheapest.title)
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

    #[test]
    fn costs_run_straight_in_the_price_through_all_their_points() {
        let x = Axis::logarithmic(1e3, 1e6, 0.0, 300.0, false);
        let y = Axis::logarithmic(1e3, 1e7, 400.0, 0.0, false);
        let curve = line(0, 2e4, 3.0);
        let drawn = straight_between(&curve, |point| point.mean, &x, &y);
        assert_eq!(drawn.len(), 30 * STEPS as usize + 1);
        for (point, at) in curve.points.iter().zip(drawn.iter().step_by(STEPS as usize)) {
            assert!((x.at(point.downtime_per_hour) - at.0).abs() < 1e-9 && (y.at(point.mean) - at.1).abs() < 1e-9);
        }
        // A straight line stays one, however few prices it is known at.
        let few = CostCurve { points: vec![curve.points[0], curve.points[30]], ..curve };
        for (step, at) in straight_between(&few, |point| point.mean, &x, &y).into_iter().enumerate() {
            let price = 1e3 * 1e3f64.powf(step as f64 / f64::from(STEPS));
            assert!((x.at(price) - at.0).abs() < 1e-9 && (y.at(2e4 + 3.0 * price) - at.1).abs() < 1e-9);
        }
    }
}
