//! `docs/REPLAYS.md`: its tables and pictures are what the program gives.
//!
//! After a change that moves numbers on purpose: `DRSIM_WRITE=1 cargo test replays` writes the new ones.

use crate::program::{Place, rows};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

const CASES: [&str; 2] = ["home-in-us-east-1", "recovering-into-us-east-1"];

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// p50 and p95 of the recovery time, and how long the median one waited, by strategy.
fn table(summary: &str, scenario: &drsim::model::Scenario) -> String {
    let rows = rows(summary);
    let value = |strategy: &str, hazard: &str, metric: &str, statistic: &str| -> f64 {
        let row = rows.iter().find(|row| row[..4] == [strategy, hazard, metric, statistic]).expect("a row");
        row[4].parse().expect("a number")
    };
    let time = |seconds: f64| match seconds {
        seconds if seconds < 3600.0 => format!("{:.1} min", seconds / 60.0),
        seconds => format!("{:.1} h", seconds / 3600.0),
    };
    let mut table = String::from(
        "| strategy | home in us-east-1: RTO p50 / p95 | waited p50 | recovering into us-east-1: RTO p50 / p95 | waited p50 |\n|---|--:|--:|--:|--:|\n",
    );
    for strategy in &scenario.strategies {
        write!(table, "| {} |", strategy.title).expect("text grows");
        for hazard in CASES {
            let of = |metric, statistic| time(value(&strategy.name, hazard, metric, statistic));
            write!(table, " {} / {} | {} |", of("rto", "p50"), of("rto", "p95"), of("waited", "p50"))
                .expect("text grows");
        }
        table.push('\n');
    }
    table
}

#[test]
fn the_page_of_the_replays_is_current() {
    let write = std::env::var_os("DRSIM_WRITE").is_some();
    let page = project("docs/REPLAYS.md");
    let text = std::fs::read_to_string(&page).expect("the page");
    let mut current = text.clone();
    for (name, strategy) in [("replay-2021-12-07", "pilot-light"), ("replay-2025-10-19", "warm-standby")] {
        let place = Place::new();
        let file = project(&format!("scenarios/{name}.toml"));
        let file = file.display();
        place.drsim(&format!("run {file} --no-charts --quiet --out out")).with(0);
        let (_, scenario) = drsim::scenario::shipped().iter().find(|shipped| shipped.0 == name).expect("it is shipped");
        let table = table(&place.text("out/summary.csv"), &crate::support::parse(scenario));
        let (before, rest) = current.split_once(&format!("<!-- {name} -->\n")).expect("its place");
        let (_, after) = rest.split_once(&format!("<!-- /{name} -->")).expect("its end");
        current = format!("{before}<!-- {name} -->\n{table}<!-- /{name} -->{after}");

        let which = format!("--strategy {strategy} --hazard {} --at rto:p50", CASES[1]);
        let told = place.drsim(&format!("trace {file} {which} --quiet --out out")).with(0).stdout;
        let chart = told.lines().find_map(|line| line.strip_prefix("Chart: ")).expect("a chart");
        let (chart, kept) = (place.text(chart), project(&format!("docs/replays/{name}.svg")));
        if write {
            std::fs::create_dir_all(project("docs/replays")).expect("a folder");
            std::fs::write(&kept, &chart).expect("written");
        }
        let found = std::fs::read_to_string(&kept).unwrap_or_default();
        assert!(found == chart, "{} is not current: run the tests with DRSIM_WRITE=1", kept.display());
    }
    if write {
        std::fs::write(&page, &current).expect("written");
    } else {
        assert!(current == text, "docs/REPLAYS.md is not current: run the tests with DRSIM_WRITE=1");
    }
}

/// What the page says of the two days.
#[test]
fn plans_that_launch_machines_wait_and_the_others_do_not() {
    for (name, hours) in [("replay-2021-12-07", 430.0 / 60.0), ("replay-2025-10-19", 491.0 / 60.0)] {
        let place = Place::new();
        let file = project(&format!("scenarios/{name}.toml"));
        place.drsim(&format!("run {} --no-charts --quiet --raw --histories 100 --out out", file.display())).with(0);
        let text = place.text("out/incidents.csv");
        for row in rows(&text).iter().filter(|row| row[2] == CASES[1]) {
            let rto = row[5].parse::<f64>().expect("a number") / 3600.0;
            match row[0] {
                "backup-restore" | "pilot-light" | "warm-standby" => assert!(rto > hours - 0.5, "{name}: {row:?}"),
                "hot-standby-dns-edit" => assert!(rto > 6.9, "{name}: {row:?}"),
                _ => assert!(rto < 2.0, "{name}: {row:?}"),
            }
        }
    }
}
