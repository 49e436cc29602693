//! Quantiles with their intervals: how bad it gets (the dots), and how sure we are of that (the bars), kept apart.

use super::axis::{Axis, time_range, time_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted};
use super::cost::positive_range;
use super::frame::{self, colour, frame, marker};
use super::{Quantity, Series, say};

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
    /// In ascending order of their shares.
    pub values: Vec<QuantileValue>,
}

/// A quantile and its 95% interval, seconds; each may be infinite.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantileValue {
    /// `p95`.
    pub name: String,
    /// Estimate.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Height of a strategy's group, and of a quantile in it.
const LINE: f64 = 22.0;

/// Draws quantiles with their intervals.
pub fn quantiles(data: &Quantiles) -> Canvas {
    let lines = |row: &QuantileRow| row.values.len().max(1) as f64 * LINE + 14.0;
    let height: f64 = data.rows.iter().map(lines).sum::<f64>().max(80.0);
    let (mut canvas, plot) = frame(&title(data), &data.subtitle, 240.0, 150.0, height);
    let ends = data.rows.iter().flat_map(|row| row.values.iter().flat_map(|v| [v.value, v.low, v.high]));
    let ends = ends.chain(data.objective).filter(|t| t.is_finite()).map(|t| if t < 1e-3 { 0.0 } else { t });
    let (low, high, zero) = positive_range(ends);
    let (low, high) = time_range(low.max(1e-3), high.max(2e-3));
    let x = Axis::logarithmic(low, high, plot.left, plot.right, zero);
    let ticks: Vec<_> = time_ticks(&x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);
    if let Some(objective) = data.objective {
        let label = format!("{} {}", data.quantity.objective(), say::duration(objective));
        marker(&mut canvas, plot, x.at(objective), &label);
    }
    let mut top = plot.top;
    for row in &data.rows {
        let name = fitted(&row.series.title, 14.0, true, 195.0);
        let at = (plot.left - 44.0, top + lines(row) / 2.0);
        let (size, colour) = (14.0, frame::INK);
        canvas.add(Mark::Text(Text { text: name, at, size, bold: true, colour, anchor: Anchor::End }));
        for (k, value) in row.values.iter().enumerate() {
            draw(&mut canvas, plot, &x, row, value, top + 7.0 + LINE * (k as f64 + 0.5));
        }
        top += lines(row);
        if top < plot.bottom - 1.0 {
            canvas.line(&[(plot.left, top), (plot.right, top)], 1.0, frame::GRID);
        }
    }
    frame::horizontal_caption(&mut canvas, plot, data.quantity.caption());
    frame::vertical_caption(&mut canvas, plot, "Dots: quantiles of incidents; bars: 95% interval of the estimate");
    canvas
}

fn draw(canvas: &mut Canvas, plot: frame::Plot, x: &Axis, row: &QuantileRow, value: &QuantileValue, y: f64) {
    let place = |t: f64| if t.is_finite() { x.at(t) } else { plot.right };
    canvas.text(&value.name, (plot.left - 8.0, y), 12.0, frame::FAINT, Anchor::End);
    if value.value.is_nan() {
        canvas.text("too few incidents", (plot.right + 10.0, y), 12.0, frame::FAINT, Anchor::Start);
        return;
    }
    if value.low <= value.high {
        canvas.line(&[(place(value.low), y), (place(value.high), y)], 7.0, lighter(colour(&row.series)));
    }
    canvas.add(Mark::Dot { at: (place(value.value), y), radius: 4.5, colour: colour(&row.series) });
    let figure = if value.value.is_finite() { say::duration(value.value) } else { data_never() };
    canvas.text(&figure, (plot.right + 14.0, y), 12.0, frame::INK, Anchor::Start);
}

fn data_never() -> String {
    "infinite".into()
}

/// Half way to white.
fn lighter((r, g, b): (u8, u8, u8)) -> (u8, u8, u8) {
    let half = |c: u8| 128 + c / 2;
    (half(r), half(g), half(b))
}

fn title(data: &Quantiles) -> String {
    let noun = data.quantity.noun();
    let worst = |row: &QuantileRow| row.values.last().map(|v| (v.name.clone(), v.value)).filter(|v| !v.1.is_nan());
    let best = data.rows.iter().filter_map(|row| worst(row).map(|w| (row, w)));
    match best.min_by(|a, b| a.1.1.total_cmp(&b.1.1)) {
        None => format!("{noun}: too few incidents to speak of quantiles"),
        Some((row, (name, value))) if value.is_finite() => {
            let (title, time) = (&row.series.title, say::duration(value));
            let which = if data.rows.len() > 1 { "the least" } else { "the" };
            format!("{title} has {which} {name} of {}: {time}", noun.to_lowercase())
        }
        Some((_, (name, _))) => format!("{noun}: {name} is infinite with every strategy"),
    }
}
