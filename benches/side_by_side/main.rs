//! drsim beside the limit and its peers, on one machine in one run.
//!
//! `cargo bench --bench side_by_side` builds drsim as a user does and the peers of `benches/peers`, runs them in turn and
//! prints tables; `-- 9` takes nine rounds instead of five. `DRSIM_WRITE=1` writes the tables into `docs/PERFORMANCE.md`
//! and the README. The Python peers run where `$PYTHON` (else `python3`) has numba, numpy, SimPy.
//!
//! Machines are noisy, so what counts are ratios: the limit is measured before and after each contender, on the same
//! core, and the median over the rounds is shown; of plain times, the least. drsim is timed as a whole process, reading the
//! scenario, statistics and tables included; the peers time their histories only.

#[path = "../support/program.rs"]
mod program;
mod report;
#[path = "../support/say.rs"]
mod say;
#[path = "../support/scenarios.rs"]
mod scenarios;

use program::{Program, REFERENCE, WEB_SHOP};
use report::{Answer, Report, Row, Scale};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// A run short enough for several rounds, and long against the 10 ms in which drsim starts.
const HISTORIES: u64 = 300_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if !arguments.iter().any(|argument| argument == "--bench") {
        return; // `cargo test --benches` only wants to see that it starts
    }
    let rounds = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(5);
    let bench = Bench::new();
    let report = Report {
        machine: report::machine(),
        rows: bench.against_the_limit(rounds),
        threads: bench.threads(rounds, [1, 2, 8]),
        answers: bench.answers(rounds),
        bytes: std::fs::metadata(&bench.drsim.file).expect("it is built").len(),
        scales: bench.scales(rounds),
    };
    print!("{}", report.markdown());
    if std::env::var_os("DRSIM_WRITE").is_some() {
        report.write(Path::new(env!("CARGO_MANIFEST_DIR")));
    }
}

/// What can be run.
struct Bench {
    drsim: Program,
    /// Where the peers were built to.
    peers: PathBuf,
    folder: PathBuf,
    /// What pins a process to one core, where there is such a thing.
    pin: Vec<&'static str>,
}

/// Of one run of one contender.
struct Measured {
    /// Nanoseconds a history.
    time: f64,
    /// Mean recovery time and data loss, minutes: all simulate the same model.
    means: (f64, f64),
}

type Contender<'a> = (String, Box<dyn Fn() -> Measured + 'a>);

impl Bench {
    fn new() -> Bench {
        let drsim = Program::build();
        let target = program::target().join("peers");
        program::cargo(&Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers"), &target);
        let pin = vec!["taskset", "-c", "1"];
        let pins = Command::new(pin[0]).args(&pin[1..]).arg("true").status().is_ok_and(|status| status.success());
        let folder = program::folder("side-by-side");
        Bench { drsim, peers: target.join("release"), folder, pin: if pins { pin } else { Vec::new() } }
    }

    fn against_the_limit(&self, rounds: usize) -> Vec<Row> {
        let contenders = self.contenders();
        let mut ratios = vec![Vec::new(); contenders.len()];
        let (mut best, mut limits) = (vec![f64::INFINITY; contenders.len()], Vec::new());
        for round in 0..rounds {
            let mut before = self.limit();
            for (index, (name, run)) in contenders.iter().enumerate() {
                eprintln!("round {} of {rounds}: {name}", round + 1);
                let measured = run();
                let after = self.limit();
                same_model(name, measured.means, after.means);
                ratios[index].push(measured.time / ((before.time + after.time) / 2.0));
                best[index] = best[index].min(measured.time);
                limits.push(after.time);
                before = after;
            }
        }
        let limit = limits.into_iter().fold(f64::INFINITY, f64::min);
        let mut rows = vec![Row { name: "limit: the same samples, no queue".into(), ratios: vec![1.0], best: limit }];
        for ((name, _), (ratios, best)) in contenders.into_iter().zip(ratios.into_iter().zip(best)) {
            rows.push(Row { name, ratios, best });
        }
        rows
    }

    fn contenders(&self) -> Vec<Contender<'_>> {
        let mut contenders: Vec<Contender> = vec![
            ("limit, only what matters drawn".into(), Box::new(|| self.peer("limit", &["400000", "matters"]))),
            ("**drsim, the whole process**".into(), Box::new(|| self.drsim())),
            ("desque 0.4 (Rust)".into(), Box::new(|| self.peer("desque", &["20000"]))),
            ("NeXosim 1.0 (Rust)".into(), Box::new(|| self.peer("nexosim", &["2000"]))),
        ];
        let scripts = [
            ("numba", "numba_model.py", "a loop by hand, numba", "40000"),
            ("numpy", "numpy_model.py", "vectorised, numpy", "20000"),
            ("simpy", "simpy_model.py", "SimPy", "800"),
        ];
        for (package, script, title, histories) in scripts {
            match python_version(package) {
                Some(version) => {
                    let run = move || self.python(script, histories);
                    contenders.push((format!("{title} {version} (Python)"), Box::new(run)));
                }
                None => eprintln!("{package} is missing in `{}`: left out", python()),
            }
        }
        contenders
    }

    fn limit(&self) -> Measured {
        self.peer("limit", &["200000"])
    }

    fn peer(&self, name: &str, arguments: &[&str]) -> Measured {
        let mut command = self.pinned(&self.peers.join(name));
        command.args(arguments);
        said(command)
    }

    fn python(&self, script: &str, histories: &str) -> Measured {
        let mut command = self.pinned(Path::new(&python()));
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/python").join(script)).arg(histories);
        said(command)
    }

    fn drsim(&self) -> Measured {
        let command = self.pinned(&self.drsim.file);
        let time = self.run(command, REFERENCE, HISTORIES, &["--threads", "1"]) / HISTORIES as f64 * 1e9;
        let summary = std::fs::read_to_string(self.folder.join("results/summary.csv")).expect("results");
        let mean = |metric: &str| {
            let start = format!("reference,all,{metric},mean,");
            let row = summary.lines().find_map(|line| line.strip_prefix(&start)).expect("the summary has the mean");
            row.split(',').next().and_then(|value| value.parse::<f64>().ok()).expect("a figure") / 60.0
        };
        Measured { time, means: (mean("rto"), mean("rpo")) }
    }

    /// Seconds that a run without charts takes.
    fn run(&self, mut command: Command, scenario: &str, histories: u64, more: &[&str]) -> f64 {
        command.args(["run", scenario, "--no-charts", "--quiet", "--histories", &histories.to_string()]);
        command.args(more).arg("--out").arg(self.folder.join("results"));
        timed(command)
    }

    /// The least time with each of these numbers of threads.
    fn threads<const N: usize>(&self, rounds: usize, numbers: [usize; N]) -> [f64; N] {
        let mut least = [f64::INFINITY; N];
        for _ in 0..rounds {
            for (least, threads) in least.iter_mut().zip(numbers) {
                eprintln!("{threads} threads");
                let threads = threads.to_string();
                let time = self.run(Command::new(&self.drsim.file), REFERENCE, HISTORIES, &["--threads", &threads]);
                *least = least.min(time);
            }
        }
        least
    }

    /// How long a user waits.
    fn answers(&self, rounds: usize) -> Vec<Answer> {
        let results = self.folder.join("results");
        let results = results.to_str().expect("a path of plain characters");
        let run = ["run", WEB_SHOP, "--quiet", "--out", results];
        let what: [(&str, Vec<&str>, f64); 3] = [
            ("`drsim run scenarios/web-shop.toml`, everything", run.to_vec(), 0.8),
            ("the same with `--no-charts`", [&run[..], &["--no-charts"]].concat(), 0.3),
            ("`drsim check scenarios/web-shop.toml`", vec!["check", WEB_SHOP], 0.02),
        ];
        let measure = |(what, arguments, goal): (&str, Vec<&str>, f64)| {
            eprintln!("{}", arguments.join(" "));
            let time = || {
                let mut command = Command::new(&self.drsim.file);
                command.args(&arguments);
                timed(command)
            };
            Answer { what: what.into(), seconds: (0..rounds).map(|_| time()).fold(f64::INFINITY, f64::min), goal }
        };
        what.into_iter().map(measure).collect()
    }

    /// What a history costs as scenarios grow.
    fn scales(&self, rounds: usize) -> Vec<Scale> {
        let mut scenarios = Vec::new();
        for (count, incidents) in [(1, 0.2), (1, 2.0), (1, 20.0), (10, 2.0), (100, 2.0)] {
            let name = format!("number of hazards {count}, incidents a year {incidents}");
            scenarios.push((name, scenarios::hazards(count, incidents)));
        }
        for count in [10, 100] {
            scenarios.push((format!("number of steps {count}, incidents a year 2"), scenarios::steps(count)));
        }
        let measure = |(what, text): (String, String)| {
            eprintln!("{what}");
            let file = self.folder.join("scenario.toml");
            std::fs::write(&file, text).expect("written");
            let file = file.to_str().expect("a path of plain characters");
            let time = |histories| self.run(self.pinned(&self.drsim.file), file, histories, &["--threads", "1"]);
            // The difference of two runs leaves out the start, the summary and the tables.
            let least = |histories| (0..rounds).map(|_| time(histories)).fold(f64::INFINITY, f64::min);
            let (few, many) = (2000, 12_000);
            Scale { what, seconds: (least(many) - least(few)) / (many - few) as f64 }
        };
        scenarios.into_iter().map(measure).collect()
    }

    fn pinned(&self, program: &Path) -> Command {
        match self.pin.split_first() {
            Some((taskset, arguments)) => {
                let mut command = Command::new(taskset);
                command.args(arguments).arg(program);
                command
            }
            None => Command::new(program),
        }
    }
}

/// Contenders that simulate something else have no place in the table. The shortest run has some 4,000 incidents, whose
/// mean recovery time is known to 1%.
fn same_model(name: &str, means: (f64, f64), limit: (f64, f64)) {
    let near = |a: f64, b: f64| (a / b - 1.0).abs() < 0.05;
    assert!(
        near(means.0, limit.0) && near(means.1, limit.1),
        "{name}: means {means:?} minutes, the limit has {limit:?}"
    );
}

/// Seconds that a process takes; it must succeed.
fn timed(mut command: Command) -> f64 {
    command.current_dir(env!("CARGO_MANIFEST_DIR")).stdout(Stdio::null()).stderr(Stdio::null());
    let start = Instant::now();
    let status = command.status().expect("it starts");
    let seconds = start.elapsed().as_secs_f64();
    assert!(status.success(), "{command:?}");
    seconds
}

/// What a peer says of itself.
fn said(mut command: Command) -> Measured {
    let ended = command.stderr(Stdio::inherit()).output().expect("it starts");
    assert!(ended.status.success(), "{command:?}");
    let text = String::from_utf8(ended.stdout).expect("text");
    let figures: Vec<f64> = text.trim().split('\t').map(|figure| figure.parse().expect("a figure")).collect();
    let [time, recovery_time, data_loss] = figures[..] else { panic!("{command:?} said {text}") };
    Measured { time, means: (recovery_time, data_loss) }
}

fn python() -> String {
    std::env::var("PYTHON").unwrap_or("python3".into())
}

/// The version of a package, where Python has it.
fn python_version(package: &str) -> Option<String> {
    let ask = format!("import {package}; print({package}.__version__)");
    let ended = Command::new(python()).args(["-c", &ask]).output().ok()?;
    ended.status.success().then(|| String::from_utf8_lossy(&ended.stdout).trim().to_string())
}
