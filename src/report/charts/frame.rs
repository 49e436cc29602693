//! What all charts share: title, plot area, grid, legend, palette.

use super::Series;
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Colour, Mark, Text, fitted, text_width};

pub(super) const INK: Colour = (34, 34, 34);
pub(super) const FAINT: Colour = (96, 96, 96);
pub(super) const GRID: Colour = (225, 225, 225);
pub(super) const GREY: Colour = (150, 150, 150);

/// Size of tick labels and remarks, logical pixels.
pub(super) const SMALL: f64 = 13.0;
const TITLE: f64 = 20.0;
const MARGIN: f64 = 28.0;
/// Height of a legend's entry.
const ENTRY: f64 = 42.0;

/// Okabe and Ito (2008), "Color Universal Design", their yellow darkened so that it shows on white.
const PALETTE: [Colour; 8] = [
    (0, 114, 178),
    (213, 94, 0),
    (0, 158, 115),
    (204, 121, 167),
    (230, 159, 0),
    (86, 180, 233),
    (0, 0, 0),
    (150, 135, 0),
];

const DASHES: [&[f64]; 8] = [
    &[],
    &[9.0, 4.0],
    &[2.5, 3.0],
    &[12.0, 3.0, 2.5, 3.0],
    &[5.0, 3.0],
    &[16.0, 5.0],
    &[9.0, 3.0, 2.5, 3.0, 2.5, 3.0],
    &[2.5, 6.0],
];

/// The colour of a strategy.
pub(crate) fn colour(series: &Series) -> Colour {
    PALETTE[series.index % PALETTE.len()]
}

/// The dashes of a strategy: beyond eight, colours come again with other dashes.
pub(super) fn dash(series: &Series) -> &'static [f64] {
    DASHES[(series.index + series.index / PALETTE.len()) % DASHES.len()]
}

/// Where the data go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// Title, subtitle and the plot area between margins; `panel` is kept free at the right of it.
pub(super) fn frame(title: &str, subtitle: &str, left: f64, panel: f64, height: f64) -> (Canvas, Plot) {
    const WIDTH: f64 = 1000.0;
    let lines = wrapped(title, TITLE, true, WIDTH - 2.0 * MARGIN);
    let below = 34.0 + 26.0 * lines.len() as f64;
    let mut canvas = Canvas::new(WIDTH as u32, (below + 90.0 + height + 62.0) as u32);
    for (k, line) in lines.into_iter().enumerate() {
        let at = (MARGIN, 34.0 + 26.0 * k as f64);
        canvas.add(Mark::Text(Text { text: line, at, size: TITLE, bold: true, colour: INK, anchor: Anchor::Start }));
    }
    let subtitle = fitted(subtitle, SMALL, false, WIDTH - 2.0 * MARGIN);
    canvas.text(&subtitle, (MARGIN, below), SMALL, FAINT, Anchor::Start);
    let top = below + 72.0;
    let right = WIDTH - MARGIN - if panel > 0.0 { panel + 18.0 } else { 0.0 };
    (canvas, Plot { left: MARGIN + left, top, right, bottom: top + height })
}

/// What the vertical axis counts, above the axis.
pub(super) fn vertical_caption(canvas: &mut Canvas, plot: Plot, text: &str) {
    canvas.text(text, (MARGIN, plot.top - 44.0), SMALL, INK, Anchor::Start);
}

/// What the horizontal axis counts, below its ticks.
pub(super) fn horizontal_caption(canvas: &mut Canvas, plot: Plot, text: &str) {
    canvas.text(text, ((plot.left + plot.right) / 2.0, plot.bottom + 44.0), SMALL, INK, Anchor::Middle);
}

/// Vertical grid lines with their labels below; of labels that would touch, the later ones are left out.
pub(super) fn horizontal_ticks(canvas: &mut Canvas, plot: Plot, ticks: &[(f64, String)]) {
    let mut taken = f64::NEG_INFINITY;
    for (x, label) in ticks {
        canvas.line(&[(*x, plot.top), (*x, plot.bottom)], 1.0, GRID);
        let half = text_width(label, SMALL, false) / 2.0;
        if x - half > taken {
            canvas.text(label, (*x, plot.bottom + 18.0), SMALL, INK, Anchor::Middle);
            taken = x + half + 8.0;
        }
    }
}

/// Horizontal grid lines with their labels at the left; of labels that would touch, the later ones are left out.
pub(super) fn vertical_ticks(canvas: &mut Canvas, plot: Plot, ticks: &[(f64, String)]) {
    let mut taken: Vec<f64> = Vec::new();
    for (y, label) in ticks {
        canvas.line(&[(plot.left, *y), (plot.right, *y)], 1.0, GRID);
        if taken.iter().all(|other| (other - y).abs() >= SMALL + 2.0) {
            canvas.text(label, (plot.left - 8.0, *y), SMALL, INK, Anchor::End);
            taken.push(*y);
        }
    }
}

/// The line along the bottom, broken between 0 and the rest where both are shown.
pub(super) fn baseline(canvas: &mut Canvas, plot: Plot, x: &Axis) {
    if x.start() < x.low_end() {
        let gap = (x.start() + x.low_end()) / 2.0;
        canvas.line(&[(x.start() - 6.0, plot.bottom), (gap - 3.0, plot.bottom)], 1.2, INK);
        canvas.line(&[(gap + 3.0, plot.bottom), (plot.right, plot.bottom)], 1.2, INK);
        for side in [-3.0, 3.0] {
            let (from, to) = ((gap + side - 2.0, plot.bottom + 5.0), (gap + side + 2.0, plot.bottom - 5.0));
            canvas.line(&[from, to], 1.2, INK);
        }
    } else {
        canvas.line(&[(plot.left, plot.bottom), (plot.right, plot.bottom)], 1.2, INK);
    }
}

/// A labelled vertical line: an objective, today's price.
pub(super) fn marker(canvas: &mut Canvas, plot: Plot, x: f64, label: &str) {
    let (from, to) = ((x, plot.top - 8.0), (x, plot.bottom));
    canvas.add(Mark::Line { points: vec![from, to], width: 1.6, colour: INK, dash: &[5.0, 4.0] });
    let half = text_width(label, SMALL, true) / 2.0;
    let at = (x.max(plot.left + half).min(plot.right - half), plot.top - 18.0);
    let anchor = Anchor::Middle;
    canvas.add(Mark::Text(Text { text: label.into(), at, size: SMALL, bold: true, colour: INK, anchor }));
}

/// An entry of a legend.
pub(super) struct Entry<'a> {
    pub(super) series: &'a Series,
    /// Key figures, one line.
    pub(super) remark: String,
    /// Where it would best be: at its curve's end.
    pub(super) wanted: f64,
}

/// Width that a legend needs.
pub(super) fn legend_width(entries: &[Entry]) -> f64 {
    let width =
        |entry: &Entry| text_width(&entry.series.title, 14.0, true).max(text_width(&entry.remark, SMALL, false)) + 41.0;
    entries.iter().map(width).fold(120.0, f64::max).min(320.0)
}

/// Height that a legend needs.
pub(super) fn legend_height(entries: usize) -> f64 {
    ENTRY * entries as f64
}

/// The legend at the right of the plot, each entry as near to where it wants to be as the others allow.
pub(super) fn legend(canvas: &mut Canvas, plot: Plot, entries: &[Entry], width: f64) {
    let wanted: Vec<f64> = entries.iter().map(|entry| entry.wanted).collect();
    let left = plot.right + 18.0;
    for (entry, y) in entries.iter().zip(spread(&wanted, ENTRY, plot.top + ENTRY / 2.0, plot.bottom - ENTRY / 2.0)) {
        let colour = colour(entry.series);
        let points = vec![(left, y - 9.0), (left + 32.0, y - 9.0)];
        canvas.add(Mark::Line { points, width: 2.6, colour, dash: dash(entry.series) });
        let text = fitted(&entry.series.title, 14.0, true, width - 40.0);
        let at = (left + 40.0, y - 9.0);
        canvas.add(Mark::Text(Text { text, at, size: 14.0, bold: true, colour: INK, anchor: Anchor::Start }));
        let remark = fitted(&entry.remark, SMALL, false, width - 40.0);
        canvas.text(&remark, (left + 40.0, y + 9.0), SMALL, FAINT, Anchor::Start);
    }
}

/// Places at least `gap` apart, in the order of the wanted ones, between `low` and `high` as long as there is room.
pub(super) fn spread(wanted: &[f64], gap: f64, low: f64, high: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].total_cmp(&wanted[*b]));
    let mut places = vec![0.0; wanted.len()];
    let mut free = low;
    for k in &order {
        places[*k] = wanted[*k].max(free);
        free = places[*k] + gap;
    }
    let mut free = high.max(low + gap * (wanted.len() as f64 - 1.0));
    for k in order.iter().rev() {
        places[*k] = places[*k].min(free);
        free = places[*k] - gap;
    }
    places
}

/// The points of a curve without those that nobody could see apart: steps stay steps to half a pixel.
pub(super) fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    let last = points.len().saturating_sub(1);
    for (k, point) in points.into_iter().enumerate() {
        let near = kept.last().is_some_and(|(x, y)| (x - point.0).abs() < 0.4 && (y - point.1).abs() < 0.4);
        if !near || k == last {
            kept.push(point);
        }
    }
    kept
}

/// Horizontal to the next point, then vertical: the path of a step function.
pub(super) fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut path = Vec::with_capacity(points.len() * 2);
    for point in points {
        if let Some((_, y)) = path.last().copied() {
            path.push((point.0, y));
        }
        path.push(*point);
    }
    path
}

/// At most two lines, the second cut if need be.
fn wrapped(text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
    let whole = fitted(text, size, bold, f64::INFINITY);
    if text_width(&whole, size, bold) <= width {
        return vec![whole];
    }
    let fits = |end: &usize| text_width(&whole[..*end], size, bold) <= width;
    let ends = whole.match_indices(' ').map(|(at, _)| at);
    match ends.take_while(fits).last() {
        Some(end) => vec![whole[..end].to_string(), fitted(whole[end..].trim_start(), size, bold, width)],
        None => vec![fitted(&whole, size, bold, width)],
    }
}
