//! A picture as a list of marks in logical pixels, painted as SVG or PNG by plotters.
//!
//! Assumes nothing of the system: the font travels inside the program, and the same marks give the same bytes
//! everywhere. Does not lay anything out; the charts do.

use std::sync::Once;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::prelude::{Color as _, RGBColor, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, TextStyle, register_font};

/// The embedded font, and what a viewer of the SVG without it shows in its place (Verdana has its proportions).
const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";
static REGULAR: &[u8] = include_bytes!("../fonts/DejaVuSans.ttf");
static BOLD: &[u8] = include_bytes!("../fonts/DejaVuSans-Bold.ttf");

/// plotters counts in whole units, so an SVG is drawn that much larger, and shown at its logical size.
const SVG_SCALE: f64 = 10.0;
/// A PNG has that many pixels for each logical one, for print and dense screens.
const PNG_SCALE: usize = 2;
/// Each pixel of a PNG is the mean of that many by that many: the smooth edges that plotters' wide lines lack.
const SUPERSAMPLING: usize = 2;

/// Red, green, blue.
pub(super) type Colour = (u8, u8, u8);

/// A picture under construction.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: u32,
    height: u32,
    title: String,
    marks: Vec<Mark>,
}

/// One mark; later ones cover earlier ones.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// A polyline.
    Line { points: Vec<(f64, f64)>, width: f64, colour: Colour, dash: &'static [f64] },
    /// A filled polygon.
    Area { points: Vec<(f64, f64)>, colour: Colour, opacity: f64 },
    /// A filled circle.
    Dot { at: (f64, f64), radius: f64, colour: Colour },
    /// One line of text, centred vertically at its place.
    Text(Text),
}

/// One line of text.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) at: (f64, f64),
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) colour: Colour,
    pub(super) anchor: Anchor,
}

/// Which end of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Canvas {
    /// An empty white picture of that many logical pixels; `title` is what it says, in a sentence.
    pub(super) fn new(width: u32, height: u32, title: &str) -> Canvas {
        Canvas { width, height, title: title.into(), marks: Vec::new() }
    }

    /// What the picture says, in a sentence: for those who cannot see it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Adds a mark above those already there.
    pub(super) fn add(&mut self, mark: Mark) {
        self.marks.push(mark);
    }

    /// A solid line.
    pub(super) fn line(&mut self, points: &[(f64, f64)], width: f64, colour: Colour) {
        self.add(Mark::Line { points: points.to_vec(), width, colour, dash: &[] });
    }

    /// A line of text in the regular weight.
    pub(super) fn text(&mut self, text: &str, at: (f64, f64), size: f64, colour: Colour, anchor: Anchor) {
        self.add(Mark::Text(Text { text: text.into(), at, size, bold: false, colour, anchor }));
    }

    /// As an SVG document, on a white card of its own; its title is what a screen reader says.
    pub fn svg(&self) -> String {
        let mut svg = String::new();
        let size = (self.width * SVG_SCALE as u32, self.height * SVG_SCALE as u32);
        let mut backend = SVGBackend::with_string(&mut svg, size);
        self.paint(&mut backend, SVG_SCALE, true);
        drop(backend);
        let drawn = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
        let shown = format!("width=\"{}\" height=\"{}\" role=\"img\"", self.width, self.height);
        let svg = svg.replacen(&drawn, &shown, 1);
        let named = format!(">\n<title>{}</title>\n", escaped(&self.title));
        svg.replacen(">\n", &named, 1)
    }

    /// As the bytes of a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let (width, height) = (self.width as usize * PNG_SCALE, self.height as usize * PNG_SCALE);
        let fine = (width * SUPERSAMPLING, height * SUPERSAMPLING);
        let mut pixels = vec![0; fine.0 * fine.1 * 3];
        let mut backend = BitMapBackend::with_buffer(&mut pixels, (fine.0 as u32, fine.1 as u32));
        self.paint(&mut backend, (PNG_SCALE * SUPERSAMPLING) as f64, false);
        drop(backend);
        encode(&shrink(&pixels, width), width as u32, height as u32)
    }

    /// `joined`: the backend joins the pieces of a wide polyline well; if not, each piece is drawn on its own.
    fn paint<B: DrawingBackend>(&self, backend: &mut B, scale: f64, joined: bool) {
        let to = |(x, y): (f64, f64)| ((x * scale).round() as i32, (y * scale).round() as i32);
        let background = RGBColor(255, 255, 255).filled();
        let corner = to((f64::from(self.width), f64::from(self.height)));
        done(backend.draw_rect((0, 0), corner, &background, true));
        for mark in &self.marks {
            match mark {
                Mark::Line { points, width, colour, dash } => {
                    let style = ShapeStyle::from(rgb(*colour)).stroke_width((width * scale).round().max(1.0) as u32);
                    for piece in dashed(points, dash) {
                        if joined {
                            done(backend.draw_path(piece.iter().map(|p| to(*p)), &style));
                        } else {
                            let cap = if dash.is_empty() { width / 2.0 } else { 0.0 };
                            for (a, b) in piece.iter().zip(&piece[1..]) {
                                let (a, b) = lengthened(*a, *b, cap);
                                done(backend.draw_line(to(a), to(b), &style));
                            }
                        }
                    }
                }
                Mark::Area { points, colour, opacity } => {
                    if points.len() > 2 {
                        let style = rgb(*colour).mix(*opacity);
                        done(backend.fill_polygon(points.iter().map(|p| to(*p)), &style));
                    }
                }
                Mark::Dot { at, radius, colour } => {
                    let style = rgb(*colour).filled();
                    done(backend.draw_circle(to(*at), (radius * scale).round() as u32, &style, true));
                }
                Mark::Text(text) => done(backend.draw_text(&text.text, &text.style(scale), to(text.at))),
            }
        }
        done(backend.present());
    }

    /// The texts and their boxes (left, top, right, bottom), for the test that none lies over another.
    #[cfg(test)]
    pub(super) fn text_boxes(&self) -> Vec<(String, [f64; 4])> {
        let boxes = self.marks.iter().filter_map(|mark| match mark {
            Mark::Text(text) => Some((text.text.clone(), text.bounds())),
            Mark::Line { .. } | Mark::Area { .. } | Mark::Dot { .. } => None,
        });
        boxes.collect()
    }

    /// Width and height in logical pixels.
    #[cfg(test)]
    pub(super) fn size(&self) -> (f64, f64) {
        (f64::from(self.width), f64::from(self.height))
    }
}

impl Text {
    fn style(&self, scale: f64) -> TextStyle<'static> {
        let horizontal = match self.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        font(self.size * scale, self.bold).color(&rgb(self.colour)).pos(Pos::new(horizontal, VPos::Center))
    }

    #[cfg(test)]
    fn bounds(&self) -> [f64; 4] {
        let width = text_width(&self.text, self.size, self.bold);
        let left = match self.anchor {
            Anchor::Start => self.at.0,
            Anchor::Middle => self.at.0 - width / 2.0,
            Anchor::End => self.at.0 - width,
        };
        [left, self.at.1 - self.size * 0.45, left + width, self.at.1 + self.size * 0.45]
    }
}

/// Width of a text in logical pixels.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    const FINE: f64 = 10.0;
    let layout = font(size * FINE, bold).layout_box(text).expect("the embedded font is registered");
    f64::from(layout.1.0 - layout.0.0) / FINE
}

/// The text, or as much of its beginning as fits into `width`, with an ellipsis.
pub(super) fn fitted(text: &str, size: f64, bold: bool, width: f64) -> String {
    // Control characters have no place in an SVG document.
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text_width(&text, size, bold) <= width {
        return text;
    }
    let mut kept = String::new();
    for c in text.chars() {
        if text_width(&format!("{kept}{c}…"), size, bold) > width {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

fn font(size: f64, bold: bool) -> FontDesc<'static> {
    static FONTS: Once = Once::new();
    FONTS.call_once(|| {
        for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
            assert!(register_font(FAMILY, style, bytes).is_ok(), "the embedded font is valid");
        }
    });
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), size, style)
}

/// Text as XML takes it; control characters have no place there.
fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn rgb((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

/// Painting into memory cannot fail.
fn done<T, E: std::fmt::Debug>(result: Result<T, E>) {
    assert!(result.is_ok(), "painting into memory failed: {:?}", result.err());
}

/// The segment with both ends moved out, so that two which meet leave no notch.
fn lengthened(a: (f64, f64), b: (f64, f64), by: f64) -> ((f64, f64), (f64, f64)) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return (a, b);
    }
    let (dx, dy) = (dx / length * by, dy / length * by);
    ((a.0 - dx, a.1 - dy), (b.0 + dx, b.1 + dy))
}

/// The visible pieces of a polyline; `dash` alternates the lengths of dashes and gaps, and is empty for a solid line.
fn dashed(points: &[(f64, f64)], dash: &[f64]) -> Vec<Vec<(f64, f64)>> {
    if points.len() < 2 {
        return Vec::new();
    }
    if dash.is_empty() {
        return vec![points.to_vec()];
    }
    let mut pieces = Vec::new();
    let mut piece = vec![points[0]];
    let (mut phase, mut left) = (0, dash[0]);
    for (&a, &b) in points.iter().zip(&points[1..]) {
        let length = (b.0 - a.0).hypot(b.1 - a.1);
        let mut gone = 0.0;
        while length - gone > left {
            gone += left;
            let at = (a.0 + (b.0 - a.0) * gone / length, a.1 + (b.1 - a.1) * gone / length);
            if phase % 2 == 0 {
                piece.push(at);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at];
            }
            phase = (phase + 1) % dash.len();
            left = dash[phase];
        }
        left -= length - gone;
        if phase % 2 == 0 {
            piece.push(b);
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// Each pixel the mean of `SUPERSAMPLING` squared ones.
fn shrink(pixels: &[u8], width: usize) -> Vec<u8> {
    const N: usize = SUPERSAMPLING;
    let row = width * N * 3;
    let mut small = Vec::with_capacity(pixels.len() / (N * N));
    let mut sums = vec![0; row];
    for band in pixels.chunks_exact(row * N) {
        sums.fill(0);
        for line in band.chunks_exact(row) {
            sums.iter_mut().zip(line).for_each(|(sum, value)| *sum += u16::from(*value));
        }
        for block in sums.chunks_exact(3 * N) {
            let mut sum = [0; 3];
            for pixel in block.chunks_exact(3) {
                sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += value);
            }
            small.extend(sum.map(|sum| (sum / (N * N) as u16) as u8));
        }
    }
    small
}

fn encode(pixels: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Twice the size of the balanced one, in a sixth of the time: a run is waited for.
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header().expect("writing into memory");
    writer.write_image_data(pixels).expect("writing into memory");
    writer.finish().expect("writing into memory");
    bytes
}
