//! Quantiles with their intervals: how bad it gets (the upper strip: risk), and how sure we are of that (the brackets below
//! it: error), kept apart, after the MORE plot of B. L. Nelson ("The MORE Plot: Displaying Measures of Risk & Error from
//! Simulation Output", 2008).

use super::axis::{Axis, time_range, time_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted};
use super::cost::positive_range;
use super::frame::{self, Heading, Plot, Room, colour, frame, marker, symbol};
use super::{Quantity, Series, say};
use crate::summary::Figure;

/// Quantiles of several strategies.
#[derive(Clone, Debug)]
pub struct Quantiles {
    /// What they are of.
    pub quantity: Quantity,
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy.
    pub rows: Vec<QuantileRow>,
    /// Seconds.
    pub objective: Option<f64>,
}

/// Quantiles of one strategy.
#[derive(Clone, Debug)]
pub struct QuantileRow {
    /// Whose.
    pub series: Series,
    /// At [`SHARES`], seconds, perhaps infinite; `None` where the incidents are too few.
    pub values: [Option<Figure>; 6],
}

/// The quantiles that are drawn.
pub const SHARES: [&str; 6] = ["p5", "p25", "p50", "p75", "p95", "p99"];
/// Those of them that are written beside the strip, with their intervals.
const WRITTEN: [usize; 3] = [2, 4, 5];

/// Height of a strategy's strip with its intervals.
const LINE: f64 = 52.0;
/// Width of a column of figures.
const COLUMN: f64 = 136.0;

/// Draws quantiles with their intervals.
pub fn quantiles(data: &Quantiles) -> Canvas {
    let height = (LINE * data.rows.len() as f64).max(80.0);
    let title = title(data);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let (mut canvas, plot) =
        frame(heading, height, Room { left: 190.0, right: COLUMN * 3.0, above: 44.0, below: 20.0 });
    let figures = data.rows.iter().flat_map(|row| row.values.iter().flatten());
    let ends = figures.flat_map(|figure| [Some(figure.value), figure.ci_low, figure.ci_high]).flatten();
    let ends = ends.chain(data.objective).filter(|t| t.is_finite()).map(|t| if t < 1e-3 { 0.0 } else { t });
    let (low, high, zero) = positive_range(ends);
    let (low, high) = time_range(low.max(1e-3), high.max(2e-3));
    let x = Axis::logarithmic(low, high, plot.left, plot.right - 10.0, zero);
    let ticks: Vec<_> = time_ticks(&x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);
    if let Some(objective) = data.objective {
        let label = format!("{} {}", data.quantity.objective(), say::duration(objective));
        marker(&mut canvas, plot, x.at(objective), &label);
    }
    for (k, index) in WRITTEN.into_iter().enumerate() {
        let at = (column(plot, k), plot.top - 18.0);
        let (text, size, anchor) = (SHARES[index].to_string(), frame::SMALL, Anchor::Middle);
        canvas.add(Mark::Text(Text { text, at, size, bold: true, colour: frame::INK, anchor }));
    }
    for (k, row) in data.rows.iter().enumerate() {
        let top = plot.top + LINE * k as f64;
        draw(&mut canvas, plot, &x, row, top);
        if k > 0 {
            canvas.line(&[(plot.left - 190.0, top), (frame::WIDTH - 28.0, top)], 1.0, frame::GRID);
        }
    }
    frame::horizontal_caption(&mut canvas, plot, data.quantity.caption());
    let how = "Strip: 5% to 95% of incidents, dark 25% to 75%, shape p50, line to p99. Brackets below: 95% intervals of p50, p95, p99";
    canvas.text(how, (28.0, plot.bottom + 70.0), 12.0, frame::FAINT, Anchor::Start);
    canvas
}

fn column(plot: Plot, k: usize) -> f64 {
    plot.right + 18.0 + COLUMN * (k as f64 + 0.5)
}

fn draw(canvas: &mut Canvas, plot: Plot, x: &Axis, row: &QuantileRow, top: f64) {
    let middle = top + LINE / 2.0;
    frame::name(canvas, &row.series.title, (plot.left - 10.0, middle), 180.0, Anchor::End);
    let place = |t: f64| if t.is_finite() { x.at(t) } else { plot.right };
    let (strip, shade) = (top + 19.0, colour(&row.series));
    let [p5, p25, p50, p75, p95, p99] = row.values.map(|figure| figure.map(|figure| place(figure.value)));
    let mut span = |from: Option<f64>, to: Option<f64>, width: f64, colour| {
        if let (Some(from), Some(to)) = (from, to) {
            canvas.line(&[(from, strip), (to.max(from + 1.0), strip)], width, colour);
        }
    };
    span(p95, p99, 2.0, shade);
    span(p5, p95, 12.0, lighter(shade));
    span(p25, p75, 12.0, shade);
    if let Some(end) = p99 {
        canvas.line(&[(end, strip - 6.0), (end, strip + 6.0)], 2.0, shade);
    }
    if let Some(median) = p50 {
        symbol(canvas, &row.series, (median, strip), 5.0);
    }
    for (k, figure) in WRITTEN.into_iter().map(|index| row.values[index]).enumerate() {
        let at = (column(plot, k), middle - 8.0);
        let Some(figure) = figure else {
            canvas.text("too few", at, frame::SMALL, frame::FAINT, Anchor::Middle);
            continue;
        };
        let said = |t: f64| if t.is_finite() { say::duration(t) } else { "infinite".into() };
        canvas.text(&said(figure.value), at, frame::SMALL, frame::INK, Anchor::Middle);
        if let (Some(low), Some(high)) = (figure.ci_low, figure.ci_high) {
            bracket(canvas, (place(low), place(high)), strip + 15.0);
            let interval = fitted(&format!("{} to {}", said(low), said(high)), 10.0, false, COLUMN - 4.0);
            canvas.text(&interval, (at.0, middle + 9.0), 10.0, frame::FAINT, Anchor::Middle);
        }
    }
}

/// An interval: a line with its ends turned up.
fn bracket(canvas: &mut Canvas, (from, to): (f64, f64), y: f64) {
    if to - from < 4.0 {
        return canvas.line(&[((from + to) / 2.0, y - 4.0), ((from + to) / 2.0, y + 2.0)], 2.0, frame::INK);
    }
    canvas.line(&[(from, y - 4.0), (from, y), (to, y), (to, y - 4.0)], 1.6, frame::INK);
}

/// Most of the way to white.
fn lighter((r, g, b): (u8, u8, u8)) -> (u8, u8, u8) {
    let most = |c: u8| 180 + (f64::from(c) * 0.29) as u8;
    (most(r), most(g), most(b))
}

/// The p95 is what objectives are held against.
fn title(data: &Quantiles) -> String {
    let p95 = |row: &QuantileRow| row.values[4].map(|figure| figure.value);
    let noun = data.quantity.noun().to_lowercase();
    let shown = data.rows.iter().filter_map(|row| Some((row, p95(row)?)));
    let Some((best, least)) = shown.clone().min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return format!("{}: too few incidents to speak of its p95", data.quantity.noun());
    };
    let (count, title) = (shown.clone().count(), &best.series.title);
    if least.is_infinite() {
        return format!("The p95 of the {noun} is infinite with every strategy");
    }
    let least = say::duration(least);
    let Some(objective) = data.objective else {
        let which = if count > 1 { "least with" } else { "that of" };
        return format!("The p95 of the {noun} is {which} {title}: {least}");
    };
    let within = shown.filter(|(_, value)| *value <= objective).count();
    let objective = format!("the {} of {}", data.quantity.objective(), say::duration(objective));
    match within {
        0 => format!("No strategy has its p95 within {objective}; {title} comes closest: {least}"),
        n if n == count && n > 1 => {
            format!("All {n} strategies have their p95 within {objective}; the least is {least}")
        }
        1 if count > 1 => format!("Only {title} has its p95 within {objective}: {least}"),
        1 => format!("{title} has its p95 within {objective}: {least}"),
        n => format!("{n} of {count} strategies have their p95 within {objective}; the least, {title}: {least}"),
    }
}
