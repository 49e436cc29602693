//! Pixels with smooth edges: what plotters paints a PNG on.
//!
//! A pixel takes as much of a colour as the shape covers of it, exactly, as letters are painted everywhere. plotters' own
//! bitmap has no smooth edges: to get them, pictures were painted four times as large and shrunk, which cost far more.

use std::convert::Infallible;

use ab_glyph_rasterizer::{Point, Rasterizer, point};
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind, FontStyle,
};
use tiny_skia_path::{Path, PathBuilder, PathSegment, Stroke};

use super::font;

/// The least part of a pixel that changes its colour; most pixels of the box around a shape have less of it.
const LEAST: f32 = 1.0 / 256.0;

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A picture in memory, white at first; plotters' units are finer than its pixels.
pub(super) struct Bitmap {
    /// Red, green and blue, row by row.
    pixels: Vec<[u8; 3]>,
    width: usize,
    height: usize,
    /// How many to a pixel.
    units: u32,
}

impl Bitmap {
    /// So many units wide and high, with so many of them to a pixel.
    pub(super) fn new(size: (u32, u32), units: u32) -> Bitmap {
        let (width, height) = ((size.0 / units) as usize, (size.1 / units) as usize);
        Bitmap { pixels: vec![[u8::MAX; 3]; width * height], width, height, units }
    }

    /// As the bytes of a PNG file.
    pub(super) fn png(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width as u32, self.height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        // A run is waited for, and each of the better levels takes longer.
        encoder.set_compression(png::Compression::Fastest);
        let mut writer = encoder.write_header().expect("writing into memory");
        writer.write_image_data(self.pixels.as_flattened()).expect("writing into memory");
        writer.finish().expect("writing into memory");
        bytes
    }

    /// A place in pixels.
    fn place(&self, (x, y): BackendCoord) -> Point {
        let units = self.units as f32;
        point(x as f32 / units, y as f32 / units)
    }

    fn path(&self, points: impl IntoIterator<Item = BackendCoord>, closed: bool) -> Option<Path> {
        let mut path = PathBuilder::new();
        for at in points {
            let Point { x, y } = self.place(at);
            if path.is_empty() { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        if closed {
            path.close();
        }
        path.finish()
    }

    fn stroke<S: BackendStyle>(&mut self, path: Option<Path>, style: &S) {
        let stroke = Stroke { width: style.stroke_width() as f32 / self.units as f32, ..Stroke::default() };
        self.fill(path.and_then(|path| path.stroke(&stroke, 1.0)), style.color());
    }

    /// Parts of a path may overlap, but must all run round in the same sense, as those of a stroke do.
    fn fill(&mut self, path: Option<Path>, colour: BackendColor) {
        let Some(path) = path else { return };
        let bounds = path.bounds();
        let corner = point(bounds.left().floor(), bounds.top().floor());
        let (width, height) = ((bounds.right() - corner.x).ceil() + 1.0, (bounds.bottom() - corner.y).ceil() + 1.0);
        let (width, height) = (width as usize, height as usize);
        let mut shape = Rasterizer::new(width, height);
        trace(&path, corner, &mut shape);
        let (left, top) = (corner.x as i32, corner.y as i32);
        shape.for_each_pixel(|index, part| {
            if part >= LEAST {
                self.cover(left + (index % width) as i32, top + (index / width) as i32, colour, part);
            }
        });
    }

    /// Paints a part of a pixel.
    #[inline]
    fn cover(&mut self, x: i32, y: i32, colour: BackendColor, part: f32) {
        const WHOLE: i32 = 256;
        let part = ((part * colour.alpha as f32 * WHOLE as f32) as i32).min(WHOLE);
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else { return };
        if x >= self.width || y >= self.height {
            return;
        }
        let (red, green, blue) = colour.rgb;
        let pixel = &mut self.pixels[y * self.width + x];
        if part == WHOLE {
            *pixel = [red, green, blue];
        } else {
            let mix = |under: u8, over: u8| i32::from(under) + (((i32::from(over) - i32::from(under)) * part) >> 8);
            *pixel = [mix(pixel[0], red), mix(pixel[1], green), mix(pixel[2], blue)].map(|value| value as u8);
        }
    }
}

/// Draws the outline of a path, every part of it closed.
fn trace(path: &Path, corner: Point, shape: &mut Rasterizer) {
    let to = |at: tiny_skia_path::Point| point(at.x - corner.x, at.y - corner.y);
    let (mut start, mut last) = (point(0.0, 0.0), point(0.0, 0.0));
    for segment in path.segments() {
        let end = match segment {
            PathSegment::MoveTo(at) => {
                shape.draw_line(last, start);
                start = to(at);
                start
            }
            PathSegment::LineTo(at) => {
                shape.draw_line(last, to(at));
                to(at)
            }
            PathSegment::QuadTo(bend, at) => {
                shape.draw_quad(last, to(bend), to(at));
                to(at)
            }
            PathSegment::CubicTo(a, b, at) => {
                shape.draw_cubic(last, to(a), to(b), to(at));
                to(at)
            }
            PathSegment::Close => {
                shape.draw_line(last, start);
                start
            }
        };
        last = end;
    }
    shape.draw_line(last, start);
}

impl DrawingBackend for Bitmap {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width as u32 * self.units, self.height as u32 * self.units)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, colour: BackendColor) -> Drawn {
        self.draw_rect((x, y), (x + 1, y + 1), &colour, true)
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, fill: bool) -> Drawn {
        let path = self.path([a, (b.0, a.1), b, (a.0, b.1)], true);
        if fill {
            self.fill(path, style.color())
        } else {
            self.stroke(path, style)
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Drawn {
        // The box around a short piece holds little else than the piece. Pieces share a part, so that no gap is seen.
        const PIECE: usize = 32;
        let points: Vec<BackendCoord> = points.into_iter().collect();
        let mut from = 0;
        loop {
            let to = points.len().min(from + PIECE);
            self.stroke(self.path(points[from..to].iter().copied(), false), style);
            if to == points.len() {
                return Ok(());
            }
            from = to - 2;
        }
    }

    fn draw_circle<S: BackendStyle>(&mut self, centre: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let centre = self.place(centre);
        let circle = PathBuilder::from_circle(centre.x, centre.y, radius as f32 / self.units as f32);
        if fill {
            self.fill(circle, style.color())
        } else {
            self.stroke(circle, style)
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, points: I, style: &S) -> Drawn {
        self.fill(self.path(points, true), style.color());
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let (size, bold) = (style.size() as f32 / self.units as f32, matches!(style.style(), FontStyle::Bold));
        let (width, height) = (font::text_width(text, f64::from(size), bold) as f32, font::letter_height(size, bold));
        let left = match style.anchor().h_pos {
            HPos::Left => 0.0,
            HPos::Center => width / 2.0,
            HPos::Right => width,
        };
        let base = match style.anchor().v_pos {
            VPos::Top => height,
            VPos::Center => height / 2.0,
            VPos::Bottom => 0.0,
        };
        let Point { x, y } = self.place(at);
        let colour = style.color();
        font::paint(text, size, bold, (x - left, y + base), |x, y, part| {
            if part >= LEAST {
                self.cover(x, y, colour, part);
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use plotters::prelude::{IntoFont as _, RGBColor, ShapeStyle, TextStyle};
    use plotters_backend::text_anchor::Pos;
    use proptest::prelude::*;

    use super::*;

    const RED: BackendColor = BackendColor { alpha: 1.0, rgb: (255, 0, 0) };

    /// How much of each pixel is red, where ten units make a pixel.
    fn red(bitmap: &Bitmap) -> Vec<f64> {
        bitmap.pixels.iter().map(|pixel| f64::from(255 - pixel[1]) / 255.0).collect()
    }

    #[test]
    fn a_pixel_takes_as_much_of_the_colour_as_is_covered_of_it() {
        let mut bitmap = Bitmap::new((40, 20), 10);
        bitmap.draw_rect((5, 0), (25, 10), &RED, true).expect("drawn");
        bitmap.draw_rect((5, 10), (25, 15), &RED, true).expect("drawn");
        let shares = [0.5, 1.0, 0.5, 0.0, 0.25, 0.5, 0.25, 0.0];
        assert!(red(&bitmap).iter().zip(shares).all(|(red, share)| (red - share).abs() < 0.01), "{:?}", red(&bitmap));
    }

    #[test]
    fn half_a_colour_leaves_half_of_what_is_below() {
        let mut bitmap = Bitmap::new((10, 10), 10);
        bitmap.draw_rect((0, 0), (10, 10), &BackendColor { alpha: 0.5, ..RED }, true).expect("drawn");
        assert_eq!(bitmap.pixels, [[255, 127, 127]]);
    }

    #[test]
    fn what_is_beyond_the_edge_is_cut() {
        let mut bitmap = Bitmap::new((20, 20), 10);
        bitmap.draw_circle((10, 10), 300, &RED, true).expect("drawn");
        assert_eq!(red(&bitmap), [1.0; 4]);
        bitmap.draw_path([(-500, -500), (-100, 900)], &RED).expect("drawn");
    }

    #[test]
    fn letters_stand_in_the_middle_of_their_line() {
        let mut bitmap = Bitmap::new((400, 400), 10);
        let style = TextStyle::from(("any", 200.0).into_font()).pos(Pos::new(HPos::Center, VPos::Center));
        bitmap.draw_text("x", &style, (200, 200)).expect("drawn");
        let inked: Vec<usize> = (0..1600).filter(|k| bitmap.pixels[*k][0] < 200).collect();
        let middle = |side: fn(&usize) -> usize| {
            let sides = || inked.iter().map(side);
            (sides().min().expect("ink") + sides().max().expect("ink") + 1) as f64 / 2.0
        };
        let (x, y) = (middle(|k| k % 40), middle(|k| k / 40));
        assert!((x - 20.0).abs() <= 1.0 && (y - 20.0).abs() <= 1.0, "{x} {y}");
    }

    proptest! {
        #[test]
        fn a_line_covers_its_length_times_its_width(angle in 0.0..std::f64::consts::TAU) {
            let mut bitmap = Bitmap::new((2400, 2400), 10);
            let style = ShapeStyle::from(RGBColor(255, 0, 0)).stroke_width(20);
            // In so many points that it is painted in pieces.
            let at = |k: i32| f64::from(k) * 12.5;
            let round = |way: f64| 1200 + way.round() as i32;
            let points = (0..=80).map(|k| (round(at(k) * angle.cos()), round(at(k) * angle.sin())));
            bitmap.draw_path(points, &style).expect("drawn");
            let covered: f64 = red(&bitmap).iter().sum();
            prop_assert!((covered - 200.0).abs() < 6.0, "{covered} of 200 pixels");
        }
    }
}
