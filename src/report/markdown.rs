//! The comparison for a review document.

use super::strip::{Glyphs, recovery_times};
use super::{say, table};
use crate::summary::Summary;

/// The comparison as Markdown.
pub fn markdown(summary: &Summary) -> String {
    let mut text = format!("# {}\n\n{}\n\n", escaped(&summary.title), escaped(&table::subtitle(summary)));
    for block in table::blocks(summary, &summary.strategies) {
        text += &format!("## {}\n\n", block.title);
        let titles = summary.strategies.iter().map(|strategy| escaped(&strategy.title));
        text += &row([String::new()].into_iter().chain(titles));
        text += &row([String::from("---")].into_iter().chain(summary.strategies.iter().map(|_| "---:".into())));
        for line in block.lines {
            let cells = line.cells.into_iter().map(|(text, _)| text);
            text += &row([escaped(line.label.trim())].into_iter().chain(cells));
        }
        text += "\n";
    }
    for note in table::notes(summary) {
        text += &format!("- {}\n", escaped(&note));
    }
    text += "\n## Where it breaks\n\n";
    for (title, weakness) in table::weaknesses(summary) {
        text += &format!("- {}: {}\n", escaped(&title), escaped(&weakness));
    }
    let strips = recovery_times(summary, Glyphs::Blocks, false);
    if !strips.is_empty() {
        // Cells of a table would lose the blanks of a strip, and its columns would not stand below each other.
        text += &format!("\n## Recovery times\n\n```text\n{strips}```\n");
    }
    text += "\n## Objectives by hazard\n\n";
    let columns = ["strategy", "hazard", "incidents", "required", "met in", "95% interval", "verdict"];
    text += &row(columns.into_iter().map(String::from));
    text += &row(columns.into_iter().map(|_| "---".into()));
    for strategy in &summary.strategies {
        for hazard in &strategy.hazards {
            let share = hazard.attainment;
            text += &row([
                escaped(&strategy.title),
                escaped(&hazard.title),
                say::count(hazard.incidents),
                say::percent(hazard.required),
                say::percent(share.value),
                table::interval(share),
                hazard.verdict.name().into(),
            ]);
        }
    }
    text
}

fn row(cells: impl IntoIterator<Item = String>) -> String {
    format!("| {} |\n", cells.into_iter().collect::<Vec<_>>().join(" | "))
}

/// A title may hold what Markdown takes for its own.
fn escaped(text: &str) -> String {
    let special = |c: char| matches!(c, '|' | '*' | '_' | '`' | '[' | ']' | '<' | '\\' | '#');
    text.chars().fold(String::new(), |mut text, c| {
        if special(c) {
            text.push('\\');
        }
        text.push(if c == '\n' { ' ' } else { c });
        text
    })
}
