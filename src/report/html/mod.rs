//! `report.html`: the architecture review in one file that works offline.
//!
//! Sections come in the order in which a review thinks: the question, the answer, the proof, what could be wrong, who
//! signs. Everything depends on the scenario and what was counted, so that the same run gives the same bytes. Static
//! charts are those of `charts`, coloured by the page so that they follow light and dark; a script of our own adds what
//! needs moving. Every text goes through `maud`, which escapes it; the policy in the head forbids requests and every
//! script but ours. Decides no number: those are the summary's.

mod answer;
mod evidence;
mod figure;
mod hazards;
mod parts;
mod results;

use data_encoding::{BASE64, HEXLOWER};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};

use super::charts::Canvas;
use super::say;
use crate::model::Scenario;
use crate::scenario::{Assumption, Read, assumptions};
use crate::stats::Partial;
use crate::summary::{self, Figure, StrategySummary, Summary};
use figure::Palette;

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// All that a report is made of.
#[derive(Clone, Copy)]
pub struct Review<'a> {
    /// As it was read: where each value comes from.
    pub read: &'a Read,
    /// Its text as written.
    pub text: &'a str,
    /// `PATH=VALUE`, laid over the text in this order.
    pub set: &'a [String],
    /// What was simulated: that scenario, perhaps with fewer strategies.
    pub scenario: &'a Scenario,
    /// What was counted.
    pub partial: &'a Partial,
    /// What came of it.
    pub summary: &'a Summary,
    /// The charts of the run, by name.
    pub charts: &'a [(&'static str, Canvas)],
}

/// The report as an HTML document.
pub fn render(review: &Review) -> String {
    let page = Page::new(review);
    let mut palette = Palette::default();
    let sections = page.sections(&mut palette);
    let nav = html! {
        nav aria-label="Contents" {
            ol { @for section in &sections { li { a href={ "#" (section.id) } { (section.title) } } } }
        }
    };
    let title = if page.scenario.title.is_empty() { "Untitled scenario" } else { &page.scenario.title };
    let body = html! {
        a.skip href="#answer" { "Skip to the answer" }
        header {
            p.kind { "Disaster recovery: architecture review" }
            h1 { (title) }
            @if !page.scenario.description.is_empty() { p.lead { (page.scenario.description) } }
            p.meta { (page.made_of()) }
            (nav)
        }
        main id="main" {
            @for (number, section) in (1..).zip(&sections) {
                section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                    h2 id={ (section.id) "-title" } { span.number { (number) } " " (section.title) }
                    (section.content)
                }
            }
        }
        footer { p { "Made from " (page.made_of()) "." } }
        script type="application/json" id="data" { (PreEscaped(page.data(&mut palette))) }
        script { (PreEscaped(SCRIPT)) }
    };
    let document = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "drsim " (env!("CARGO_PKG_VERSION")) };
                title { (title) ": disaster recovery review" }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) (PreEscaped(palette.style())) }
            }
            body { (body) }
        }
    };
    document.into_string()
}

/// Nothing may be fetched, and no script may run but ours, known by its hash.
fn policy() -> String {
    let hash = BASE64.encode(&Sha256::digest(SCRIPT.as_bytes()));
    format!(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; base-uri 'none'; \
         form-action 'none'"
    )
}

/// As everybody writes it.
fn sha256(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// A section of the page.
struct Section {
    id: &'static str,
    title: &'static str,
    content: Markup,
}

/// What the sections look things up in.
struct Page<'a> {
    review: &'a Review<'a>,
    scenario: &'a Scenario,
    summary: &'a Summary,
    assumptions: Vec<Assumption>,
}

impl<'a> Page<'a> {
    fn new(review: &'a Review<'a>) -> Page<'a> {
        let kept = |name: &str| review.scenario.strategies.iter().any(|strategy| strategy.name == name);
        let mut assumptions = assumptions(review.read);
        assumptions.retain(|value| match value.table.strip_prefix("strategies.") {
            Some(path) => kept(path.split('.').next().unwrap_or(path)),
            None => true,
        });
        Page { review, scenario: review.scenario, summary: review.summary, assumptions }
    }

    fn sections(&self, palette: &mut Palette) -> Vec<Section> {
        let mut sections = vec![
            Section { id: "question", title: "The question", content: self.question() },
            Section { id: "answer", title: "The answer", content: self.answer(palette) },
            Section { id: "comparison", title: "Comparison and verdict by hazard", content: self.comparison() },
            Section { id: "achieved", title: "Achieved RTO and RPO", content: self.achieved(palette) },
            Section { id: "phases", title: "Where recovery time goes", content: self.phases(palette) },
        ];
        if self.has_costs() {
            sections.push(Section {
                id: "cost",
                title: "What a year costs, and could cost",
                content: self.cost(palette),
            });
            sections.push(Section { id: "tips", title: "Where the choice tips", content: self.tips(palette) });
        }
        sections.extend([
            Section { id: "corruption", title: "When the data are bad", content: self.corruption() },
            Section { id: "control-plane", title: "When the control plane is down", content: self.control_plane() },
            Section { id: "worst", title: "The worst incidents", content: self.worst(palette) },
            Section { id: "assumptions", title: "Every assumption, with its source", content: self.assumed() },
            Section { id: "method", title: "Method, and how to repeat it", content: self.method() },
            Section { id: "limits", title: "Limits of the model", content: evidence::limits() },
            Section { id: "sign-off", title: "Validation and sign-off", content: self.sign_off() },
        ]);
        sections
    }

    /// How much was simulated.
    fn made_of(&self) -> String {
        let run = self.scenario.run;
        format!(
            "{} histories of {}, seed {}, {} strategies under {} hazards, drsim {}",
            say::count(self.summary.histories),
            say::duration(run.horizon.seconds()),
            run.seed,
            self.scenario.strategies.len(),
            self.scenario.hazards.len(),
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// A figure of the summary.
    fn figure(&self, strategy: &str, hazard: &str, metric: &str, statistic: &str) -> Option<Figure> {
        let mut rows = self.summary.rows.iter();
        let row = rows.find(|row| {
            (row.metric, row.statistic) == (metric, statistic) && row.strategy == strategy && row.hazard == hazard
        });
        row.and_then(|row| row.figure)
    }

    /// The same over all hazards.
    fn of_all(&self, strategy: &StrategySummary, metric: &str, statistic: &str) -> Option<Figure> {
        self.figure(&strategy.name, summary::ALL, metric, statistic)
    }

    fn has_costs(&self) -> bool {
        self.summary.strategies.iter().any(|strategy| strategy.cost.value > 0.0)
    }

    /// An amount with its currency.
    fn money(&self, amount: f64) -> String {
        format!("{} {}", say::money(amount), self.summary.currency)
    }

    fn chart(&self, name: &str) -> Option<&'a Canvas> {
        self.review.charts.iter().find(|(other, _)| *other == name).map(|(_, canvas)| canvas)
    }
}

#[cfg(test)]
mod tests;
