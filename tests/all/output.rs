//! The output folder: the same bytes for any number of threads, raw rows that add up to the summary, nothing left over.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use crate::program::{Place, SMALL, rows};
use crate::support::parse;
use drsim::cost::Bill;
use drsim::outcome::Outcome;
use drsim::study::{self, Options};

#[test]
fn the_number_of_threads_changes_no_byte() {
    let place = Place::new();
    place.drsim("run small.toml --raw --threads 1 --out t1").with(0);
    let one = place.files("t1");
    for name in ["summary.csv", "histories.csv", "incidents.csv", "rto.csv", "rpo.csv", "run.json", "charts/rto.png"] {
        assert!(one.iter().any(|(found, bytes)| found == name && !bytes.is_empty()), "{name} is missing");
    }
    for threads in [2, 3, 8] {
        place.drsim(&format!("run small.toml --raw --threads {threads} --out t{threads}")).with(0);
        assert!(one == place.files(&format!("t{threads}")), "{threads} threads");
    }
}

/// Also of more than there are processors, which the program does not start.
#[test]
fn the_number_of_threads_changes_no_result() {
    let scenario = parse(SMALL);
    let results = |threads: usize| {
        let mut rows = Vec::new();
        let mut raw = |number: u64, outcomes: &[Outcome], bills: &[Bill]| {
            rows.push((number, outcomes.to_vec(), bills.to_vec()));
            Ok(())
        };
        let (cancel, progress) = (&AtomicBool::new(false), &mut |_| {});
        let options = Options { histories: 0..2000, plain: false, threads, cancel, progress, raw: Some(&mut raw) };
        let partial = study::run(&scenario, 0, options).expect("threads").partial;
        (partial, rows)
    };
    let one = results(1);
    [2, 3, 8].into_iter().for_each(|threads| assert!(results(threads) == one, "{threads} threads"));
}

#[test]
fn the_plain_engine_changes_no_byte() {
    let place = Place::new();
    place.drsim("run small.toml --raw --out fast").with(0);
    place.drsim("run small.toml --raw --engine plain --out plain").with(0);
    assert!(place.files("fast") == place.files("plain"));
}

#[test]
fn a_longer_run_begins_with_the_shorter_one() {
    let place = Place::new();
    place.drsim("run small.toml --raw --no-charts --histories 300 --out short").with(0);
    place.drsim("run small.toml --raw --no-charts --histories 600 --out long").with(0);
    for name in ["histories.csv", "incidents.csv"] {
        let (short, long) = (place.text(&format!("short/{name}")), place.text(&format!("long/{name}")));
        let first: Vec<Vec<&str>> = rows(&long)
            .into_iter()
            .filter(|row| row[1].parse::<u64>().is_ok_and(|history| history < 300) || row[1] == "history")
            .collect();
        assert_eq!(rows(&short), first, "{name}");
    }
}

#[test]
fn a_second_run_replaces_what_the_first_wrote_and_nothing_else() {
    let place = Place::new();
    place.drsim("run small.toml --raw").with(0);
    place.put("output/small/notes.txt", "mine");
    place.drsim("run small.toml --no-charts --seed 2").with(0);
    let files = place.files("output/small");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    assert!(names.contains(&"notes.txt") && names.contains(&"summary.csv"), "{names:?}");
    for stale in ["incidents.csv", "histories.csv", "charts/rto.svg"] {
        assert!(!names.contains(&stale), "{stale} of the first run is still there");
    }
    assert!(!names.iter().any(|name| name.starts_with('.')), "{names:?}");
    let record: serde_json::Value = serde_json::from_str(&place.text("output/small/run.json")).expect("JSON");
    assert_eq!(record["seed"], 2);
    assert_eq!(record["histories"], 600);
    assert_eq!(record["scenario"]["text"], SMALL);
}

#[test]
fn raw_rows_have_their_columns_and_add_up_to_the_summary() {
    let place = Place::new();
    place.drsim("run small.toml --raw --no-charts --out out").with(0);
    let (summary, incidents) = (place.text("out/summary.csv"), place.text("out/incidents.csv"));
    let histories = place.text("out/histories.csv");
    let header = "strategy,history,hazard,onset_s,declared_s,rto_s,rto_from_declaration_s,rpo_s,exposure_s,ended,\
                  waited_s,outage_h,cost";
    assert_eq!(incidents.lines().next(), Some(header));
    let header = "strategy,history,incidents,breaches,unrecoverable,downtime_h,planned_downtime_h,cost";
    assert_eq!(histories.lines().next(), Some(header));

    let summary: HashMap<(&str, &str, &str, &str), f64> = rows(&summary)
        .into_iter()
        .skip(1)
        .filter_map(|row| Some(((row[0], row[1], row[2], row[3]), row[4].parse().ok()?)))
        .collect();
    let value = |strategy, hazard, metric, statistic| summary[&(strategy, hazard, metric, statistic)];
    let near = |a: f64, b: f64, what: &str| assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{what}: {a} and {b}");
    for strategy in ["backup-restore", "hot-standby"] {
        let number = |cell: &str| cell.parse::<f64>().expect("a number");
        let of = |text: &'static str| text;
        for hazard in [of("outage"), of("bad-deploy")] {
            let rows: Vec<Vec<&str>> =
                rows(&incidents).into_iter().filter(|row| row[0] == strategy && row[2] == hazard).collect();
            assert!(rows.len() > 100, "{strategy}, {hazard}: {} incidents", rows.len());
            near(rows.len() as f64, value(strategy, hazard, "rto", "count"), "count");
            let rto: Vec<f64> = rows.iter().map(|row| number(row[5])).collect();
            near(rto.iter().sum::<f64>() / rto.len() as f64, value(strategy, hazard, "rto", "mean"), "mean RTO");
            let longest = rto.iter().copied().fold(0.0, f64::max);
            near(longest, value(strategy, hazard, "rto", "max"), "longest RTO");
        }
        let rows: Vec<Vec<&str>> = rows(&histories).into_iter().filter(|row| row[0] == strategy).collect();
        assert_eq!(rows.len(), 600);
        let years = 600.0 * 5.0;
        let sum = |column: usize| rows.iter().map(|row| number(row[column])).sum::<f64>();
        near(sum(2) / years, value(strategy, "all", "incidents", "per_year"), "incidents");
        near(sum(5) / years, value(strategy, "all", "downtime_h", "per_year"), "downtime");
        let cost = value(strategy, "all", "cost", "per_year");
        assert!((sum(7) / years - cost).abs() < 0.01 + cost * 1e-9, "cost: {} and {cost}", sum(7) / years);
    }
}
