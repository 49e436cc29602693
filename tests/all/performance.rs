//! The comparison with the record of instruction counts, which CI goes by, and the pages that show what was measured.

#[path = "../../benches/instructions/record.rs"]
mod record;
#[path = "../../benches/support/say.rs"]
mod say;

use record::{Record, Verdict, compare};
use std::path::Path;

fn record(counts: &[(&str, u64)]) -> Record {
    let counts = counts.iter().map(|(name, count)| (name.to_string(), *count)).collect();
    Record { compiler: "rustc 1.90.0".into(), machine: "x86_64-linux".into(), counts }
}

fn verdict(before: &[(&str, u64)], now: &[(&str, u64)]) -> Verdict {
    compare(&record(before), &record(now)).0
}

#[test]
fn only_a_rise_of_more_than_a_twentieth_fails() {
    let before = [("a history", 1000), ("check", 1000)];
    assert_eq!(verdict(&before, &before), Verdict::Same);
    assert_eq!(verdict(&before, &[("a history", 1049), ("check", 951)]), Verdict::Same);
    assert_eq!(verdict(&before, &[("a history", 1000), ("check", 940)]), Verdict::Fell);
    assert_eq!(verdict(&before, &[("a history", 1051), ("check", 1000)]), Verdict::Rose);
    assert_eq!(verdict(&before, &[("a history", 1051), ("check", 500)]), Verdict::Rose);
    assert_eq!(verdict(&before, &[("a history", 500), ("check", 1051)]), Verdict::Rose);
}

#[test]
fn the_record_and_the_measurement_must_be_of_the_same_runs() {
    let before = [("a history", 1000), ("check", 1000)];
    assert_eq!(verdict(&before, &before[..1]), Verdict::Rose);
    assert_eq!(verdict(&before[..1], &before), Verdict::Rose);
}

#[test]
fn another_compiler_or_machine_is_said_not_judged() {
    let before = record(&[("a history", 1000)]);
    let mut now = record(&[("a history", 2000)]);
    now.compiler = "rustc 1.91.0".into();
    let (verdict, said) = compare(&before, &now);
    assert_eq!(verdict, Verdict::Incomparable);
    assert!(said.contains("NOTHING WAS COMPARED"));
    now.compiler = before.compiler.clone();
    now.machine = "aarch64-linux".into();
    assert_eq!(compare(&before, &now).0, Verdict::Incomparable);
}

#[test]
fn a_record_reads_as_it_was_written() {
    let written = record(&[("web-shop: a history, all strategies", 1_762_000), ("check", 9_744_635)]);
    assert_eq!(Record::parse(&written.text()), Ok(written));
    assert!(Record::parse("compiler = \"a\"").is_err());
}

#[test]
fn the_committed_record_can_be_read() {
    let record = Record::parse(include_str!("../../benches/instructions/record.toml")).expect("a record");
    assert!(record.counts.len() >= 6 && record.counts.iter().all(|(_, count)| *count > 0));
}

#[test]
fn counts_are_shown_in_thousands() {
    assert_eq!([0, 12, 1000, 1_762_000].map(say::grouped), ["0", "12", "1,000", "1,762,000"]);
}

#[test]
fn the_readme_shows_the_ratios_of_the_page_on_performance() {
    let table = |page: &str| {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(page)).expect("a page");
        let (_, rest) = text.split_once("<!-- side-by-side -->\n").expect("the tables");
        rest.split_once("<!-- /side-by-side -->").expect("their end").0.to_string()
    };
    let (readme, page) = (table("README.md"), table("docs/PERFORMANCE.md"));
    assert!(readme.contains("| **drsim, the whole process** |"), "{readme}");
    assert!(page.starts_with(&readme), "DRSIM_WRITE=1 cargo bench --bench side_by_side writes both");
}
