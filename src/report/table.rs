//! The comparison as a terminal shows it: a column for each strategy, a line for each answer,
//! at most 100 columns wide.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};

use super::say;
use crate::summary::{Figure, StrategySummary, Summary, Verdict};

/// Columns of the terminal.
const WIDTH: u16 = 100;
/// Strategies side by side.
const ABREAST: usize = 6;

/// One line of the comparison.
struct Line {
    label: &'static str,
    cell: fn(&StrategySummary) -> String,
}

/// What the reader wants to know, in the order of asking.
const LINES: [Line; 16] = [
    Line { label: "Objectives", cell: |strategy| strategy.verdict.name().into() },
    Line {
        label: "Met in",
        cell: |strategy| strategy.attainment.map_or("-".into(), |figure| say::percent(figure.value)),
    },
    Line { label: "  interval", cell: |strategy| strategy.attainment.map_or("-".into(), interval) },
    Line { label: "RTO p50", cell: |strategy| duration(strategy, strategy.rto[0]) },
    Line { label: "RTO p95", cell: |strategy| duration(strategy, strategy.rto[1]) },
    Line { label: "RTO p99", cell: |strategy| duration(strategy, strategy.rto[2]) },
    Line { label: "RPO p50", cell: |strategy| duration(strategy, strategy.rpo[0]) },
    Line { label: "RPO p95", cell: |strategy| duration(strategy, strategy.rpo[1]) },
    Line { label: "RPO p99", cell: |strategy| duration(strategy, strategy.rpo[2]) },
    Line {
        label: "Lost all data",
        cell: |strategy| strategy.unrecoverable.map_or("-".into(), |figure| say::percent(figure.value)),
    },
    Line { label: "Cost a year", cell: |strategy| say::money(strategy.cost.value) },
    Line { label: "  infra", cell: |strategy| say::money(strategy.cost_parts[0].value) },
    Line { label: "  downtime", cell: |strategy| say::money(strategy.cost_parts[1].value) },
    Line { label: "  lost data", cell: |strategy| say::money(strategy.cost_parts[2].value) },
    Line { label: "  other", cell: |strategy| say::money(strategy.cost_parts[3].value) },
    Line {
        label: "  p95 year",
        cell: |strategy| strategy.cost_p95.map_or("too few".into(), |cost| say::money(cost.value)),
    },
];

/// The comparison, with colours only where asked for.
pub fn table(summary: &Summary, colour: bool) -> String {
    let mut text = format!("{}\n{}\n", summary.title, subtitle(summary));
    for strategies in summary.strategies.chunks(ABREAST) {
        text += "\n";
        for line in block(strategies, colour).lines() {
            text += line.trim_end();
            text += "\n";
        }
    }
    text + &breaks(summary)
}

/// What was simulated, and in what money costs are.
pub(crate) fn subtitle(summary: &Summary) -> String {
    let horizon = say::duration(summary.horizon_years * 365.0 * 86_400.0);
    let histories = say::count(summary.histories);
    format!("{histories} histories of {horizon}; costs in {}", summary.currency)
}

/// The lines as texts: a label and a cell for each strategy.
pub(crate) fn cells(strategies: &[StrategySummary]) -> impl Iterator<Item = (&'static str, Vec<String>)> + '_ {
    LINES.iter().map(|line| (line.label, strategies.iter().map(line.cell).collect()))
}

fn block(strategies: &[StrategySummary], colour: bool) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let title = |strategy: &StrategySummary| {
        let cell = Cell::new(broken(&strategy.title)).set_alignment(CellAlignment::Right);
        if colour { cell.add_attribute(Attribute::Bold) } else { cell }
    };
    table.set_header([Cell::new("")].into_iter().chain(strategies.iter().map(title)));
    for (row, (label, texts)) in cells(strategies).enumerate() {
        let cells = texts.into_iter().zip(strategies).map(|(text, strategy)| {
            let cell = Cell::new(text).set_alignment(CellAlignment::Right);
            if colour && row == 0 { cell.fg(shade(strategy.verdict)) } else { cell }
        });
        table.add_row([Cell::new(label)].into_iter().chain(cells));
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((1, 0));
    });
    table.to_string()
}

/// A long name may be broken where it has a hyphen.
fn broken(title: &str) -> String {
    if title.chars().count() > 12 && !title.contains(' ') { title.replace('-', "-\n") } else { title.to_string() }
}

fn shade(verdict: Verdict) -> Color {
    match verdict {
        Verdict::Met => Color::Green,
        Verdict::Missed => Color::Red,
        Verdict::NotShown => Color::Yellow,
    }
}

/// Where each strategy breaks: the hazard with the worst attainment.
pub(crate) fn weaknesses(summary: &Summary) -> Vec<(String, String)> {
    let weakness = |strategy: &StrategySummary| {
        let name = strategy.weakest.as_ref()?;
        let hazard = strategy.hazards.iter().find(|hazard| hazard.name == *name)?;
        let (attained, required) = (say::percent(hazard.attainment.value), say::percent(hazard.required));
        let seen = say::count(hazard.incidents);
        let verdict = hazard.verdict.name();
        Some(format!(
            "{name}: {verdict}, {attained} ({}) of {seen} incidents, {required} required",
            interval(hazard.attainment)
        ))
    };
    let nothing = |strategy: &StrategySummary| match strategy.incidents {
        0 => "no incident was seen".to_string(),
        _ => "nowhere".to_string(),
    };
    let each = summary.strategies.iter();
    each.map(|strategy| (strategy.title.clone(), weakness(strategy).unwrap_or_else(|| nothing(strategy)))).collect()
}

fn breaks(summary: &Summary) -> String {
    let mut text = String::from("\nWhere it breaks\n");
    for (title, weakness) in weaknesses(summary) {
        text += &format!("  {title}: {weakness}\n");
    }
    text
}

pub(crate) fn interval(figure: Figure) -> String {
    match (figure.ci_low, figure.ci_high) {
        (Some(low), Some(high)) => format!("{}-{}", say::percent(low).trim_end_matches('%'), say::percent(high)),
        (None, _) | (_, None) => "-".into(),
    }
}

fn duration(strategy: &StrategySummary, figure: Option<Figure>) -> String {
    match figure {
        Some(figure) => say::duration(figure.value),
        None if strategy.incidents == 0 => "-".into(),
        None => "too few".into(),
    }
}
