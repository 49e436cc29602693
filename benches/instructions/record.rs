//! The record of instruction counts, and what a new measurement says against it.

use super::say::grouped;
use std::fmt::Write as _;

use toml_edit::{DocumentMut, value};

/// How far a count may move before the record must follow.
pub(crate) const TOLERANCE: f64 = 0.05;

/// Counts are compared only with those of the same compiler for the same kind of machine: others make other code.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    /// As `rustc --version` says.
    pub(crate) compiler: String,
    /// Of the processor: its architecture, and what of it the C library's mathematics use.
    pub(crate) machine: String,
    /// Instructions by what was run.
    pub(crate) counts: Vec<(String, u64)>,
}

const HEAD: &str = "\
# Instructions that the release build of drsim executes, counted by callgrind: fixed runs, one thread.
# CI fails when one rises by more than 5%. After a change that moves them on purpose, and after an update of the compiler:
# DRSIM_WRITE=1 cargo bench --bench instructions

";

impl Record {
    /// From the text of the record.
    pub(crate) fn parse(text: &str) -> Result<Record, String> {
        let document: DocumentMut = text.parse().map_err(|error| format!("{error}"))?;
        let text = |key: &str| {
            let found = document.get(key).and_then(|item| item.as_str());
            found.map(String::from).ok_or_else(|| format!("`{key}` is missing"))
        };
        let counts = document.get("instructions").and_then(|item| item.as_table()).ok_or("no table of instructions")?;
        let count = |(name, item): (&str, &toml_edit::Item)| {
            let count = item.as_integer().and_then(|count| u64::try_from(count).ok());
            count.map(|count| (name.to_string(), count)).ok_or_else(|| format!("`{name}` is no count"))
        };
        let counts = counts.iter().map(count).collect::<Result<_, _>>()?;
        Ok(Record { compiler: text("compiler")?, machine: text("machine")?, counts })
    }

    /// The text of the record.
    pub(crate) fn text(&self) -> String {
        let mut document = DocumentMut::new();
        document["compiler"] = value(&self.compiler);
        document["machine"] = value(&self.machine);
        let mut counts = toml_edit::Table::new();
        for (name, count) in &self.counts {
            counts[name] = value(i64::try_from(*count).expect("below 2^63"));
        }
        document["instructions"] = toml_edit::Item::Table(counts);
        format!("{HEAD}{document}")
    }

    fn count(&self, name: &str) -> Option<u64> {
        self.counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
    }
}

/// What a measurement says against the record.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Every count is where it was.
    Same,
    /// Some fell, none rose: the record should follow, but nothing is wrong.
    Fell,
    /// Some rose, or the record and the measurement are not of the same runs.
    Rose,
    /// Another compiler or another kind of machine: nothing can be said.
    Incomparable,
}

/// Compares `now` with the `record`; the text is for people.
pub(crate) fn compare(record: &Record, now: &Record) -> (Verdict, String) {
    if (&record.compiler, &record.machine) != (&now.compiler, &now.machine) {
        let said = format!(
            "The record is of {} on {}, this is {} on {}: NOTHING WAS COMPARED. Renew the record.\n",
            record.compiler, record.machine, now.compiler, now.machine
        );
        return (Verdict::Incomparable, said);
    }
    let (mut verdict, mut said) = (Verdict::Same, String::new());
    for (name, count) in &now.counts {
        let change = record.count(name).map(|before| *count as f64 / before as f64 - 1.0);
        let remark = match change {
            None => "not in the record",
            Some(change) if change > TOLERANCE => "rose",
            Some(change) if change < -TOLERANCE => "fell",
            Some(_) => "",
        };
        match remark {
            "" => {}
            "fell" if verdict == Verdict::Same => verdict = Verdict::Fell,
            "fell" => {}
            _ => verdict = Verdict::Rose,
        }
        let change = change.map_or(String::new(), |change| format!("{:+.1}%", change * 100.0));
        writeln!(said, "{name:<46} {:>15} {change:>8} {remark}", grouped(*count)).expect("a string takes everything");
    }
    for (name, _) in record.counts.iter().filter(|(name, _)| now.count(name).is_none()) {
        verdict = Verdict::Rose;
        writeln!(said, "{name:<46} is in the record and was not measured").expect("a string takes everything");
    }
    (verdict, said)
}
