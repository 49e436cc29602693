//! Charts inside the page: their colours become variables that follow light and dark, and the data that the script
//! draws from.

use std::collections::BTreeSet;

use maud::{Markup, PreEscaped, html};
use serde_json::{Value, json};

use super::Page;
use crate::report::charts::{Canvas, Series, colour, dash, outline};
use crate::summary::{ALL, Curve};

/// Every colour that the charts use, each a variable of the style.
#[derive(Debug, Default)]
pub(super) struct Palette {
    colours: BTreeSet<[u8; 3]>,
    /// Those of strategies, which must be seen as thin lines.
    strategies: BTreeSet<[u8; 3]>,
}

impl Palette {
    /// The variable of a colour, as styles write it.
    pub(super) fn variable(&mut self, (r, g, b): (u8, u8, u8)) -> String {
        self.colours.insert([r, g, b]);
        format!("var(--c{r:02x}{g:02x}{b:02x})")
    }

    /// The colour of the strategy at that place in the scenario.
    pub(super) fn strategy(&mut self, index: usize) -> String {
        let (r, g, b) = colour(&Series { title: String::new(), index });
        self.strategies.insert([r, g, b]);
        self.variable((r, g, b))
    }

    /// The variables: as drawn in the light and in print, lightness turned round in the dark.
    pub(super) fn style(&self) -> String {
        let (mut light, mut dark) = (String::new(), String::new());
        for colour in &self.colours {
            let [r, g, b] = *colour;
            let least = if self.strategies.contains(colour) { 0.6 } else { 0.0 };
            let [x, y, z] = darkened(*colour, least);
            light += &format!("--c{r:02x}{g:02x}{b:02x}:#{r:02x}{g:02x}{b:02x};");
            dark += &format!("--c{r:02x}{g:02x}{b:02x}:#{x:02x}{y:02x}{z:02x};");
        }
        format!(":root{{{light}}}@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}")
    }

    /// A drawing with variables in place of colours. Texts in it cannot hold a quotation mark, so that only attributes
    /// are changed.
    fn themed(&mut self, svg: &str) -> String {
        let mut themed = String::with_capacity(svg.len());
        let mut rest = svg;
        while let Some(at) = rest.find("=\"#") {
            let (before, after) = rest.split_at(at + 2);
            themed.push_str(before);
            let channel = |k: usize| after.get(1 + 2 * k..3 + 2 * k).and_then(|hex| u8::from_str_radix(hex, 16).ok());
            match (channel(0), channel(1), channel(2), after.as_bytes().get(7)) {
                (Some(r), Some(g), Some(b), Some(b'"')) => {
                    themed.push_str(&self.variable((r, g, b)));
                    rest = &after[7..];
                }
                _ => rest = after,
            }
        }
        themed + rest
    }
}

/// Hue as it is, lightness turned round, kept a little off black, and at least so light.
fn darkened(colour: [u8; 3], least: f64) -> [u8; 3] {
    const DARKEST: f64 = 0.09;
    let channels = colour.map(|c| f64::from(c) / 255.0);
    let (high, low) = (channels.into_iter().fold(0.0, f64::max), channels.into_iter().fold(1.0, f64::min));
    let turned = 1.0 - (high + low);
    let lightness = (high + low) / 2.0 + turned;
    let whiter = ((least - lightness) / (1.0 - lightness)).max(0.0);
    channels.map(|c| {
        let c = (c + turned).clamp(0.0, 1.0);
        let c = c + (1.0 - c) * whiter;
        ((DARKEST + (1.0 - DARKEST) * c) * 255.0).round() as u8
    })
}

/// The shape and colour that a strategy has in all charts.
pub(super) fn swatch(index: usize, palette: &mut Palette) -> Markup {
    let (corners, filled) = outline(&Series { title: String::new(), index });
    let colour = palette.strategy(index);
    let style = format!("fill:{};stroke:{colour}", if filled { &colour } else { "var(--paper)" });
    let points: Vec<String> = corners.iter().map(|(x, y)| format!("{x},{y}")).collect();
    html! {
        svg.swatch viewBox="-1.8 -1.8 3.6 3.6" aria-hidden="true" {
            @if points.is_empty() { circle r="1.1" style=(style) {} } @else { polygon points=(points.join(" ")) style=(style) {} }
        }
    }
}

/// A chart as a figure; `live` names what the script puts in its place on the screen.
pub(super) fn chart(canvas: &Canvas, live: Option<&str>, palette: &mut Palette) -> Markup {
    let title = canvas.title();
    let svg = palette.themed(&joined(&canvas.svg()));
    let svg = svg.replacen("<svg ", "<svg aria-hidden=\"true\" focusable=\"false\" ", 1);
    html! {
        figure data-live=[live] {
            div.static.scroll role="img" aria-label=(title) tabindex="0" { (PreEscaped(svg)) }
        }
    }
}

/// The drawing with lines of one look that follow each other (the dashes of a curve) as one path, and without what every
/// text says: half as long. Each element of a drawing has a line of its own.
fn joined(svg: &str) -> String {
    const SAME: [&str; 3] =
        [" opacity=\"1\"", " font-family=\"DejaVu Sans, Verdana, Geneva, sans-serif\"", " stroke=\"none\""];
    let svg = SAME.iter().fold(svg.to_string(), |svg, same| svg.replace(same, ""));
    let mut out = String::with_capacity(svg.len());
    let mut look = "";
    for line in svg.lines() {
        let path =
            line.strip_prefix("<polyline ").and_then(|rest| rest.strip_suffix(" \"/>")?.split_once(" points=\""));
        match path {
            Some((same, points)) if same == look => out += &format!("M{points}"),
            Some((other, points)) => {
                if !look.is_empty() {
                    out += "\"/>\n";
                }
                out += &format!("<path {other} d=\"M{points}");
                look = other;
            }
            None => {
                if !look.is_empty() {
                    out += "\"/>\n";
                    look = "";
                }
                out += line;
                out.push('\n');
            }
        }
    }
    out
}

impl Page<'_> {
    /// What the script draws from, as JSON that cannot end the element it stands in.
    pub(super) fn data(&self, palette: &mut Palette) -> String {
        let summary = self.summary;
        let lines = self.lines();
        let strategies: Vec<Value> = (0..summary.strategies.len())
            .map(|index| {
                let strategy = &summary.strategies[index];
                let points = summary.cost_curve.iter().filter(|point| point.strategy == strategy.name);
                let band: Vec<[f64; 3]> =
                    points.map(|p| [figures(p.downtime_per_hour), figures(p.p5), figures(p.p95)]).collect();
                let (fixed, slope) = lines[index];
                let series = Series { title: String::new(), index };
                let (corners, filled) = outline(&series);
                json!({
                    "title": strategy.title,
                    "colour": palette.strategy(index),
                    "dash": dash(&series),
                    "shape": { "corners": corners, "filled": filled },
                    "verdict": strategy.verdict,
                    "fixed": fixed,
                    "slope": slope,
                    "band": band,
                    "exceedance": thinned(&summary.exceedance[index], true),
                    "worst": worst_in_a_hundred(&summary.exceedance[index]),
                })
            })
            .collect();
        let objective = |time: Option<crate::units::Time>| time.map(|time| time.seconds());
        let hazards = self.scenario.hazards.iter().map(|hazard| {
            json!({ "title": hazard.title, "rto": objective(hazard.objectives.rto), "rpo": objective(hazard.objectives.rpo),
                "attainment": hazard.objectives.attainment })
        });
        let all = &self.scenario.objectives;
        let own = self.scenario.costs.downtime_per_hour.first().map(|band| band.1).filter(|price| *price > 0.0);
        let data = json!({
            "currency": summary.currency,
            "strategies": strategies,
            "hazards": hazards.collect::<Vec<_>>(),
            "objectives": { "rto": objective(all.rto), "rpo": objective(all.rpo), "attainment": all.attainment },
            "rto": self.curves(&summary.rto, "rto"),
            "rpo": self.curves(&summary.rpo, "rpo"),
            "price": own,
        });
        data.to_string().replace('<', "\\u003c")
    }

    /// Distribution functions, each with the share of incidents that met the objective of their own hazard.
    fn curves(&self, curves: &[Curve], metric: &str) -> Vec<Value> {
        let one = |curve: &Curve| {
            let strategy = &self.summary.strategies[curve.strategy].name;
            let hazard = curve.hazard.map_or(ALL, |index| &self.scenario.hazards[index].name);
            let met = self.figure(strategy, hazard, metric, "attainment").map(|figure| figure.value);
            json!({
                "strategy": curve.strategy,
                "hazard": curve.hazard,
                "met": met,
                "points": thinned(&curve.points, false),
            })
        };
        curves.iter().filter(|curve| !curve.points.is_empty()).map(one).collect()
    }
}

/// The least cost that at most one year in a hundred exceeds.
fn worst_in_a_hundred(points: &[(f64, f64)]) -> f64 {
    let at = points.partition_point(|(_, share)| *share > 0.01);
    points.get(at).or(points.last()).map_or(0.0, |(cost, _)| *cost)
}

/// Points of a curve of shares that a screen tells apart: steps of half a percent, finer in the tail.
fn thinned(points: &[(f64, f64)], falling: bool) -> Vec<[f64; 2]> {
    const STEP: f64 = 0.005;
    const TAIL: f64 = 0.9;
    let beyond = |share: f64| if falling { share } else { 1.0 - share };
    let mut kept: Vec<[f64; 2]> = Vec::new();
    let mut last = f64::INFINITY;
    for (k, (value, share)) in points.iter().enumerate() {
        let left = beyond(*share);
        if k == 0 || k + 1 == points.len() || last - left >= STEP || left <= last * TAIL {
            kept.push([figures(*value), (share * 1e6).round() / 1e6]);
            last = left;
        }
    }
    kept
}

/// Four figures.
fn figures(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() { 0.0 } else { format!("{value:.3e}").parse().unwrap_or(value) }
}
