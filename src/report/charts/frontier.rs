//! The frontier: cost a year against achieved recovery time; strategies that another beats in both are grey.

use super::axis::{Axis, decade_ticks, time_range, time_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted, text_width};
use super::cost::positive_range;
use super::frame::{self, Heading, Room, colour, frame, marker, steps, symbol_in};
use super::{Series, say};

/// Strategies by cost and recovery time.
#[derive(Clone, Debug)]
pub struct Frontier {
    /// Shown with every amount.
    pub currency: String,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy.
    pub points: Vec<FrontierPoint>,
    /// Recovery time objective, seconds.
    pub objective: Option<f64>,
}

/// A strategy by cost and recovery time.
#[derive(Clone, Debug)]
pub struct FrontierPoint {
    /// Whose.
    pub series: Series,
    /// 95th percentile of the achieved recovery time, seconds; may be infinite.
    pub rto_p95: f64,
    /// Mean cost a year.
    pub cost: f64,
}

/// It holds the one against the other.
const ABOUT: &str = "What a year costs, against recovery when a hazard strikes";

/// Draws the frontier.
pub fn frontier(data: &Frontier) -> Canvas {
    let valid = |p: &&FrontierPoint| p.cost.is_finite() && p.rto_p95 >= 0.0;
    let points: Vec<&FrontierPoint> = data.points.iter().filter(valid).collect();
    let dominated: Vec<bool> = points.iter().map(|p| points.iter().any(|other| beats(other, p))).collect();
    let title = title(&points, &dominated, data);
    let heading = Heading { about: ABOUT, title: &title, subtitle: &data.subtitle };
    let (mut canvas, plot) = frame(heading, 400.0, Room { left: 62.0, right: 0.0, above: frame::CAPTIONS, below: 0.0 });

    let times = points.iter().map(|p| p.rto_p95).chain(data.objective).filter(|t| t.is_finite());
    let (low, high, zero) = positive_range(times.map(|t| if t < 1e-3 { 0.0 } else { t }));
    let (low, high) = time_range(low.max(1e-3), high.max(2e-3));
    let never = points.iter().any(|p| p.rto_p95.is_infinite());
    let x = Axis::logarithmic(low, high, plot.left, plot.right - if never { 90.0 } else { 0.0 }, zero);
    let (low, high, free) = positive_range(points.iter().map(|p| p.cost));
    let y = Axis::logarithmic(low / 1.6, high * 1.6, plot.bottom, plot.top, free);
    let mut ticks: Vec<_> = time_ticks(&x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    if never {
        ticks.push((plot.right, "never".into()));
    }
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    let costs = decade_ticks(&y).into_iter().map(|cost| (y.at(cost), say::money(cost)));
    let ticks: Vec<_> = costs.chain(free.then(|| (y.start(), "0".into()))).collect();
    frame::vertical_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);
    if let Some(objective) = data.objective {
        marker(&mut canvas, plot, x.at(objective), &format!("RTO {}", say::duration(objective)));
    }

    let at = |p: &FrontierPoint| (if p.rto_p95.is_finite() { x.at(p.rto_p95) } else { plot.right }, y.at(p.cost));
    let mut line: Vec<(f64, f64)> = points.iter().zip(&dominated).filter(|(_, d)| !**d).map(|(p, _)| at(p)).collect();
    line.sort_by(|a, b| a.partial_cmp(b).expect("finite"));
    canvas.add(Mark::Line { points: steps(&line), width: 1.4, colour: frame::GREY, dash: &[5.0, 4.0] });
    let places: Vec<(f64, f64)> = points.iter().map(|p| at(p)).collect();
    for ((point, place), dominated) in points.iter().zip(&places).zip(&dominated) {
        let colour = if *dominated { frame::GREY } else { colour(&point.series) };
        symbol_in(&mut canvas, &point.series, *place, 7.0, colour);
    }
    let line = data.objective.map(|objective| x.at(objective));
    label(&mut canvas, plot, &points, &places, &dominated, line);
    frame::vertical_caption(&mut canvas, plot, &format!("Mean cost a year, {} (logarithmic)", data.currency));
    let caption = "Achieved recovery time, p95 of incidents (logarithmic); grey: another strategy is better in both";
    frame::horizontal_caption(&mut canvas, plot, caption);
    canvas
}

/// Whether `a` is at least as good as `b` in both, and better in one.
fn beats(a: &FrontierPoint, b: &FrontierPoint) -> bool {
    a.rto_p95 <= b.rto_p95 && a.cost <= b.cost && (a.rto_p95 < b.rto_p95 || a.cost < b.cost)
}

/// A left, top, right and bottom.
type Box = [f64; 4];

/// Writes each name beside its point, at the first of several places where it covers neither point nor name.
fn label(
    canvas: &mut Canvas,
    plot: frame::Plot,
    points: &[&FrontierPoint],
    places: &[(f64, f64)],
    grey: &[bool],
    line: Option<f64>,
) {
    const SIZE: f64 = 14.0;
    let dot = |(x, y): &(f64, f64)| [x - 8.0, y - 8.0, x + 8.0, y + 8.0];
    let mut taken: Vec<Box> = places.iter().map(dot).collect();
    taken.extend(line.map(|x| [x - 3.0, plot.top, x + 3.0, plot.bottom]));
    for (k, point) in points.iter().enumerate() {
        let text = fitted(&point.series.title, SIZE, true, 340.0);
        let width = text_width(&text, SIZE, true);
        let (x, y) = places[k];
        // The line of the frontier leaves a point to the right and arrives from above.
        let near = [(x + 8.0, y - 18.0), (x - 12.0 - width, y + 16.0), (x - 12.0 - width, y), (x + 12.0, y + 18.0)];
        let farther = (1..60).flat_map(|n| {
            let step = 10.0 * f64::from(n);
            [(x + 12.0, y - step), (x + 12.0, y + step), (x - 12.0 - width, y - step), (x - 12.0 - width, y + step)]
        });
        let place = |(left, middle): (f64, f64)| [left, middle - 9.0, left + width, middle + 9.0];
        let inside = |b: &Box| {
            b[0] >= plot.left + 2.0 && b[2] <= plot.right + 20.0 && b[1] >= plot.top + 2.0 && b[3] <= plot.bottom - 2.0
        };
        let free = |b: &Box| taken.iter().all(|o| b[2] <= o[0] || o[2] <= b[0] || b[3] <= o[1] || o[3] <= b[1]);
        let found = near.into_iter().chain(farther).map(place).find(|b| inside(b) && free(b));
        // With no room left the point has to speak by its colour alone.
        let Some(b) = found else { continue };
        taken.push(b);
        let middle = (b[1] + b[3]) / 2.0;
        if (middle - y).abs() > 25.0 {
            let foot = if b[0] > x { b[0] - 2.0 } else { b[2] + 2.0 };
            canvas.line(&[(x, y), (foot, middle)], 1.0, frame::GREY);
        }
        let colour = if grey[k] { frame::FAINT } else { frame::INK };
        let at = (b[0], middle);
        canvas.add(Mark::Text(Text { text, at, size: SIZE, bold: !grey[k], colour, anchor: Anchor::Start }));
    }
}

fn title(points: &[&FrontierPoint], dominated: &[bool], data: &Frontier) -> String {
    let meeting = |p: &&&FrontierPoint| data.objective.is_none_or(|objective| p.rto_p95 <= objective);
    let cheapest = points.iter().filter(meeting).min_by(|a, b| a.cost.total_cmp(&b.cost));
    let beaten = dominated.iter().filter(|d| **d).count();
    match (cheapest, data.objective) {
        _ if points.is_empty() => "Cost against recovery time: nothing to show".into(),
        (Some(p), Some(objective)) => {
            let (time, cost) = (say::duration(objective), say::money(p.cost));
            format!(
                "{} is the cheapest with its p95 within the RTO of {time}: {cost} {} a year",
                p.series.title, data.currency
            )
        }
        (None, Some(objective)) => format!("No strategy has its p95 within the RTO of {}", say::duration(objective)),
        (_, None) if beaten == 0 => "Each strategy is faster or cheaper than every other".into(),
        (_, None) if beaten == 1 => "One strategy is beaten in both cost and recovery time".into(),
        (_, None) => format!("{beaten} strategies are beaten in both cost and recovery time"),
    }
}
