//! One incident as it went: what was down, which steps ran and what they waited for, how much was served.

use super::axis::{Axis, time_steps};
use super::canvas::{Anchor, Canvas, Colour, Mark, Text, fitted, text_width};
use super::frame::{self, Heading, Plot, Room, frame};
use super::say;

/// An incident; all times are seconds since it opened.
#[derive(Clone, Debug)]
pub struct Gantt {
    /// What the chart says.
    pub title: String,
    /// What was simulated.
    pub subtitle: String,
    /// The stretch of time shown: from, to.
    pub shown: (f64, f64),
    /// From top to bottom: what was down, then what was done.
    pub rows: Vec<Row>,
    /// `(seconds, share of the load)`, joined by straight lines.
    pub served: Vec<(f64, f64)>,
    /// Share of the load at which the service counts as restored.
    pub required: f64,
    /// When it was.
    pub restored: Option<f64>,
    /// Recovery time objective, where there is one.
    pub objective: Option<f64>,
}

/// A line of the chart.
#[derive(Clone, Debug)]
pub struct Row {
    /// Of a component or a step.
    pub name: String,
    /// Whether it is on the critical path.
    pub critical: bool,
    /// In order of time.
    pub bars: Vec<Bar>,
    /// When an attempt failed, or a backup showed to be bad.
    pub failed: Vec<f64>,
}

/// A stretch of a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// Seconds since the incident opened.
    pub from: f64,
    /// Seconds since the incident opened; may lie beyond what is shown.
    pub to: f64,
    /// What it is.
    pub kind: BarKind,
}

/// What goes on in a stretch of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BarKind {
    /// A component is down.
    Down,
    /// A step is at work.
    Work,
    /// A step stands still: something that it needs is down.
    Waits,
    /// A step's drifted configuration is being mended.
    Mends,
    /// A step waits for its next attempt, or rests while the service is being restarted where it was.
    Rests,
}

const LINE: f64 = 27.0;
const BAR: f64 = 15.0;
/// Between the rows and the curve of what is served.
const GAP: f64 = 34.0;
const SERVED: f64 = 110.0;

const DOWN: Colour = (213, 94, 0);
const WORK: Colour = (0, 114, 178);
const MENDS: Colour = (230, 159, 0);
const CURVE: Colour = (0, 130, 95);

/// Draws an incident.
pub fn gantt(data: &Gantt) -> Canvas {
    let rows = LINE * data.rows.len() as f64;
    let heading = Heading { about: "One incident", title: &data.title, subtitle: &data.subtitle };
    let (mut canvas, plot) =
        frame(heading, rows + GAP + SERVED, Room { left: 212.0, right: 0.0, above: frame::CAPTIONS, below: 0.0 });
    let x = Axis::linear(data.shown.0, data.shown.1, plot.left, plot.right);
    let ticks: Vec<_> = time_steps(data.shown.1, 8.0).into_iter().map(|t| (x.at(t), say::duration(t))).collect();
    frame::horizontal_ticks(&mut canvas, plot, &ticks);
    frame::horizontal_caption(&mut canvas, plot, "Time since the incident opened");
    key(&mut canvas, plot, data);
    for (k, row) in data.rows.iter().enumerate() {
        draw_row(&mut canvas, plot, &x, row, plot.top + LINE * (k as f64 + 0.5), data.shown);
    }
    if let Some(objective) = data.objective.filter(|objective| *objective <= data.shown.1) {
        let label = format!("RTO {}", say::duration(objective));
        frame::marker(&mut canvas, plot, x.at(objective), &label);
    }
    let panel = Plot { top: plot.bottom - SERVED, ..plot };
    served(&mut canvas, panel, &x, data);
    canvas
}

/// What the bars mean; kinds that do not occur are left out.
fn key(canvas: &mut Canvas, plot: Plot, data: &Gantt) {
    let kinds = [
        (BarKind::Down, "down"),
        (BarKind::Work, "at work"),
        (BarKind::Waits, "waits for what is down"),
        (BarKind::Mends, "mends drift"),
        (BarKind::Rests, "rests, or waits for the next try"),
    ];
    let mut left = plot.left;
    for (kind, name) in kinds {
        if data.rows.iter().flat_map(|row| &row.bars).any(|bar| bar.kind == kind) {
            draw_bar(canvas, kind, (left, left + 26.0), plot.top - 44.0);
            canvas.text(name, (left + 33.0, plot.top - 44.0), frame::SMALL, frame::INK, Anchor::Start);
            left += 33.0 + text_width(name, frame::SMALL, false) + 22.0;
        }
    }
    if data.rows.iter().any(|row| !row.failed.is_empty()) {
        cross(canvas, (left + 6.0, plot.top - 44.0));
        canvas.text("fails", (left + 18.0, plot.top - 44.0), frame::SMALL, frame::INK, Anchor::Start);
    }
}

fn draw_row(canvas: &mut Canvas, plot: Plot, x: &Axis, row: &Row, y: f64, shown: (f64, f64)) {
    let text = fitted(&row.name, frame::SMALL, row.critical, 202.0);
    let (at, anchor) = ((plot.left - 10.0, y), Anchor::End);
    canvas.add(Mark::Text(Text { text, at, size: frame::SMALL, bold: row.critical, colour: frame::INK, anchor }));
    for bar in &row.bars {
        if bar.to <= shown.0 || bar.from >= shown.1 {
            continue;
        }
        let (from, to) = (x.at(bar.from), x.at(bar.to));
        // Not so thin that nobody sees it.
        draw_bar(canvas, bar.kind, (from, to.max(from + 1.5)), y);
        if bar.to > shown.1 && bar.to.is_finite() {
            let label = format!("{} in all", say::duration(bar.to - bar.from));
            if text_width(&label, 11.0, false) + 12.0 < to - from {
                canvas.text(&label, (to - 6.0, y + 1.5), 11.0, (255, 255, 255), Anchor::End);
            }
        }
    }
    row.failed.iter().for_each(|failed| cross(canvas, (x.at(*failed), y)));
}

fn draw_bar(canvas: &mut Canvas, kind: BarKind, (from, to): (f64, f64), y: f64) {
    let (top, bottom) = (y - BAR / 2.0, y + BAR / 2.0);
    let area = |top: f64, bottom: f64, colour: Colour, opacity: f64| Mark::Area {
        points: vec![(from, top), (to, top), (to, bottom), (from, bottom)],
        colour,
        opacity,
    };
    match kind {
        BarKind::Down => canvas.add(area(top, bottom, DOWN, 1.0)),
        BarKind::Work => canvas.add(area(top, bottom, WORK, 1.0)),
        BarKind::Mends => canvas.add(area(top, bottom, MENDS, 1.0)),
        BarKind::Rests => canvas.add(area(y - 1.5, y + 1.5, frame::GREY, 1.0)),
        BarKind::Waits => {
            canvas.add(area(top, bottom, frame::GREY, 0.3));
            hatch(canvas, (from, to), (top, bottom));
        }
    }
}

/// Slanted lines within a box.
fn hatch(canvas: &mut Canvas, (left, right): (f64, f64), (top, bottom): (f64, f64)) {
    const EVERY: f64 = 6.0;
    let height = bottom - top;
    let count = ((right - left + height) / EVERY) as usize;
    for k in 1..=count {
        let foot = left - height + EVERY * k as f64;
        let (from, to) = (foot.max(left), (foot + height).min(right));
        if to > from {
            canvas.line(&[(from, bottom - (from - foot)), (to, bottom - (to - foot))], 1.0, frame::FAINT);
        }
    }
}

fn cross(canvas: &mut Canvas, (x, y): (f64, f64)) {
    for sign in [-1.0, 1.0] {
        let ends = [(x - 5.0, y - 5.0 * sign), (x + 5.0, y + 5.0 * sign)];
        canvas.line(&ends, 3.6, (255, 255, 255));
        canvas.line(&ends, 2.0, frame::INK);
    }
}

/// The share of the load that is served, as a curve over a filled area.
fn served(canvas: &mut Canvas, panel: Plot, x: &Axis, data: &Gantt) {
    let y = Axis::linear(0.0, 1.0, panel.bottom, panel.top);
    let ticks = [0.0, 1.0].map(|share| (y.at(share), say::percent(share)));
    let required = (y.at(data.required), say::percent(data.required));
    frame::vertical_ticks(canvas, panel, &[ticks[0].clone(), ticks[1].clone(), required.clone()]);
    canvas.text("Load served", (panel.left - 70.0, y.at(0.5)), frame::SMALL, frame::INK, Anchor::End);
    let line = vec![(panel.left, required.0), (panel.right, required.0)];
    canvas.add(Mark::Line { points: line, width: 1.2, colour: frame::FAINT, dash: &[2.0, 3.0] });
    let curve = within(&data.served, data.shown);
    let curve: Vec<(f64, f64)> = curve.into_iter().map(|(t, share)| (x.at(t), y.at(share))).collect();
    let mut area = curve.clone();
    if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
        area.extend([(last.0, panel.bottom), (first.0, panel.bottom)]);
    }
    canvas.add(Mark::Area { points: area, colour: CURVE, opacity: 0.15 });
    canvas.line(&curve, 2.4, CURVE);
    frame::baseline(canvas, panel, x);
    if let Some(restored) = data.restored {
        let (at, label) = (x.at(restored), format!("restored after {}", say::duration(restored)));
        canvas.line(&[(at, panel.top - 8.0), (at, panel.bottom)], 1.2, CURVE);
        let half = text_width(&label, frame::SMALL, false) / 2.0;
        let place = at.max(panel.left + half).min(panel.right - half);
        let corners = [(-half - 3.0, -25.0), (half + 3.0, -25.0), (half + 3.0, -9.0), (-half - 3.0, -9.0)];
        let points = corners.into_iter().map(|(dx, dy)| (place + dx, panel.top + dy)).collect();
        canvas.add(Mark::Area { points, colour: frame::WHITE, opacity: 1.0 });
        canvas.text(&label, (place, panel.top - 17.0), frame::SMALL, CURVE, Anchor::Middle);
    }
}

/// The part of a curve between two instants, cut where it leaves.
fn within(curve: &[(f64, f64)], (from, to): (f64, f64)) -> Vec<(f64, f64)> {
    let at = |a: (f64, f64), b: (f64, f64), t: f64| match b.0 > a.0 {
        true => a.1 + (b.1 - a.1) * (t - a.0) / (b.0 - a.0),
        false => b.1,
    };
    let mut cut = Vec::new();
    for pair in curve.windows(2) {
        if pair[1].0 < from || pair[0].0 > to {
            continue;
        }
        for end in pair {
            let t = end.0.clamp(from, to);
            cut.push((t, if t == end.0 { end.1 } else { at(pair[0], pair[1], t) }));
        }
    }
    cut.dedup();
    cut
}
