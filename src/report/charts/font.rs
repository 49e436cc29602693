//! The font, which travels inside the program: how wide a text is, and the outlines of its letters.

use std::sync::LazyLock;

use ab_glyph::{Font as _, FontRef, GlyphId, ScaleFont as _, point};

/// The embedded font, and what a viewer of the SVG without it shows in its place (Verdana has its proportions).
pub(super) const FAMILY: &str = "DejaVu Sans, Verdana, Geneva, sans-serif";

static REGULAR: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("../fonts/DejaVuSans.ttf")));
static BOLD: LazyLock<FontRef<'static>> = LazyLock::new(|| font(include_bytes!("../fonts/DejaVuSans-Bold.ttf")));

fn font(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the embedded font is valid")
}

fn face(bold: bool) -> &'static FontRef<'static> {
    if bold { &BOLD } else { &REGULAR }
}

/// Width of a text in the unit of its size, which is the height of a line; on a grid, so that layouts are not at the mercy
/// of the last bit.
pub(super) fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    const GRID: f64 = 10.0;
    let width = set(text, (size * GRID) as f32, bold, |_, _| ());
    f64::from(width.trunc()) / GRID
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

/// Paints a text, `at` its left end on the base line: for every pixel that it covers, where and how much of it.
pub(super) fn paint(text: &str, size: f32, bold: bool, at: (f32, f32), mut pixel: impl FnMut(i32, i32, f32)) {
    set(text, size, bold, |letter, x| {
        let letter = letter.with_scale_and_position(size, point(at.0 + x, at.1));
        if let Some(outline) = face(bold).outline_glyph(letter) {
            let corner = outline.px_bounds().min;
            let (left, top) = (corner.x as i32, corner.y as i32);
            outline.draw(|x, y, part| pixel(left + x as i32, top + y as i32, part));
        }
    });
}

/// Height of a letter without ascender.
pub(super) fn letter_height(size: f32, bold: bool) -> f32 {
    let font = face(bold);
    let bounds = font.outline(font.glyph_id('x')).expect("the font has the letter").bounds;
    // Outlines count upwards: their upper end is the corner that comes first.
    (bounds.min.y - bounds.max.y) * font.as_scaled(size).scale_factor().vertical
}

/// Sets a text: every letter with its distance from the left end; returns the width.
fn set(text: &str, size: f32, bold: bool, mut letter: impl FnMut(GlyphId, f32)) -> f32 {
    let font = face(bold).as_scaled(size);
    let mut width = 0.0;
    let mut before = None;
    for glyph in text.chars().map(|c| font.glyph_id(c)) {
        if let Some(before) = before {
            width += font.kern(before, glyph);
        }
        letter(glyph, width);
        width += font.h_advance(glyph);
        before = Some(glyph);
    }
    width
}
