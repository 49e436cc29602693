//! A picture as a list of marks in logical pixels, painted as SVG or PNG by plotters.
//!
//! Assumes nothing of the system: the font travels inside the program, and the same marks give the same bytes
//! everywhere. Does not lay anything out; the charts do.

use std::sync::OnceLock;

use plotters::backend::{DrawingBackend, SVGBackend};
use plotters::prelude::{Color as _, RGBColor, ShapeStyle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontFamily, FontStyle, TextStyle};

use super::bitmap::Bitmap;
use super::font::FAMILY;
pub(super) use super::font::{fitted, text_width};

/// plotters counts in whole units: so many make a logical pixel.
const UNITS: u32 = 10;
/// A PNG has that many pixels for each logical one, for print and dense screens.
const DENSITY: u32 = 2;

/// Red, green, blue.
pub(super) type Colour = (u8, u8, u8);

/// A picture under construction.
#[derive(Clone, Debug)]
pub struct Canvas {
    width: u32,
    height: u32,
    title: String,
    marks: Vec<Mark>,
    /// Drawn when first asked for: both the file and the page show it.
    svg: OnceLock<String>,
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
        Canvas { width, height, title: title.into(), marks: Vec::new(), svg: OnceLock::new() }
    }

    /// What the picture says, in a sentence: for those who cannot see it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Adds a mark above those already there.
    pub(super) fn add(&mut self, mark: Mark) {
        debug_assert!(self.svg.get().is_none(), "a picture that was shown does not change");
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
        self.svg.get_or_init(|| self.drawn()).clone()
    }

    fn drawn(&self) -> String {
        let mut svg = String::new();
        let size = self.units();
        let mut backend = SVGBackend::with_string(&mut svg, size);
        let card = RGBColor(255, 255, 255).filled();
        done(backend.draw_rect((0, 0), (size.0 as i32, size.1 as i32), &card, true));
        self.paint(&mut backend);
        drop(backend);
        let drawn = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
        let shown = format!("width=\"{}\" height=\"{}\" role=\"img\"", self.width, self.height);
        let svg = svg.replacen(&drawn, &shown, 1);
        let named = format!(">\n<title>{}</title>\n", escaped(&self.title));
        svg.replacen(">\n", &named, 1)
    }

    /// As the bytes of a PNG file.
    pub fn png(&self) -> Vec<u8> {
        let mut bitmap = Bitmap::new(self.units(), UNITS / DENSITY);
        self.paint(&mut bitmap);
        bitmap.png()
    }

    fn units(&self) -> (u32, u32) {
        (self.width * UNITS, self.height * UNITS)
    }

    fn paint<B: DrawingBackend>(&self, backend: &mut B) {
        for mark in &self.marks {
            match mark {
                Mark::Line { points, width, colour, dash } => {
                    let style = ShapeStyle::from(rgb(*colour)).stroke_width(units(*width).max(1.0) as u32);
                    for piece in dashed(points, dash) {
                        done(backend.draw_path(piece.iter().map(|p| to(*p)), &style));
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
                    done(backend.draw_circle(to(*at), units(*radius) as u32, &style, true));
                }
                Mark::Text(text) => done(backend.draw_text(&text.text, &text.style(), to(text.at))),
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
    fn style(&self) -> TextStyle<'static> {
        let horizontal = match self.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style = if self.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FAMILY), self.size * f64::from(UNITS), style);
        font.color(&rgb(self.colour)).pos(Pos::new(horizontal, VPos::Center))
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

/// Text as XML takes it; control characters have no place there.
fn escaped(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn rgb((red, green, blue): Colour) -> RGBColor {
    RGBColor(red, green, blue)
}

/// A length in plotters' units.
fn units(length: f64) -> f64 {
    (length * f64::from(UNITS)).round()
}

/// A place in plotters' units.
fn to((x, y): (f64, f64)) -> (i32, i32) {
    (units(x) as i32, units(y) as i32)
}

/// Painting into memory cannot fail.
fn done<T, E: std::fmt::Debug>(result: Result<T, E>) {
    assert!(result.is_ok(), "painting into memory failed: {:?}", result.err());
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
