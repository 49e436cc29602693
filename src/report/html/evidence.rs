//! What an auditor asks for: every assumption, how it was done, what is left out, who signs.

use maud::{Markup, PreEscaped, html};

use super::parts::{finding, list, table, text};
use super::{Page, say, sha256};
use crate::scenario::{Assumption, Origin};
use crate::summary::Figure;

/// The model as documented.
const MODEL: &str = include_str!("../../../docs/model.md");
const ASSUMED: &str = "assumed";

impl Page<'_> {
    /// Every value with its source; those that are only assumed first.
    pub(super) fn assumed(&self) -> Markup {
        let said: Vec<&Assumption> = self.assumptions.iter().filter(|value| is_figure(value)).collect();
        let assumed: Vec<&Assumption> = said.iter().copied().filter(|value| value.is_assumed()).collect();
        let defaults = self.assumptions.iter().filter(|value| value.origin == Origin::Default).count();
        html! {
            (finding(&format!(
                "{} of {} values that the scenario or a built-in plan states are assumed, wholly or in part; the others name a source or are \
                 the reader's own. {} more are defaults of the format.",
                assumed.len(), said.len(), defaults
            )))
            (self.hazard_table())
            @if !assumed.is_empty() {
                details open {
                    summary { "What is assumed: " (assumed.len()) " values" }
                    (self.values("Values whose source says that they are assumed", &assumed))
                }
            }
            @for (title, path) in self.groups() {
                @let of: Vec<&Assumption> =
                    self.assumptions.iter().filter(|value| is_within(&value.table, &path) && value.origin != Origin::Default).collect();
                @if !of.is_empty() {
                    details {
                        summary { (title) ": " (of.len()) " values" }
                        (self.values(&format!("{title}: values and their sources"), &of))
                        (self.defaults(&path))
                    }
                }
            }
        }
    }

    /// Groups of values: title and path.
    fn groups(&self) -> Vec<(String, String)> {
        let fixed = [
            ("The run", "run"),
            ("The workload", "workload"),
            ("Objectives", "objectives"),
            ("Sites", "sites"),
            ("Components", "components"),
            ("Hazards", "hazards"),
            ("Costs", "costs"),
        ];
        let strategies = self.scenario.strategies.iter();
        let strategies = strategies.map(|s| (format!("Strategy {}", s.title), format!("strategies.{}", s.name)));
        fixed.into_iter().map(|(title, path)| (title.to_string(), path.to_string())).chain(strategies).collect()
    }

    fn hazard_table(&self) -> Markup {
        let rows: Vec<Vec<Markup>> = self
            .scenario
            .hazards
            .iter()
            .map(|hazard| {
                let value = |key: &str| {
                    let table = format!("hazards.{}", hazard.name);
                    let found = self.assumptions.iter().find(|value| value.table == table && value.key == key);
                    found.map(|value| plain(&value.value))
                };
                let onset = ["rate", "mttf", "time_to_failure", "at"].iter().find_map(|key| Some((*key, value(key)?)));
                let lasts = ["time_to_repair", "time_to_detect"].iter().filter_map(|key| Some((*key, value(key)?)));
                let does = match (&hazard.outage, &hazard.corruption) {
                    (Some(outage), _) => {
                        let down = outage.takes_down.iter().map(|id| self.scenario.components[id.0].name.clone());
                        let less = outage.capacity_loss.iter().flat_map(|loss| &loss.sites);
                        let less =
                            less.map(|site| format!("part of the capacity of {}", self.scenario.sites[site.0].name));
                        format!("takes down {}", list(&down.chain(less).collect::<Vec<_>>()))
                    }
                    (None, _) => "corrupts the data".into(),
                };
                vec![
                    text(&hazard.title),
                    text(does),
                    onset.map_or(html! { "-" }, |(key, value)| html! { (words(key)) " " (value) }),
                    html! { @for (key, value) in lasts { (words(key)) " " (value) br; } },
                    source(&hazard.source),
                ]
            })
            .collect();
        table(
            "What can fail, how often, for how long, and who says so",
            &["Hazard", "Does", "How often", "How long", "Source"],
            &rows,
        )
    }

    fn values(&self, caption: &str, values: &[&Assumption]) -> Markup {
        // Strategies share most of their steps: what is equal in several of them is one row.
        let mut rows: Vec<(&Assumption, Vec<String>)> = Vec::new();
        for &value in values {
            let (strategy, place) = split(&value.table);
            let alike = |row: &&mut (&Assumption, Vec<String>)| {
                let (_, other) = split(&row.0.table);
                strategy.is_some()
                    && (other, &row.0.key, &row.0.value, &row.0.source)
                        == (place, &value.key, &value.value, &value.source)
            };
            match rows.iter_mut().find(alike) {
                Some((_, strategies)) => strategies.extend(strategy.map(str::to_owned)),
                None => rows.push((value, strategy.map(str::to_owned).into_iter().collect())),
            }
        }
        let row = |(value, strategies): &(&Assumption, Vec<String>)| {
            let (_, place) = split(&value.table);
            let name = html! {
                code { (place) (if place.is_empty() { "" } else { "." }) (value.key) }
                @if !strategies.is_empty() { " " small { (strategies.join(", ")) } }
            };
            vec![name, html! { code { (value.value) } }, self.source_of(value)]
        };
        let rows: Vec<Vec<Markup>> = rows.iter().map(row).collect();
        table(caption, &["Value of", "Is", "Source"], &rows)
    }

    fn source_of(&self, value: &Assumption) -> Markup {
        let whose = match value.origin {
            Origin::File => "the scenario",
            Origin::Set => "set on the command line",
            Origin::BuiltIn => "built-in plan",
            Origin::Default => "default of the format",
        };
        html! { small { (whose) } @if !value.source.is_empty() { " " (source(&value.source)) } }
    }

    /// What nobody said, in one line.
    fn defaults(&self, path: &str) -> Markup {
        let defaults = self.assumptions.iter().filter(|value| value.origin == Origin::Default);
        let mut of: Vec<String> = defaults
            .filter(|value| is_within(&value.table, path))
            .map(|value| format!("{} = {}", value.key, value.value))
            .collect();
        of.sort();
        of.dedup();
        html! { @if !of.is_empty() { p.note { "Where nothing is said: " code { (of.join("; ")) } } } }
    }

    /// How it was done, and how to do it again.
    pub(super) fn method(&self) -> Markup {
        let run = self.scenario.run;
        let data = &self.review.read.data_files;
        html! {
            (finding("Anybody can repeat this report to the byte, with any number of threads: the scenario below holds all of it."))
            p {
                "A discrete-event Monte Carlo simulation: each history is a life of the system under failures that are drawn at random, the same "
                "ones for every strategy (common random numbers). Quantiles are of the incidents of all histories, with intervals from order "
                "statistics; shares have Wilson intervals, and an upper bound where nothing was seen; means treat the histories as what is "
                "independent. Intervals are of 95% and are those of the simulation alone. A figure that too few incidents support is not shown."
            }
            dl.facts {
                dt { "Program" } dd { "drsim " (env!("CARGO_PKG_VERSION")) }
                dt { "Histories" } dd {
                    (say::count(self.summary.histories))
                    @if self.summary.histories < run.histories { " of " (say::count(run.histories)) " asked for: the run was interrupted" }
                }
                dt { "Horizon" } dd { (say::duration(run.horizon.seconds())) }
                dt { "Seed" } dd { (run.seed) }
                dt { "Compared with" } dd { (self.summary.baseline) }
                dt { "Scenario, SHA-256" } dd { code.hash { (sha256(self.review.text)) } }
                @for (file, text) in data { dt { "Data file " (file) ", SHA-256" } dd { code.hash { (sha256(text)) } } }
            }
            h3 { "How to repeat it" }
            p { "Save the scenario below as " code { "scenario.toml" } @if !data.is_empty() { ", its data files beside it" } ", and run:" }
            pre tabindex="0" { (self.command()) }
            p { "Every value with its default and source, and any incident event by event:" }
            pre tabindex="0" { "drsim check scenario.toml --resolved\ndrsim trace scenario.toml --strategy NAME --at rto:p99" }
            p {
                "For machines: " code { "summary.csv" } ", " code { "phases.csv" } ", " code { "cost_curve.csv" } ", " code { "differences.csv" }
                ", " code { "rto.csv" } " and " code { "rpo.csv" } " beside this report hold the figures, " code { "run.json" } " what was run."
            }
            details {
                summary { "The scenario as written" }
                pre tabindex="0" { (self.review.text) }
            }
        }
    }

    /// The command that gives this report.
    fn command(&self) -> String {
        let mut command = "drsim run scenario.toml".to_string();
        let mut set: Vec<&str> = self.review.set.iter().map(String::as_str).collect();
        let histories = format!("run.histories={}", self.summary.histories);
        if self.summary.histories != self.scenario.run.histories {
            set.push(&histories);
        }
        for set in set {
            command += &format!(" \\\n  --set {}", quoted(set));
        }
        if self.scenario.strategies.len() < self.review.read.scenario.strategies.len() {
            for strategy in &self.scenario.strategies {
                command += &format!(" \\\n  --only {}", strategy.name);
            }
        }
        if self.summary.strategies.first().is_some_and(|first| first.name != self.summary.baseline) {
            command += &format!(" \\\n  --baseline {}", self.summary.baseline);
        }
        command
    }

    /// To be filled in by people: the last drill, and who decides what.
    pub(super) fn sign_off(&self) -> Markup {
        let blank = || html! { span.blank { span.hidden { "to be filled in" } } };
        let drills: Vec<Vec<Markup>> = self
            .summary
            .strategies
            .iter()
            .map(|strategy| {
                let said = |figure: Option<Figure>| text(figure.map_or("too few".into(), |f| say::duration(f.value)));
                vec![text(&strategy.title), said(strategy.rto[0]), said(strategy.rto[1]), blank(), blank(), blank()]
            })
            .collect();
        let roles = ["Owner of the service", "Architect", "Operations", "Risk and continuity", "Auditor"];
        let rows: Vec<Vec<Markup>> =
            roles.iter().map(|role| vec![text(role), blank(), blank(), blank(), blank()]).collect();
        html! {
            (finding("A simulation is not a test: what it shows has to be held against a measured recovery, and somebody has to decide."))
            (table(
                "Simulated recovery time beside the last drill or real failover",
                &["Strategy", "RTO p50", "RTO p95", "Measured RTO", "Measured RPO", "Date of the drill"],
                &drills,
            ))
            (table("Decision and sign-off", &["Role", "Name", "Decision: accepted, with conditions, or rejected", "Date", "Signature"], &rows))
            p.note { "Conditions, open questions, date of the next review:" }
            div.lines aria-hidden="true" {}
        }
    }
}

/// The table of what is left out and which way that biases the answer, and the assumptions where rules leave a choice.
pub(super) fn limits() -> Markup {
    let part = |number: &str| {
        MODEL.split(&format!("\n## {number}. ")).nth(1).unwrap_or("").split("\n## ").next().unwrap_or("")
    };
    let rows: Vec<Vec<Markup>> = part("10")
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |")?.split_once(" | "))
        .skip(1)
        .map(|(left, does)| vec![marked(left), marked(does)])
        .collect();
    let choices: Vec<String> =
        part("9").split("\n- ").skip(1).map(|item| item.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    html! {
        (finding("What is left out mostly makes recovery look better than it will be."))
        p { em { "Better" } " means that drsim shows a shorter recovery, a smaller loss or a lower cost than there would be." }
        (table("What the model leaves out, and which way that biases the answer", &["Left out", "What that does"], &rows))
        details {
            summary { "Where the rules leave a choice: what is assumed" }
            ul { @for choice in &choices { li { (marked(choice)) } } }
        }
    }
}

/// Text of our own documents: code and strong words are marked up.
fn marked(text: &str) -> Markup {
    let mut out = String::new();
    for (k, part) in text.split('`').enumerate() {
        if k % 2 == 1 {
            out += &html! { code { (part) } }.into_string();
            continue;
        }
        for (k, part) in part.split("**").enumerate() {
            out += &if k % 2 == 1 {
                html! { strong { (part) } }
            } else {
                html! { (part) }
            }
            .into_string();
        }
    }
    PreEscaped(out)
}

/// A source; what is assumed stands out.
fn source(source: &str) -> Markup {
    match source.to_lowercase().contains(ASSUMED) {
        true => html! { (source) " " strong.assumed { (ASSUMED) } },
        false => html! { (source) },
    }
}

/// Whether a value is a figure that somebody stated, not a name, a title or the source itself.
fn is_figure(value: &Assumption) -> bool {
    let words =
        ["title", "description", "source", "currency", "kind", "readiness", "takes_down", "corrupts", "response"];
    let plan = value.source == "built-in" || value.source.ends_with("the plan");
    value.origin != Origin::Default
        && !words.contains(&value.key.as_str())
        && !["sites", "components"].contains(&value.table.as_str())
        && !plan
}

fn is_within(table: &str, path: &str) -> bool {
    table == path || table.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
}

/// The strategy that a table belongs to, if any, and its place in that strategy.
fn split(table: &str) -> (Option<&str>, &str) {
    match table.strip_prefix("strategies.") {
        None => (None, table),
        Some(path) => path.split_once('.').map_or((Some(path), ""), |(strategy, rest)| (Some(strategy), rest)),
    }
}

/// A value without the marks of TOML.
fn plain(value: &str) -> String {
    let bare: String = value.chars().filter(|c| !matches!(c, '"' | '{' | '}')).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A key as words.
fn words(key: &str) -> String {
    match key {
        "mttf" => "mean time to failure".into(),
        _ => key.replace('_', " "),
    }
}

/// As a shell takes it for one word.
fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-=/:@%+,".contains(c);
    if word.chars().all(safe) { word.to_string() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}
