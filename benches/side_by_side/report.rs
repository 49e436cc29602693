//! The tables of the side-by-side run, and the pages that they go into.

use crate::say::grouped;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// All that was measured.
pub(crate) struct Report {
    /// When and on what.
    pub(crate) machine: String,
    pub(crate) rows: Vec<Row>,
    /// Seconds with one thread, with two, with eight.
    pub(crate) threads: [f64; 3],
    pub(crate) answers: Vec<Answer>,
    /// Size of the program.
    pub(crate) bytes: u64,
    pub(crate) scales: Vec<Scale>,
}

/// A contender.
pub(crate) struct Row {
    pub(crate) name: String,
    /// Its time over that of the limit, by round.
    pub(crate) ratios: Vec<f64>,
    /// Nanoseconds a history in the best round.
    pub(crate) best: f64,
}

/// Something a user waits for.
pub(crate) struct Answer {
    pub(crate) what: String,
    pub(crate) seconds: f64,
    /// What it should stay below.
    pub(crate) goal: f64,
}

/// What a history costs in a scenario of a certain size.
pub(crate) struct Scale {
    pub(crate) what: String,
    pub(crate) seconds: f64,
}

const BEGIN: &str = "<!-- side-by-side -->\n";
const END: &str = "<!-- /side-by-side -->\n";

impl Report {
    /// Everything.
    pub(crate) fn markdown(&self) -> String {
        let mut text = format!("{}\n| threads | x as fast |\n|---|---|\n", self.ratios());
        let [one, two, eight] = self.threads;
        for (what, ratio) in [("2 instead of 1", one / two), ("8 instead of 2", two / eight)] {
            writeln!(text, "| {what} | {ratio:.2} |").expect(INFALLIBLE);
        }
        text += "\n| time to the first answer | ms | goal |\n|---|---|---|\n";
        for Answer { what, seconds, goal } in &self.answers {
            writeln!(text, "| {what} | {:.0} | {:.0} |", seconds * 1e3, goal * 1e3).expect(INFALLIBLE);
        }
        let megabytes = self.bytes as f64 / 1e6;
        writeln!(text, "\nThe program has {megabytes:.1} MB (goal: 15).\n").expect(INFALLIBLE);
        text += "| one history of ten years, one strategy | microseconds |\n|---|---|\n";
        for Scale { what, seconds } in &self.scales {
            writeln!(text, "| {what} | {:.2} |", seconds * 1e6).expect(INFALLIBLE);
        }
        text
    }

    /// When, on what, and the contenders.
    fn ratios(&self) -> String {
        let mut text = format!("{}\n\n| | x of the limit | lowest to highest | histories a second |\n", self.machine);
        text += "|---|---|---|---|\n";
        for Row { name, ratios, best } in &self.rows {
            let second = grouped(rounded(1e9 / best));
            writeln!(text, "| {name} | {} | {} | {second} |", factor(median(ratios)), range(ratios)).expect(INFALLIBLE);
        }
        text
    }

    /// Writes the tables into the pages of the project.
    pub(crate) fn write(&self, project: &Path) {
        for (page, text) in [("docs/PERFORMANCE.md", self.markdown()), ("README.md", self.ratios())] {
            let path = project.join(page);
            let before = std::fs::read_to_string(&path).expect("a page");
            let (head, rest) = before.split_once(BEGIN).expect("a place for the tables");
            let (_, tail) = rest.split_once(END).expect("its end");
            std::fs::write(&path, format!("{head}{BEGIN}{text}{END}{tail}")).expect("written");
        }
    }
}

const INFALLIBLE: &str = "a string takes everything";

/// The date, the processor and how busy it was.
pub(crate) fn machine() -> String {
    let said = |program: &str, arguments: &[&str]| {
        let ended = Command::new(program).args(arguments).output().ok()?;
        ended.status.success().then(|| String::from_utf8_lossy(&ended.stdout).trim().to_string())
    };
    let date = said("date", &["-u", "+%F"]).unwrap_or("Some day".into());
    let processors = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().filter(|load| !load.is_empty()).unwrap_or("unknown");
    format!("{date}, {model}, {cores} cores, load {load} at the start, {}:", crate::program::compiler())
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

fn range(values: &[f64]) -> String {
    let (low, high) = values.iter().fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(*x), high.max(*x)));
    if values.len() < 2 { String::new() } else { format!("{} to {}", factor(low), factor(high)) }
}

/// A ratio with as many digits as mean something.
fn factor(ratio: f64) -> String {
    let digits = if ratio < 10.0 { 2 } else { 0 };
    format!("{ratio:.digits$}")
}

/// Three digits count.
fn rounded(value: f64) -> u64 {
    let unit = 10_f64.powf((value.log10().floor() - 2.0).max(0.0));
    ((value / unit).round() * unit).round() as u64
}
