//! The comparison as a terminal shows it: a column for each strategy, a line for each answer,
//! at most 100 columns wide.

use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, CellAlignment, Color, ContentArrangement, Table};

use super::say;
use crate::summary::{DifferenceRow, Figure, HazardSummary, Place, StrategySummary, Summary, Verdict};

/// Columns of the terminal.
const WIDTH: u16 = 100;
/// Strategies side by side.
const ABREAST: usize = 6;

/// One line of the comparison: a label and a cell for each strategy.
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) cells: Vec<(String, Option<Verdict>)>,
}

/// Lines under a heading.
pub(crate) struct Block {
    pub(crate) title: &'static str,
    pub(crate) lines: Vec<Line>,
}

impl Line {
    fn new(label: &str, cells: impl Iterator<Item = String>) -> Line {
        Line { label: label.into(), cells: cells.map(|cell| (cell, None)).collect() }
    }
}

/// The comparison in the order in which a reader asks: when a hazard strikes and what a year brings are kept apart.
pub(crate) fn blocks(summary: &Summary, strategies: &[StrategySummary]) -> Vec<Block> {
    let mut blocks = vec![
        Block { title: "When a hazard strikes", lines: hazards(summary, strategies) },
        Block { title: "What a year brings", lines: year(strategies) },
        Block { title: "Verdicts", lines: verdicts(summary, strategies) },
    ];
    if summary.strategies.len() > 1 {
        blocks.push(Block { title: "Ranking, and the difference a year", lines: ranking(summary, strategies) });
    }
    blocks
}

/// What is said of the incidents of a hazard.
type OfHazard = (&'static str, fn(&HazardSummary) -> String);
const HAZARD: [OfHazard; 4] = [
    ("  met in", |hazard| say::percent(hazard.attainment.value)),
    ("  RTO p50", |hazard| duration(hazard.rto[0])),
    ("  RTO p95", |hazard| duration(hazard.rto[1])),
    ("  RPO p95", |hazard| data_loss(hazard.rpo[1])),
];

fn hazards(summary: &Summary, strategies: &[StrategySummary]) -> Vec<Line> {
    let mut lines = Vec::new();
    for hazard in &summary.hazards {
        let seen: Vec<Option<&HazardSummary>> = strategies.iter().map(|strategy| of(strategy, &hazard.name)).collect();
        let incidents = seen.iter().map(|seen| seen.map_or(0, |seen| seen.incidents));
        lines.push(Line::new(&hazard.title, incidents.map(say::count)));
        for (label, cell) in HAZARD.iter().filter(|_| seen.iter().any(Option::is_some)) {
            lines.push(Line::new(label, seen.iter().map(|seen| seen.map_or("-".into(), cell))));
        }
    }
    lines
}

pub(crate) fn of<'s>(strategy: &'s StrategySummary, hazard: &str) -> Option<&'s HazardSummary> {
    strategy.hazards.iter().find(|own| own.name == hazard)
}

/// What is said of a year.
type OfYear = (&'static str, fn(&StrategySummary) -> String);
const YEAR: [OfYear; 12] = [
    ("A breach", |strategy| strategy.year.breach_probability.map_or("-".into(), |share| say::percent(share.value))),
    ("  interval", |strategy| strategy.year.breach_probability.map_or("-".into(), interval)),
    ("Downtime", |strategy| say::duration(strategy.year.downtime_h.value * 3600.0)),
    ("Cost a year", |strategy| say::money(strategy.cost.value)),
    ("  \u{b1}", |strategy| strategy.cost.ci_high.map_or("-".into(), |high| say::money(high - strategy.cost.value))),
    ("  infra", |strategy| say::money(strategy.cost_parts[0].value)),
    ("  downtime", |strategy| say::money(strategy.cost_parts[1].value)),
    ("  lost data", |strategy| say::money(strategy.cost_parts[2].value)),
    ("  other", |strategy| say::money(strategy.cost_parts[3].value)),
    ("Cost, p95", |strategy| money(strategy.year.cost_p95)),
    ("Cost, p99", |strategy| money(strategy.year.cost_p99)),
    ("Worst 5%", |strategy| money(strategy.year.cost_cvar95)),
];

/// What a year brings: a label and a cell for each strategy.
pub(crate) fn cells(strategies: &[StrategySummary]) -> impl Iterator<Item = (&'static str, Vec<String>)> + '_ {
    YEAR.iter().map(|(label, cell)| (*label, strategies.iter().map(cell).collect()))
}

fn year(strategies: &[StrategySummary]) -> Vec<Line> {
    cells(strategies).map(|(label, cells)| Line::new(label, cells.into_iter())).collect()
}

fn verdicts(summary: &Summary, strategies: &[StrategySummary]) -> Vec<Line> {
    let cell = |verdict: Option<Verdict>| (verdict.map_or("no incident", Verdict::name).to_string(), verdict);
    let mut lines: Vec<Line> = Vec::new();
    for hazard in &summary.hazards {
        let verdicts = strategies.iter().map(|strategy| of(strategy, &hazard.name).map(|seen| seen.verdict));
        lines.push(Line { label: hazard.title.clone(), cells: verdicts.map(cell).collect() });
    }
    let all = strategies.iter().map(|strategy| cell(Some(strategy.verdict))).collect();
    lines.push(Line { label: "Every hazard".into(), cells: all });
    lines
}

fn ranking(summary: &Summary, strategies: &[StrategySummary]) -> Vec<Line> {
    let mut lines = Vec::new();
    for ranking in &summary.rankings {
        let place = |strategy: &StrategySummary| ranking.places.iter().find(|place| place.strategy == strategy.name);
        let places = strategies.iter().map(|strategy| place(strategy).map_or("-".into(), Place::name));
        lines.push(Line::new(ranking.title, places));
        let mut add = |label: &str, cell: fn(&DifferenceRow) -> String| {
            let row = |strategy: &StrategySummary| {
                let mut rows = summary.differences.iter();
                rows.find(|row| row.strategy == strategy.name && row.metric == ranking.metric)
            };
            lines.push(Line::new(label, strategies.iter().map(|s| row(s).map_or("base".into(), cell))));
        };
        add("  difference", |row| signed(row.metric, row.mean_difference));
        add("  \u{b1}", |row| {
            row.ci_high.map_or("too few".into(), |high| amount(row.metric, high - row.mean_difference))
        });
        add("  better in", |row| say::percent(row.probability_better));
    }
    lines
}

/// An amount of what is compared, a year.
pub(crate) fn amount(metric: &str, value: f64) -> String {
    match metric {
        "cost" => say::money(value),
        "downtime_h" => say::duration(value * 3600.0),
        // Two figures, where there are as many within four decimals.
        _ if value > 0.0 && value < 0.095 => format!("{value:.*}", if value < 0.0095 { 4 } else { 3 }),
        _ => format!("{value:.2}"),
    }
}

pub(crate) fn signed(metric: &str, value: f64) -> String {
    let sign = if value < 0.0 {
        "-"
    } else if value > 0.0 {
        "+"
    } else {
        ""
    };
    format!("{sign}{}", amount(metric, value.abs()))
}

/// What the figures of the table mean, and what pairing saved.
pub(crate) fn notes(summary: &Summary) -> Vec<String> {
    let mut notes = too_few(summary);
    if summary.strategies.len() < 2 {
        return notes;
    }
    notes.push(
        "Less is better. Strategies with = are tied with another: their difference is not shown (95%, all pairs at once).".into(),
    );
    notes.push(format!("Differences are from {}; better in: share of years with less than it.", summary.baseline));
    let gains: Vec<f64> =
        summary.differences.iter().filter(|row| row.metric == "cost").filter_map(|row| row.pairing_gain).collect();
    let finite = || gains.iter().copied().filter(|gain| gain.is_finite());
    if let (Some(least), Some(most)) = (finite().reduce(f64::min), finite().reduce(f64::max)) {
        let (least, most) = (times(least), times(most));
        let range = if least == most { least } else { format!("{least} to {most}") };
        notes.push(format!("All met the same disasters: for the difference in cost, pairing did the work of {range} times the histories."));
    }
    notes
}

fn times(gain: f64) -> String {
    if gain < 9.95 { format!("{gain:.1}") } else { say::count(gain.round() as u64) }
}

/// Which quantiles are not shown, and why.
fn too_few(summary: &Summary) -> Vec<String> {
    let mut notes: Vec<(String, Vec<&str>)> = Vec::new();
    for hazard in &summary.hazards {
        for strategy in &summary.strategies {
            let Some(own) = of(strategy, &hazard.name) else { continue };
            let Some(words) = own.too_few() else { continue };
            let words = format!("{}: {words}", hazard.title);
            match notes.iter_mut().find(|note| note.0 == words) {
                Some(note) => note.1.push(&strategy.title),
                None => notes.push((words, vec![&strategy.title])),
            }
        }
    }
    let all = summary.strategies.len();
    let named =
        |titles: Vec<&str>| if titles.len() == all { String::new() } else { format!(" ({})", titles.join(", ")) };
    notes.into_iter().map(|(words, titles)| words + &named(titles)).collect()
}

/// Lines of at most [`WIDTH`] columns, those after the first set in.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::from("  ")];
    for word in text.split(' ') {
        let last = lines.last_mut().expect("a line");
        if last.chars().count() + word.chars().count() + 1 > usize::from(WIDTH) {
            lines.push(format!("    {word}"));
        } else {
            *last += if last.trim().is_empty() { "" } else { " " };
            *last += word;
        }
    }
    lines.join("\n") + "\n"
}

/// The comparison, with colours only where asked for.
pub fn table(summary: &Summary, colour: bool) -> String {
    let mut text = format!("{}\n{}\n", summary.title, subtitle(summary));
    for strategies in summary.strategies.chunks(ABREAST) {
        text += "\n";
        for line in drawn(strategies, &blocks(summary, strategies), colour).lines() {
            text += line.trim_end();
            text += "\n";
        }
    }
    text += "\n";
    for note in notes(summary) {
        text += &wrapped(&note);
    }
    text + &breaks(summary)
}

/// What was simulated, and in what money costs are.
pub(crate) fn subtitle(summary: &Summary) -> String {
    let horizon = say::duration(summary.horizon_years * 365.0 * 86_400.0);
    let histories = say::count(summary.histories);
    format!("{histories} histories of {horizon}; costs in {}", summary.currency)
}

fn drawn(strategies: &[StrategySummary], blocks: &[Block], colour: bool) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(WIDTH);
    if colour {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let bold = |cell: Cell| if colour { cell.add_attribute(Attribute::Bold) } else { cell };
    let title =
        |strategy: &StrategySummary| bold(Cell::new(broken(&strategy.title)).set_alignment(CellAlignment::Right));
    table.set_header([Cell::new("")].into_iter().chain(strategies.iter().map(title)));
    for block in blocks {
        // Replaced below: a heading is wider than the column of the labels.
        table.add_row([Cell::new("")]);
        table.add_row([Cell::new(HEADING)]);
        for line in &block.lines {
            let cells = line.cells.iter().map(|(text, verdict)| {
                let cell = Cell::new(text).set_alignment(CellAlignment::Right);
                match verdict.filter(|_| colour) {
                    Some(verdict) => cell.fg(shade(verdict)),
                    None => cell,
                }
            });
            table.add_row([Cell::new(in_two(&line.label))].into_iter().chain(cells));
        }
    }
    table.column_iter_mut().for_each(|column| {
        column.set_padding((1, 0));
    });
    let mut titles = blocks.iter().map(|block| block.title);
    let heading = |title: &str| if colour { format!(" \u{1b}[1m{title}\u{1b}[0m") } else { format!(" {title}") };
    let text = table.to_string();
    let lines = text.lines().map(|line| match line.trim() == HEADING {
        true => titles.next().map_or(String::new(), heading),
        false => line.to_string(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Stands for the heading of a block until the table is drawn.
const HEADING: &str = "\u{1}";

/// Labels are broken between words so that the columns have room.
fn in_two(label: &str) -> String {
    const ROOM: usize = 16;
    if label.chars().count() <= ROOM || label.starts_with(' ') {
        return label.to_string();
    }
    let mut lines = vec![String::new()];
    for word in label.split(' ') {
        let last = lines.last_mut().expect("a line");
        if last.is_empty() {
            *last += word;
        } else if last.chars().count() + 1 + word.chars().count() <= ROOM {
            *last += " ";
            *last += word;
        } else {
            lines.push(word.to_string());
        }
    }
    lines.join("\n")
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
        text += &wrapped(&format!("{title}: {weakness}"));
    }
    text
}

pub(crate) fn interval(figure: Figure) -> String {
    match (figure.ci_low, figure.ci_high) {
        (Some(low), Some(high)) => format!("{}-{}", say::percent(low).trim_end_matches('%'), say::percent(high)),
        (None, _) | (_, None) => "-".into(),
    }
}

fn duration(figure: Option<Figure>) -> String {
    figure.map_or("too few".into(), |figure| say::duration(figure.value))
}

fn data_loss(figure: Option<Figure>) -> String {
    figure.map_or("too few".into(), |figure| match figure.value.is_infinite() {
        true => "all lost".into(),
        false => say::duration(figure.value),
    })
}

fn money(figure: Option<Figure>) -> String {
    figure.map_or("too few".into(), |figure| say::money(figure.value))
}
