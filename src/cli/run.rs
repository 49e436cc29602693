//! `drsim run`: simulates every strategy, writes the results, prints the comparison.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use drsim::cost::Bill;
use drsim::model::Scenario;
use drsim::outcome::Outcome;
use drsim::report;
use drsim::report::charts::Canvas;
use drsim::report::raw::Raw;
use drsim::study::{self, Study};
use drsim::summary::Summary;
use rayon::prelude::*;

use super::args::{Format, RunArguments};
use super::exit::Failure;
use super::record::{Record, Text};
use super::scenario::{self, Loaded};
use super::{colour, glyphs, interrupt, nearest, print, progress};
use crate::output::Output;

/// A run as checked: names are indices, defaults are filled in.
struct Plan<'a> {
    arguments: &'a RunArguments,
    loaded: Loaded,
    scenario: Scenario,
    set: Vec<String>,
    baseline: usize,
    gates: Vec<usize>,
    folder: PathBuf,
    threads: usize,
}

/// Runs a scenario.
pub(crate) fn run(arguments: &RunArguments) -> Result<(), Failure> {
    let plan = plan(arguments)?;
    let cancel = interrupt::flag();
    let mut output = Output::open(&plan.folder).map_err(|error| cannot_write(&plan.folder, &error))?;
    let study = simulate(&plan, &mut output)?;
    let summary = Summary::new(&plan.scenario, &study.partial);
    write(&plan, &study, &summary, &mut output).map_err(|error| cannot_write(&plan.folder, &error))?;
    if cancel.load(Ordering::Relaxed) {
        return Err(Failure::Interrupted);
    }
    output.commit().map_err(|error| cannot_write(&plan.folder, &error))?;
    show(&plan, &summary)?;
    gate(&plan, &summary)
}

fn plan(arguments: &RunArguments) -> Result<Plan<'_>, Failure> {
    let set = overrides(arguments);
    let loaded = scenario::load(&arguments.scenario, &set, arguments.quiet)?;
    let mut scenario = loaded.read.scenario.clone();
    if !arguments.only.is_empty() {
        let kept = indices(&scenario, "--only", &arguments.only)?;
        let all = std::mem::take(&mut scenario.strategies);
        scenario.strategies = all.into_iter().enumerate().filter(|(k, _)| kept.contains(k)).map(|(_, s)| s).collect();
    }
    let baseline = indices(&scenario, "--baseline", arguments.baseline.as_slice())?;
    let gates = indices(&scenario, "--gate", &arguments.gate)?;
    let folder = arguments.out.clone().unwrap_or_else(|| default_folder(&arguments.scenario.file));
    let threads = match arguments.threads {
        Some(threads) => usize::from(threads),
        None => std::thread::available_parallelism().map_or(1, usize::from),
    };
    let baseline = baseline.first().copied().unwrap_or(0);
    Ok(Plan { arguments, loaded, scenario, set, baseline, gates, folder, threads })
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

fn simulate(plan: &Plan, output: &mut Output) -> Result<Study, Failure> {
    let cancel = interrupt::flag();
    let bar = progress::bar(plan.scenario.run.histories, plan.arguments.quiet);
    let cannot = |error: io::Error| cannot_write(&plan.folder, &error);
    let mut tables = match plan.arguments.raw {
        true => {
            let (histories, incidents) = (output.file("histories.csv"), output.file("incidents.csv"));
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
fn write(plan: &Plan, study: &Study, summary: &Summary, output: &mut Output) -> io::Result<()> {
    output.write("summary.csv", |file| report::csv::summary(summary, file))?;
    output.write("rto.csv", |file| report::csv::rto(&plan.scenario, summary, file))?;
    output.write("rpo.csv", |file| report::csv::rpo(&plan.scenario, summary, file))?;
    output.write("phases.csv", |file| report::csv::phases(summary, file))?;
    output.write("cost_curve.csv", |file| report::csv::cost_curve(summary, file))?;
    output.write("differences.csv", |file| report::csv::differences(summary, file))?;
    if !plan.arguments.no_charts {
        let charts = report::charts::charts(&plan.scenario, summary);
        let review = report::html::Review {
            read: &plan.loaded.read,
            text: &plan.loaded.text,
            set: &plan.set,
            scenario: &plan.scenario,
            partial: &study.partial,
            summary,
            charts: &charts,
        };
        output.write("report.html", |file| file.write_all(report::html::render(&review).as_bytes()))?;
        for (name, svg, png) in painted(plan, &charts)? {
            output.write(&format!("charts/{name}.svg"), |file| file.write_all(svg.as_bytes()))?;
            output.write(&format!("charts/{name}.png"), |file| file.write_all(&png))?;
        }
    }
    output.write("run.json", |file| {
        serde_json::to_writer_pretty(&mut *file, &record(plan, study))?;
        file.write_all(b"\n")
    })
}

/// The charts: name, SVG, PNG. Painting them takes longer than all else that is written, so the threads share them.
fn painted(plan: &Plan, charts: &[(&'static str, Canvas)]) -> io::Result<Vec<(&'static str, String, Vec<u8>)>> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(plan.threads).build().map_err(io::Error::other)?;
    Ok(threads.install(|| charts.par_iter().map(|(name, chart)| (*name, chart.svg(), chart.png())).collect()))
}

fn record<'a>(plan: &'a Plan, study: &Study) -> Record<'a> {
    let data_files = plan.loaded.read.data_files.iter().map(|(file, text)| Text::new(file, text)).collect();
    let strategies: Vec<&str> = plan.scenario.strategies.iter().map(|strategy| strategy.name.as_str()).collect();
    Record {
        version: env!("CARGO_PKG_VERSION"),
        seed: plan.scenario.run.seed,
        histories: study.histories,
        horizon_s: plan.scenario.run.horizon.seconds(),
        scenario: Text::new(&plan.loaded.file, &plan.loaded.text),
        data_files,
        set: &plan.set,
        baseline: strategies[plan.baseline],
        strategies,
    }
}

/// Prints what was asked for and, after a table, where the results are.
fn show(plan: &Plan, summary: &Summary) -> Result<(), Failure> {
    let place = format!("Results: {}\n", plan.folder.display());
    match plan.arguments.format {
        Format::Table => {
            let colour = colour(&io::stdout());
            let table = report::table::table(summary, colour);
            let strips = report::strip::recovery_times(summary, glyphs(), colour);
            let apart = if strips.is_empty() { "" } else { "\n" };
            let place = if plan.arguments.quiet { "" } else { &place };
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

fn cannot_write(folder: &Path, error: &io::Error) -> Failure {
    Failure::Broken(format!("cannot write results to {}: {error}", folder.display()))
}
