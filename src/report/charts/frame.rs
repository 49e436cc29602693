//! What all charts share: title, plot area, grid, legend, palette.

use super::Series;
use super::axis::Axis;
use super::canvas::{Anchor, Canvas, Colour, Mark, Text, fitted, text_width};

pub(super) const WHITE: Colour = (255, 255, 255);
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

/// What a chart is about: incidents, given that there is one, or years, quiet ones included.
pub(super) const INCIDENTS: &str = "When a hazard strikes";
pub(super) const YEARS: &str = "What a year brings";

/// The hues of Okabe and Ito (2008), "Color Universal Design", in an order and of a lightness in which any two are told
/// apart by colour-blind readers and in a grey print, and all stand out from white; `tests` holds that.
pub(super) const PALETTE: [Colour; 8] =
    [(18, 46, 157), (204, 76, 1), (0, 164, 148), (142, 68, 152), (10, 132, 228), (144, 25, 0), (78, 87, 66), (0, 0, 0)];

pub(super) const DASHES: [&[f64]; 8] = [
    &[],
    &[10.0, 4.0],
    &[2.5, 3.0],
    &[12.0, 3.0, 2.5, 3.0],
    &[5.0, 3.0],
    &[18.0, 5.0],
    &[10.0, 3.0, 2.5, 3.0, 2.5, 3.0],
    &[2.5, 6.0],
];

/// The shape that stands for a strategy on its curve; filled, or with a white middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Circle,
    Square,
    Triangle,
    Diamond,
}

const SHAPES: [(Shape, bool); 8] = [
    (Shape::Circle, true),
    (Shape::Square, true),
    (Shape::Triangle, true),
    (Shape::Diamond, true),
    (Shape::Circle, false),
    (Shape::Square, false),
    (Shape::Triangle, false),
    (Shape::Diamond, false),
];

/// The colour of a strategy, the same in every chart: red, green, blue.
pub fn colour(series: &Series) -> (u8, u8, u8) {
    PALETTE[series.index % PALETTE.len()]
}

/// The dashes of a strategy: beyond eight, colours come again with other dashes and shapes.
pub(crate) fn dash(series: &Series) -> &'static [f64] {
    DASHES[(series.index + series.index / PALETTE.len()) % DASHES.len()]
}

/// The shape of a strategy, and whether it is filled.
fn shape(series: &Series) -> (Shape, bool) {
    SHAPES[(series.index + series.index / PALETTE.len()) % SHAPES.len()]
}

/// The corners of a strategy's shape around its middle, at a radius of 1 (a circle has none), and whether it is filled.
pub(crate) fn outline(series: &Series) -> (&'static [(f64, f64)], bool) {
    let (shape, filled) = shape(series);
    (shape.corners(), filled)
}

/// The shape of a strategy.
pub(super) fn symbol(canvas: &mut Canvas, series: &Series, at: (f64, f64), radius: f64) {
    draw_symbol(canvas, shape(series), at, radius, colour(series));
}

/// The shape of a strategy in another colour.
pub(super) fn symbol_in(canvas: &mut Canvas, series: &Series, at: (f64, f64), radius: f64, colour: Colour) {
    draw_symbol(canvas, shape(series), at, radius, colour);
}

fn draw_symbol(canvas: &mut Canvas, (shape, filled): (Shape, bool), at: (f64, f64), radius: f64, colour: Colour) {
    // A white rim keeps it apart from the curves that it lies on.
    for (radius, colour) in [(radius + 1.4, WHITE), (radius, colour)] {
        draw_shape(canvas, shape, at, radius, colour);
    }
    if !filled {
        draw_shape(canvas, shape, at, radius - 2.0, WHITE);
    }
}

fn draw_shape(canvas: &mut Canvas, shape: Shape, (x, y): (f64, f64), radius: f64, colour: Colour) {
    if shape == Shape::Circle {
        return canvas.add(Mark::Dot { at: (x, y), radius, colour });
    }
    let points = shape.corners().iter().map(|(dx, dy)| (x + dx * radius, y + dy * radius)).collect();
    canvas.add(Mark::Area { points, colour, opacity: 1.0 });
}

impl Shape {
    /// Around its middle, at a radius of 1; a circle has none.
    fn corners(self) -> &'static [(f64, f64)] {
        match self {
            Shape::Circle => &[],
            Shape::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Shape::Triangle => &[(0.0, -1.3), (1.2, 0.8), (-1.2, 0.8)],
            Shape::Diamond => &[(0.0, -1.35), (1.35, 0.0), (0.0, 1.35), (-1.35, 0.0)],
        }
    }
}

/// Where the data go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plot {
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) right: f64,
    pub(super) bottom: f64,
}

/// What stands above every chart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heading<'a> {
    /// What it is about: [`INCIDENTS`], [`YEARS`].
    pub(super) about: &'a str,
    /// The finding.
    pub(super) title: &'a str,
    /// What was simulated.
    pub(super) subtitle: &'a str,
}

/// Width of every chart.
pub(super) const WIDTH: f64 = 1000.0;

/// A picture with its heading, and the height at which that ends; `height` is that of all below.
pub(super) fn page(heading: Heading, height: f64) -> (Canvas, f64) {
    // A sentence begins with a capital letter, also where it begins with a strategy's name.
    let mut letters = heading.title.chars();
    let title: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    let lines = wrapped(&title, TITLE, true, WIDTH - 2.0 * MARGIN);
    let below = 58.0 + 26.0 * lines.len() as f64;
    let mut canvas = Canvas::new(WIDTH as u32, (below + 18.0 + height) as u32, &title);
    let (text, at, anchor) = (heading.about.to_uppercase(), (MARGIN, 30.0), Anchor::Start);
    canvas.add(Mark::Text(Text { text, at, size: 12.0, bold: true, colour: FAINT, anchor }));
    for (k, line) in lines.into_iter().enumerate() {
        let at = (MARGIN, 58.0 + 26.0 * k as f64);
        canvas.add(Mark::Text(Text { text: line, at, size: TITLE, bold: true, colour: INK, anchor: Anchor::Start }));
    }
    let subtitle = fitted(heading.subtitle, SMALL, false, WIDTH - 2.0 * MARGIN);
    canvas.text(&subtitle, (MARGIN, below), SMALL, FAINT, Anchor::Start);
    (canvas, below + 18.0)
}

/// What is kept free around a plot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    pub(super) left: f64,
    /// Of the panel at the right, if any.
    pub(super) right: f64,
    /// For what stands between heading and plot.
    pub(super) above: f64,
    /// Below the ticks and their caption.
    pub(super) below: f64,
}

/// Room for the captions of both axes and a marked value.
pub(super) const CAPTIONS: f64 = 54.0;

/// Heading and one plot area of that height.
pub(super) fn frame(heading: Heading, height: f64, room: Room) -> (Canvas, Plot) {
    let (canvas, end) = page(heading, room.above + height + 62.0 + room.below);
    let top = end + room.above;
    let right = WIDTH - MARGIN - if room.right > 0.0 { room.right + 18.0 } else { 0.0 };
    (canvas, Plot { left: MARGIN + room.left, top, right, bottom: top + height })
}

/// Places for that many small plots from `top` down, each with `above` free above it (for its heading) and `below`
/// below it (for its ticks); and the height of all.
pub(super) fn panels(count: usize, top: f64, (above, height, below): (f64, f64, f64)) -> (Vec<Plot>, f64) {
    const GAP: f64 = 24.0;
    const TICKS: f64 = 40.0;
    let columns = if count == 4 { 2 } else { count.clamp(1, 3) };
    let width = (WIDTH - 2.0 * MARGIN - GAP * (columns as f64 - 1.0)) / columns as f64;
    let line = above + height + below;
    let place = |k: usize| {
        let left = MARGIN + (width + GAP) * (k % columns) as f64;
        let top = top + line * (k / columns) as f64 + above;
        Plot { left: left + TICKS, top, right: left + width - 8.0, bottom: top + height }
    };
    ((0..count).map(place).collect(), line * count.div_ceil(columns) as f64)
}

/// A legend in lines from `top` down; draws nothing without a canvas. Returns its height.
pub(super) fn key(canvas: Option<&mut Canvas>, series: &[&Series], top: f64) -> f64 {
    const LINE: f64 = 24.0;
    let (mut canvas, mut x, mut y) = (canvas, MARGIN, top + LINE / 2.0);
    for series in series {
        let title = fitted(&series.title, SMALL, true, 360.0);
        let width = 44.0 + text_width(&title, SMALL, true) + 22.0;
        if x + width > WIDTH - MARGIN && x > MARGIN {
            (x, y) = (MARGIN, y + LINE);
        }
        if let Some(canvas) = canvas.as_deref_mut() {
            sample(canvas, series, (x, y));
            let (at, anchor) = ((x + 44.0, y), Anchor::Start);
            canvas.add(Mark::Text(Text { text: title, at, size: SMALL, bold: true, colour: INK, anchor }));
        }
        x += width;
    }
    y + LINE / 2.0 - top
}

/// How the curve of a strategy looks: its line with its shape, from `left` on.
fn sample(canvas: &mut Canvas, series: &Series, (left, y): (f64, f64)) {
    let points = vec![(left, y), (left + 36.0, y)];
    canvas.add(Mark::Line { points, width: 2.6, colour: colour(series), dash: dash(series) });
    symbol(canvas, series, (left + 18.0, y), 4.5);
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
        |entry: &Entry| text_width(&entry.series.title, 14.0, true).max(text_width(&entry.remark, SMALL, false)) + 45.0;
    entries.iter().map(width).fold(120.0, f64::max).min(350.0)
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
        sample(canvas, entry.series, (left, y - 9.0));
        name(canvas, &entry.series.title, (left + 44.0, y - 9.0), width - 44.0, Anchor::Start);
        let size = fitting(&entry.remark, [SMALL, 12.0, 11.0], false, width - 44.0);
        let remark = fitted(&entry.remark, size, false, width - 44.0);
        canvas.text(&remark, (left + 44.0, y + 9.0), size, FAINT, Anchor::Start);
    }
}

/// The name of a strategy, smaller or cut if it is too long for `width`.
pub(super) fn name(canvas: &mut Canvas, title: &str, at: (f64, f64), width: f64, anchor: Anchor) {
    let size = fitting(title, [14.0, 13.0, 12.0], true, width);
    let text = fitted(title, size, true, width);
    canvas.add(Mark::Text(Text { text, at, size, bold: true, colour: INK, anchor }));
}

/// The first of the sizes in which the text fits into `width`, or the last.
fn fitting(text: &str, sizes: [f64; 3], bold: bool, width: f64) -> f64 {
    let fits = |size: &f64| text_width(&fitted(text, *size, bold, f64::INFINITY), *size, bold) <= width;
    sizes.into_iter().find(fits).unwrap_or(sizes[2])
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

/// The points of a curve without those that nobody could see apart.
pub(super) fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    const APART: f64 = 1.0;
    let mut kept: Vec<(f64, f64)> = Vec::with_capacity(points.len());
    let last = points.len().saturating_sub(1);
    for (k, point) in points.into_iter().enumerate() {
        let near = kept.last().is_some_and(|(x, y)| (x - point.0).abs() < APART && (y - point.1).abs() < APART);
        if !near || k == last {
            kept.push(point);
        }
    }
    kept
}

/// Horizontal to the next point, then vertical: the path of a step function. A step that is smaller than the line is wide
/// is its diagonal: it cannot be seen, and stairs of such steps only make the line thicker.
pub(super) fn steps(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const SEEN: f64 = 2.5;
    let mut path: Vec<(f64, f64)> = Vec::with_capacity(points.len() * 2);
    for point in points {
        let corner = path.last().filter(|last| (point.0 - last.0).abs().max((point.1 - last.1).abs()) >= SEEN);
        if let Some((_, y)) = corner.copied() {
            path.push((point.0, y));
        }
        path.push(*point);
    }
    path
}

/// At most two lines, as equal as can be, the second cut if need be.
fn wrapped(text: &str, size: f64, bold: bool, width: f64) -> Vec<String> {
    let whole = fitted(text, size, bold, f64::INFINITY);
    if text_width(&whole, size, bold) <= width {
        return vec![whole];
    }
    let parts = whole.match_indices(' ').map(|(at, _)| (&whole[..at], &whole[at + 1..]));
    let parts = parts.filter(|(before, after)| !within_quantity(before, after));
    let wide = |text: &str| text_width(text, size, bold);
    let first_fits = parts.filter(|(before, _)| wide(before) <= width);
    match first_fits.min_by(|a, b| wide(a.0).max(wide(a.1)).total_cmp(&wide(b.0).max(wide(b.1)))) {
        Some((before, after)) => vec![before.to_string(), fitted(after, size, bold, width)],
        None => vec![fitted(&whole, size, bold, width)],
    }
}

/// Whether a line broken there would tear a quantity apart: `3 h 43 min`.
fn within_quantity(before: &str, after: &str) -> bool {
    let number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let last = before.rsplit(' ').next().unwrap_or_default();
    last.ends_with(|c: char| c.is_ascii_digit()) || number(after) && ["h", "d"].contains(&last)
}
