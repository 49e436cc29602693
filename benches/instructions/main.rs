//! How many instructions fixed runs of drsim execute, against the record in `record.toml`.
//!
//! Unlike times, counts are the same on every machine of a kind, however busy it is: a change that costs something shows
//! before it is merged. They say nothing of caches, memory and threads; `parts` and `side_by_side` do.
//!
//! `cargo bench --bench instructions` compares and fails when a count rose by more than 5%;
//! `DRSIM_WRITE=1 cargo bench --bench instructions` writes the record anew. Always counts the release build, which it
//! makes first, whatever profile it was itself built with. Needs valgrind.

#[path = "../support/program.rs"]
mod program;
mod record;
#[path = "../support/say.rs"]
mod say;

use program::{Program, REFERENCE, WEB_SHOP};
use record::{Record, Verdict, compare};
use say::grouped;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const RENEW: &str = "DRSIM_WRITE=1 cargo bench --bench instructions";

fn main() -> ExitCode {
    if !std::env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS; // `cargo test --benches` only wants to see that it starts
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("valgrind is missing: nothing was counted (Debian: apt-get install valgrind)");
        return ExitCode::FAILURE;
    }
    let now = Record { compiler: program::compiler(), machine: machine(), counts: count(&Program::build()) };
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/instructions/record.toml");
    if std::env::var_os("DRSIM_WRITE").is_some() {
        std::fs::write(&place, now.text()).expect("written");
        now.counts.iter().for_each(|(name, count)| println!("{name:<46} {:>15}", grouped(*count)));
        return ExitCode::SUCCESS;
    }
    let text = std::fs::read_to_string(&place).expect("there is a record");
    let record = Record::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
    let (verdict, said) = compare(&record, &now);
    print!("{said}");
    match verdict {
        Verdict::Same => println!("Every count is within 5% of the record."),
        Verdict::Fell => println!("Well done. So that it stays, renew the record: {RENEW}"),
        Verdict::Incomparable => println!("{RENEW}"),
        Verdict::Rose => {
            println!("More than 5% above the record. If the change is worth that, renew it: {RENEW}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What is counted.
fn count(program: &Program) -> Vec<(String, u64)> {
    let counter = Counter { program, folder: program::folder("instructions") };
    let mut counts = Vec::new();
    // Enough histories that the tables of the distributions hardly grow any more.
    for (name, scenario, few, many) in [("reference", REFERENCE, 1000, 5000), ("web-shop", WEB_SHOP, 500, 2000)] {
        let run = |histories: u64| {
            let histories = histories.to_string();
            counter.count(&["run", scenario, "--histories", &histories, "--no-charts"])
        };
        let (less, more) = (run(few), run(many));
        let history = (more - less) / (many - few);
        counts.push((format!("{name}: a history, all strategies"), history));
        counts.push((format!("{name}: start, statistics and tables"), less - history * few));
        if scenario == WEB_SHOP {
            let charts = counter.count(&["run", scenario, "--histories", &few.to_string()]);
            counts.push((format!("{name}: charts"), charts - less));
        }
    }
    counts.push(("web-shop: check".into(), counter.count(&["check", WEB_SHOP])));
    counts
}

struct Counter<'a> {
    program: &'a Program,
    folder: PathBuf,
}

impl Counter<'_> {
    /// Instructions of the whole process.
    fn count(&self, arguments: &[&str]) -> u64 {
        let file = self.folder.join("callgrind.out");
        let mut command = Command::new("valgrind");
        command.args(["--tool=callgrind", "--quiet"]).arg(format!("--callgrind-out-file={}", file.display()));
        // The environment is part of what a process reads: an empty one is the same everywhere.
        command.arg(&self.program.file).args(arguments).env_clear().current_dir(env!("CARGO_MANIFEST_DIR"));
        if arguments[0] == "run" {
            command.args(["--threads", "1", "--quiet", "--out"]).arg(self.folder.join("results"));
        }
        let ended = command.output().expect("valgrind starts");
        assert!(ended.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ended.stderr));
        let text = std::fs::read_to_string(&file).expect("callgrind's output");
        let total = text.lines().find_map(|line| line.strip_prefix("totals: "));
        total.and_then(|total| total.parse().ok()).expect("callgrind's output has totals")
    }
}

/// The kind of machine: with fused multiplication the C library's exponential takes another path.
fn machine() -> String {
    #[cfg(target_arch = "x86_64")]
    let fused = if std::is_x86_feature_detected!("fma") { " with FMA" } else { "" };
    #[cfg(not(target_arch = "x86_64"))]
    let fused = "";
    format!("{}-{}{fused}", std::env::consts::ARCH, std::env::consts::OS)
}
