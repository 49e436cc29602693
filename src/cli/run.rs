//! `drsim run`: simulates every strategy, writes the results, prints the comparison.

use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use drsim::cost::Bill;
use drsim::model::Scenario;
use drsim::outcome::Outcome;
use drsim::report;
use drsim::report::raw::Raw;
use drsim::report::strip::Glyphs;
use drsim::stats::Partial;
use drsim::study::{self, Study};
use drsim::summary::Summary;
use rayon::ThreadPool;
use rayon::prelude::*;

use super::args::{EngineKind, Format, RunArguments, ShowArguments};
use super::exit::Failure;
use super::record::{Record, Text};
use super::scenario::{self, Loaded};
use super::{colour, glyphs, interrupt, nearest, print, progress, shard};
use crate::output::{Output, RAW};

/// A run as checked: names are indices, defaults are filled in.
pub(super) struct Plan<'a> {
    pub(super) show: &'a ShowArguments,
    pub(super) loaded: Loaded,
    pub(super) scenario: Scenario,
    pub(super) baseline: usize,
    gates: Vec<usize>,
    pub(super) folder: PathBuf,
    threads: usize,
}

/// Which strategies, and what they are compared with.
pub(super) struct Choice<'a> {
    pub(super) only: &'a [String],
    pub(super) baseline: Option<&'a String>,
}

/// Runs a scenario.
pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let loaded = scenario::load(&arguments.scenario, &overrides(arguments), arguments.show.quiet)?;
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(Path::new(&loaded.file)));
    let choice = Choice { only: &arguments.only, baseline: arguments.baseline.as_ref() };
    let plan = Plan::new(loaded, &choice, &arguments.show, folder, arguments.threads)?;
    let mut output = plan.open()?;
    let all = plan.scenario.run.histories;
    let histories = arguments.shard.map_or(0..all, |shard| shard.histories(all));
    let study = simulate(&plan, arguments, histories, &mut output)?;
    match arguments.shard {
        Some(shard) => shard::write(&plan, shard, arguments.raw, study, output),
        None => finish(&plan, &study.partial, &plan.pool()?, output),
    }
}

/// Writes and prints all that comes of a whole run.
pub(super) fn finish(plan: &Plan, partial: &Partial, threads: &ThreadPool, mut output: Output) -> Result<(), Failure> {
    let summary = threads.install(|| Summary::new(&plan.scenario, partial));
    write(plan, partial, &summary, threads, &mut output).map_err(|error| plan.cannot_write(&error))?;
    plan.commit(output)?;
    show(plan, &summary)?;
    gate(plan, &summary)
}

impl Plan<'_> {
    pub(super) fn new<'a>(
        loaded: Loaded,
        choice: &Choice,
        show: &'a ShowArguments,
        folder: PathBuf,
        threads: Option<u16>,
    ) -> Result<Plan<'a>, Failure> {
        let mut scenario = loaded.read.scenario.clone();
        let (only, baseline) = match &loaded.from {
            Some(record) if choice.only.is_empty() => {
                (&record.strategies[..], choice.baseline.or(Some(&record.baseline)))
            }
            Some(_) | None => (choice.only, choice.baseline),
        };
        if !only.is_empty() {
            let kept = indices(&scenario, "--only", only)?;
            let all = std::mem::take(&mut scenario.strategies);
            scenario.strategies =
                all.into_iter().enumerate().filter(|(k, _)| kept.contains(k)).map(|(_, s)| s).collect();
        }
        let baseline = indices(&scenario, "--baseline", baseline.map_or(&[], std::slice::from_ref))?;
        let gates = indices(&scenario, "--gate", &show.gate)?;
        let threads = super::threads(threads);
        let baseline = baseline.first().copied().unwrap_or(0);
        Ok(Plan { show, loaded, scenario, baseline, gates, folder, threads })
    }

    /// Threads to share what follows the histories.
    pub(super) fn pool(&self) -> Result<ThreadPool, Failure> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads).build();
        pool.map_err(|error| Failure::Broken(format!("cannot start {} threads: {error}", self.threads)))
    }

    /// The folder for the results, before the long run.
    pub(super) fn open(&self) -> Result<Output, Failure> {
        Output::open(&self.folder).map_err(|error| self.cannot_write(&error))
    }

    /// Puts the results in their place, unless somebody has interrupted.
    pub(super) fn commit(&self, output: Output) -> Result<(), Failure> {
        if interrupt::flag().load(Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        output.commit().map_err(|error| self.cannot_write(&error))
    }

    pub(super) fn cannot_write(&self, error: &io::Error) -> Failure {
        Failure::Broken(format!("cannot write results to {}: {error}", self.folder.display()))
    }

    /// What is needed to repeat the run.
    pub(super) fn record(&self) -> Record {
        let data_files = self.loaded.read.data_files.iter().map(|(file, text)| Text::new(file, text)).collect();
        let strategies: Vec<String> = self.scenario.strategies.iter().map(|strategy| strategy.name.clone()).collect();
        Record {
            version: env!("CARGO_PKG_VERSION").into(),
            seed: self.scenario.run.seed,
            histories: self.scenario.run.histories,
            horizon_s: self.scenario.run.horizon.seconds(),
            scenario: Text::new(&self.loaded.file, &self.loaded.text),
            data_files,
            set: self.loaded.set.clone(),
            baseline: strategies[self.baseline].clone(),
            strategies,
        }
    }
}

/// The flags that stand for a value of the scenario come last, so that they win.
fn overrides(arguments: &RunArguments) -> Vec<String> {
    let mut set = arguments.scenario.set.clone();
    set.extend(arguments.histories.map(|histories| format!("run.histories={histories}")));
    set.extend(arguments.horizon.as_ref().map(|horizon| format!("run.horizon={horizon}")));
    set.extend(arguments.seed.map(|seed| format!("run.seed={seed}")));
    set
}

/// Strategies by name; all that are unknown are named at once, each with the nearest that there is.
fn indices(scenario: &Scenario, flag: &str, names: &[String]) -> Result<Vec<usize>, Failure> {
    let known: Vec<&str> = scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    let (mut found, mut complaints) = (Vec::new(), String::new());
    for name in names {
        match known.iter().position(|known| known == name) {
            Some(index) => found.push(index),
            None => complaints += &format!("error: {flag} {name}: no such strategy{}\n", nearest(name, &known)),
        }
    }
    if complaints.is_empty() { Ok(found) } else { Err(Failure::Wrong(complaints)) }
}

/// Where results go when nothing is said.
pub(super) fn default_folder(file: &Path) -> PathBuf {
    Path::new("output").join(file.file_stem().unwrap_or(file.as_os_str()))
}

fn simulate(
    plan: &Plan,
    arguments: &RunArguments,
    histories: Range<u64>,
    output: &mut Output,
) -> Result<Study, Failure> {
    let cancel = interrupt::flag();
    let bar = progress::bar(histories.end - histories.start, plan.show.quiet);
    let cannot = |error: io::Error| plan.cannot_write(&error);
    let mut tables = match arguments.raw {
        true => {
            let (histories, incidents) = (output.file(RAW[0]), output.file(RAW[1]));
            Some(Raw::new(&plan.scenario, histories.map_err(cannot)?, incidents.map_err(cannot)?).map_err(cannot)?)
        }
        false => None,
    };
    let mut sink = tables
        .as_mut()
        .map(|tables| |number: u64, outcomes: &[Outcome], bills: &[Bill]| tables.history(number, outcomes, bills));
    let study = study::run(
        &plan.scenario,
        plan.baseline,
        study::Options {
            histories,
            plain: arguments.engine == EngineKind::Plain,
            threads: plan.threads,
            cancel,
            progress: &mut |done| bar.set_position(done),
            raw: sink.as_mut().map(|sink| sink as _),
        },
    );
    bar.finish_and_clear();
    let study = study.map_err(cannot)?;
    if let Some(tables) = tables {
        tables.finish().map_err(cannot)?;
    }
    if cancel.load(Ordering::Relaxed) { Err(Failure::Interrupted) } else { Ok(study) }
}

/// Writes all results to their place behind the scenes.
fn write(
    plan: &Plan,
    partial: &Partial,
    summary: &Summary,
    threads: &ThreadPool,
    output: &mut Output,
) -> io::Result<()> {
    output.write("summary.csv", |file| report::csv::summary(summary, file))?;
    output.write("rto.csv", |file| report::csv::rto(&plan.scenario, summary, file))?;
    output.write("rpo.csv", |file| report::csv::rpo(&plan.scenario, summary, file))?;
    output.write("phases.csv", |file| report::csv::phases(summary, file))?;
    output.write("cost_curve.csv", |file| report::csv::cost_curve(summary, file))?;
    output.write("differences.csv", |file| report::csv::differences(summary, file))?;
    if !plan.show.no_charts {
        let charts = report::charts::charts(&plan.scenario, summary);
        let review = report::html::Review {
            read: &plan.loaded.read,
            text: &plan.loaded.text,
            set: &plan.loaded.set,
            scenario: &plan.scenario,
            partial,
            summary,
            charts: &charts,
        };
        let (page, pictures) = painted(&review, threads);
        output.write("report.html", |file| file.write_all(page.as_bytes()))?;
        for ((name, chart), png) in charts.iter().zip(pictures) {
            output.write(&format!("charts/{name}.svg"), |file| file.write_all(chart.svg().as_bytes()))?;
            output.write(&format!("charts/{name}.png"), |file| file.write_all(&png))?;
        }
    }
    output.write("run.json", |file| {
        serde_json::to_writer_pretty(&mut *file, &plan.record())?;
        file.write_all(b"\n")
    })
}

/// The page and the charts as PNG. That takes longer than all else that is written, so the threads share it.
fn painted(review: &report::html::Review, threads: &ThreadPool) -> (String, Vec<Vec<u8>>) {
    let pictures = || review.charts.par_iter().map(|(_, chart)| chart.png()).collect();
    threads.install(|| rayon::join(|| report::html::render(review), pictures))
}

/// Prints what was asked for and, after a table, where the results are.
fn show(plan: &Plan, summary: &Summary) -> Result<(), Failure> {
    let place = format!("Results: {}\n", plan.folder.display());
    match plan.show.format {
        Format::Table => {
            let colour = colour(&io::stdout());
            let table = report::table::table(summary, colour);
            let table = if glyphs() == Glyphs::Ascii { table.replace("± ", "+-") } else { table };
            let strips = report::strip::recovery_times(summary, glyphs(), colour);
            let apart = if strips.is_empty() { "" } else { "\n" };
            let place = if plan.show.quiet { "" } else { &place };
            print(&format!("{}\n{apart}{strips}{apart}{place}", table.trim_end()))
        }
        Format::Json => print(&report::json::json(summary)),
        Format::Markdown => print(&report::markdown::markdown(summary)),
    }
}

/// Fails unless each strategy under a gate is shown to meet its objectives.
fn gate(plan: &Plan, summary: &Summary) -> Result<(), Failure> {
    let missed: Vec<&str> = plan
        .gates
        .iter()
        .filter(|gate| !summary.gate(**gate))
        .map(|gate| summary.strategies[*gate].name.as_str())
        .collect();
    if missed.is_empty() {
        return Ok(());
    }
    Err(Failure::ObjectivesMissed(format!(
        "gate: not shown to meet the objectives of every hazard: {}",
        missed.join(", ")
    )))
}
