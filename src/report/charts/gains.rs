//! What would shorten a bad recovery: the p95 of the recovery time, and what it would be at best without one part of the
//! critical path.

use super::axis::{Axis, time_range, time_ticks};
use super::canvas::{Anchor, Canvas, Mark, Text, fitted, text_width};
use super::cost::positive_range;
use super::frame::{self, Heading, Plot, Room, colour, frame, marker, symbol};
use super::{Series, say};

/// What several strategies could gain.
#[derive(Clone, Debug)]
pub struct Gains {
    /// What was simulated, for the line below the title.
    pub subtitle: String,
    /// One for each strategy whose p95 is known.
    pub rows: Vec<Gain>,
    /// Recovery time objective, seconds.
    pub objective: Option<f64>,
}

/// What one strategy could gain.
#[derive(Clone, Debug)]
pub struct Gain {
    /// Whose.
    pub series: Series,
    /// The p95 of the recovery time, seconds; may be infinite.
    pub p95: f64,
    /// Parts of the critical path, and the p95 without each, seconds.
    pub without: Vec<(String, f64)>,
}

/// Parts shown of each strategy: those that gain most.
const SHOWN: usize = 3;
/// What gains less than that share is not shown.
const LEAST: f64 = 0.02;
/// Height of a part, and what a strategy needs besides.
const LINE: f64 = 21.0;
const SPACE: f64 = 13.0;
/// Width of the names of strategies, and of those with the parts.
const NAMES: f64 = 180.0;
const LABELS: f64 = 470.0;

/// Draws what the p95 would be without the parts that gain most.
pub fn gains(data: &Gains) -> Canvas {
    let rows: Vec<(&Gain, Vec<&(String, f64)>)> = data.rows.iter().map(|row| (row, row.largest())).collect();
    let height_of = |row: &(&Gain, Vec<&(String, f64)>)| LINE * row.1.len().max(1) as f64 + SPACE;
    let height = rows.iter().map(height_of).sum::<f64>().max(80.0);
    let title = title(data);
    let heading = Heading { about: frame::INCIDENTS, title: &title, subtitle: &data.subtitle };
    let room = Room { left: LABELS, right: 170.0, above: 40.0, below: 20.0 };
    let (mut canvas, plot) = frame(heading, height, room);
    let times = rows.iter().flat_map(|(row, parts)| parts.iter().map(|part| part.1).chain([row.p95]));
    let times = times
        .chain(data.objective.map(|objective| objective * 0.9))
        .filter(|t| t.is_finite())
        .map(|t| if t < 1e-3 { 0.0 } else { t });
    let (low, high, zero) = positive_range(times);
    let (low, high) = time_range(low.max(1e-3), high.max(2e-3));
    let x = Axis::logarithmic(low, high, plot.left, plot.right - 10.0, zero);
    let ticks: Vec<_> = time_ticks(&x).into_iter().map(|(t, label)| (x.at(t), label)).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    frame::baseline(&mut canvas, plot, &x);
    if let Some(objective) = data.objective {
        marker(&mut canvas, plot, x.at(objective), &format!("RTO {}", say::duration(objective)));
    }
    let (text, at, anchor) = ("without".into(), (plot.left - 10.0, plot.top - 12.0), Anchor::End);
    canvas.add(Mark::Text(Text { text, at, size: 12.0, bold: true, colour: frame::FAINT, anchor }));
    let mut top = plot.top;
    for (k, row) in rows.iter().enumerate() {
        if k > 0 {
            canvas.line(&[(28.0, top), (frame::WIDTH - 28.0, top)], 1.0, frame::GRID);
        }
        draw(&mut canvas, plot, &x, row, top + SPACE / 2.0);
        top += height_of(row);
    }
    frame::horizontal_caption(&mut canvas, plot, "p95 of the achieved recovery time (logarithmic)");
    let how =
        "Shape: the p95. Bar: what it falls to at best, if that part took no time and nothing else became critical";
    canvas.text(how, (28.0, plot.bottom + 70.0), 12.0, frame::FAINT, Anchor::Start);
    canvas
}

fn draw(canvas: &mut Canvas, plot: Plot, x: &Axis, (row, parts): &(&Gain, Vec<&(String, f64)>), top: f64) {
    let place = |t: f64| if t.is_finite() { x.at(t) } else { plot.right };
    let (start, shade) = (place(row.p95), colour(&row.series));
    frame::name(canvas, &row.series.title, (28.0, top + LINE / 2.0), NAMES, Anchor::Start);
    let said = format!("p95 {}", say::duration(row.p95));
    let beside = (plot.right + 14.0, top + LINE / 2.0);
    if parts.is_empty() {
        symbol(canvas, &row.series, (start, top + LINE / 2.0), 5.0);
        canvas.text("no single part", (plot.left - 10.0, beside.1), 12.0, frame::FAINT, Anchor::End);
        canvas.text(&said, beside, 12.0, frame::INK, Anchor::Start);
    }
    for (k, (part, seconds)) in parts.iter().enumerate() {
        let y = top + LINE * (k as f64 + 0.5);
        let label = fitted(part, 12.0, false, LABELS - NAMES - 20.0);
        canvas.text(&label, (plot.left - 10.0, y), 12.0, frame::INK, Anchor::End);
        let end = place(*seconds);
        canvas.add(Mark::Line { points: vec![(end, y), (start, y)], width: 7.0, colour: shade, dash: &[] });
        canvas.line(&[(end, y - 7.0), (end, y + 7.0)], 2.0, shade);
        symbol(canvas, &row.series, (start, y), 5.0);
        let change = format!("{} to {}", say::duration(row.p95), say::duration(*seconds));
        let change = if text_width(&change, 12.0, false) > 172.0 { say::duration(*seconds) } else { change };
        canvas.text(&change, (beside.0, y), 12.0, frame::INK, Anchor::Start);
    }
}

impl Gain {
    /// The parts that gain most.
    fn largest(&self) -> Vec<&(String, f64)> {
        let counts = |part: &&(String, f64)| part.1 >= 0.0 && part.1 < self.p95 * (1.0 - LEAST);
        let mut parts: Vec<&(String, f64)> = self.without.iter().filter(counts).collect();
        parts.sort_by(|a, b| a.1.total_cmp(&b.1));
        parts.truncate(SHOWN);
        parts
    }
}

/// The part that would bring most strategies within the objective, or else gains most.
fn title(data: &Gains) -> String {
    let gained = data.rows.iter().filter_map(|row| row.largest().first().map(|part| (row, *part)));
    let largest = gained.min_by(|a, b| (a.1.1 / a.0.p95).total_cmp(&(b.1.1 / b.0.p95)));
    let Some((row, (part, seconds))) = largest else {
        return "No single part of the critical path decides the p95 of the recovery time".into();
    };
    let within = |objective: f64, part: &str| {
        let there = |row: &&Gain| row.without.iter().any(|other| other.0 == part && other.1 <= objective);
        data.rows.iter().filter(|row| row.p95 > objective).filter(there).count()
    };
    let parts = data.rows.iter().flat_map(|row| row.without.iter().map(|part| part.0.as_str()));
    let decides = data.objective.and_then(|objective| {
        let (count, part) = parts.map(|part| (within(objective, part), part)).max_by_key(|part| part.0)?;
        (count > 0).then_some((objective, count, part))
    });
    match decides {
        Some((objective, count, part)) => {
            let objective = say::duration(objective);
            match count {
                1 => format!("Without {part}, 1 more strategy could have its p95 within the RTO of {objective}"),
                n => format!("Without {part}, {n} more strategies could have their p95 within the RTO of {objective}"),
            }
        }
        None => {
            let (from, to) = (say::duration(row.p95), say::duration(*seconds));
            format!("Without {part} the p95 of {} would fall from {from} to {to} at best", row.series.title)
        }
    }
}
