//! Parts of a run: `drsim run --shard K/N` writes one, `drsim merge` puts them all together.
//!
//! A shard is two files: `shard.json` says what it is a part of, `partial.json` holds its exact counts and sums. As
//! these add up in any order, the merged run is, byte for byte, the run in one piece.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use drsim::stats::{Partial, Stored};
use drsim::study::Study;
use serde::{Deserialize, Serialize};

use super::args::{MergeArguments, Shard};
use super::exit::Failure;
use super::print;
use super::record::{Record, sha256};
use super::run::{self, Choice, Plan};
use super::scenario;
use crate::output::{Output, PARTIAL, RAW, SHARD};

/// What `shard.json` begins with.
const FORMAT: &str = "drsim-shard-8";

/// `shard.json`.
#[derive(Debug, Serialize, Deserialize)]
struct Label {
    format: String,
    shard: Shard,
    /// Numbers of its first history and of the first after it.
    histories: [u64; 2],
    /// Whether the tables of every history and incident are beside it.
    raw: bool,
    partial_sha256: String,
    /// The run that it is a part of.
    run: Record,
}

/// Writes what came of a shard.
pub(super) fn write(plan: &Plan, shard: Shard, raw: bool, study: Study, mut output: Output) -> Result<(), Failure> {
    let cannot = |error: io::Error| plan.cannot_write(&error);
    let partial = serde_json::to_vec(&study.partial.into_stored()).map_err(|error| cannot(error.into()))?;
    let run = plan.record();
    let histories = shard.histories(run.histories);
    let label = Label {
        format: FORMAT.into(),
        shard,
        histories: [histories.start, histories.end],
        raw,
        partial_sha256: sha256(&partial),
        run,
    };
    output.write(PARTIAL, |file| file.write_all(&partial)).map_err(cannot)?;
    let written = output.write(SHARD, |file| {
        serde_json::to_writer_pretty(&mut *file, &label)?;
        file.write_all(b"\n")
    });
    written.map_err(cannot)?;
    plan.commit(output)?;
    if plan.show.quiet {
        return Ok(());
    }
    let (Shard { number, of }, folder) = (shard, plan.folder.display());
    let count = histories.end - histories.start;
    print(&format!(
        "Shard {number} of {of} ({count} histories): {folder}\n\
         When all {of} are there: drsim merge SHARD... --out DIR, with the folder of each\n"
    ))
}

/// A shard that was read.
struct Part {
    folder: PathBuf,
    label: Label,
}

/// Puts the shards of a run together.
pub(crate) fn merge(arguments: &MergeArguments) -> Result<(), Failure> {
    let mut parts: Vec<Part> = arguments.folders.iter().map(|folder| Part::read(folder)).collect::<Result<_, _>>()?;
    let real = |path: &Path| fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if let Some(part) = parts.iter().find(|part| real(&part.folder) == real(&arguments.out)) {
        let out = part.folder.display();
        return Err(Failure::Wrong(format!("error: --out {out} is the folder of a shard; choose another")));
    }
    one_run(&parts)?;
    parts.sort_by_key(|part| part.label.shard);
    complete(&parts)?;

    let loaded = scenario::again(parts[0].label.run.clone(), &[], arguments.show.quiet)?;
    let choice = Choice { only: &[], baseline: None };
    let plan = Plan::new(loaded, &choice, &arguments.show, arguments.out.clone(), None)?;
    let mut output = plan.open()?;
    let threads = plan.pool()?;
    let mut merged = Partial::new(&plan.scenario, plan.baseline);
    for part in &parts {
        let partial = part.partial(&plan)?;
        threads.install(|| merged.merge(&partial));
    }
    if parts.iter().all(|part| part.label.raw) {
        for name in RAW {
            let mut file = output.file(name).map_err(|error| plan.cannot_write(&error))?;
            append_all(&parts, name, &mut file).map_err(|error| plan.cannot_write(&error))?;
        }
    }
    run::finish(&plan, &merged, &threads, output)
}

impl Part {
    fn read(folder: &Path) -> Result<Part, Failure> {
        let file = folder.join(SHARD);
        let (shown, named) = (folder.display(), file.display());
        let bytes = fs::read(&file).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Failure::Wrong(format!(
                "error: {shown} is no shard: there is no {SHARD}, which drsim run --shard K/N writes last"
            )),
            _ => Failure::broken(&format!("cannot read {named}"), &error),
        })?;
        let label: Label = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::Wrong(format!("error: {named} is no {SHARD} of drsim: {error}")))?;
        if label.format != FORMAT || label.run.version != env!("CARGO_PKG_VERSION") {
            let (was, now) = (&label.run.version, env!("CARGO_PKG_VERSION"));
            let (was, now) = match was == now {
                true => (format!("drsim {was} ({})", label.format), FORMAT),
                false => (format!("drsim {was}"), now),
            };
            return Err(Failure::Wrong(format!(
                "error: {shown} is of {was}, this is {now}: run the shards again, or merge them with {was}"
            )));
        }
        label.run.intact(&named.to_string())?;
        Ok(Part { folder: folder.to_path_buf(), label })
    }

    /// Its counts and sums.
    fn partial(&self, plan: &Plan) -> Result<Partial, Failure> {
        let file = self.folder.join(PARTIAL);
        let named = file.display();
        let bytes = fs::read(&file).map_err(|error| Failure::broken(&format!("cannot read {named}"), &error))?;
        let damaged = || Failure::Wrong(format!("error: {named} is damaged: run that shard again"));
        if sha256(&bytes) != self.label.partial_sha256 {
            return Err(damaged());
        }
        let stored: Stored = serde_json::from_slice(&bytes).map_err(|_| damaged())?;
        let partial = Partial::from_stored(&plan.scenario, plan.baseline, stored).ok_or_else(damaged)?;
        let [first, end] = self.label.histories;
        if partial.histories() == end - first { Ok(partial) } else { Err(damaged()) }
    }

    fn shown(&self) -> String {
        self.folder.display().to_string()
    }
}

/// Whether all shards are of the same run, split in the same way.
fn one_run(parts: &[Part]) -> Result<(), Failure> {
    let (first, others) = parts.split_first().expect("the command line asks for one");
    for other in others {
        if let Some(difference) = difference(&first.label, &other.label) {
            let (a, b) = (first.shown(), other.shown());
            return Err(Failure::Wrong(format!("error: {a} and {b} are not shards of one run: {difference}")));
        }
    }
    Ok(())
}

/// In what two shards differ that should not.
fn difference(one: &Label, other: &Label) -> Option<String> {
    let (a, b) = (&one.run, &other.run);
    let differ = |what: &str, a: &dyn std::fmt::Display, b: &dyn std::fmt::Display| Some(format!("{what} {a} and {b}"));
    if one.shard.of != other.shard.of {
        return Some(format!("one is a shard of {}, the other of {}", one.shard.of, other.shard.of));
    }
    if a.scenario.sha256 != b.scenario.sha256 {
        return differ("the scenarios differ,", &a.scenario.file, &b.scenario.file);
    }
    if a.seed != b.seed {
        return differ("the seeds are", &a.seed, &b.seed);
    }
    if a.histories != b.histories {
        return differ("the histories of the whole run are", &a.histories, &b.histories);
    }
    if a.baseline != b.baseline {
        return differ("the baselines are", &a.baseline, &b.baseline);
    }
    if a.strategies != b.strategies {
        return differ("the strategies are", &a.strategies.join(", "), &b.strategies.join(", "));
    }
    let files = |run: &Record| run.data_files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>();
    if files(a) != files(b) {
        return Some("the data files differ".into());
    }
    if a.set != b.set {
        let said = |run: &Record| if run.set.is_empty() { "nothing".into() } else { run.set.join(", ") };
        return differ("what was changed by --set and its like is", &said(a), &said(b));
    }
    (one.raw != other.raw).then(|| "only one was run with --raw".into())
}

/// Whether each shard is there once; they come in order.
fn complete(parts: &[Part]) -> Result<(), Failure> {
    let mut pairs = parts.iter().zip(&parts[1..]);
    if let Some((one, other)) = pairs.find(|(one, other)| one.label.shard == other.label.shard) {
        let (Shard { number, of }, a, b) = (one.label.shard, one.shown(), other.shown());
        return Err(Failure::Wrong(format!("error: shard {number}/{of} is there twice: {a} and {b}")));
    }
    let of = parts[0].label.shard.of;
    let there = |number: &u32| parts.iter().any(|part| part.label.shard.number == *number);
    let missing: Vec<String> =
        (1..=of).filter(|number| !there(number)).map(|number| format!("{number}/{of}")).collect();
    match &missing[..] {
        [] => Ok(()),
        [one] => Err(Failure::Wrong(format!("error: shard {one} is missing"))),
        several => Err(Failure::Wrong(format!("error: {} shards are missing: {}", several.len(), several.join(", ")))),
    }
}

/// Appends the tables of that name, with one header.
fn append_all(parts: &[Part], name: &str, to: &mut BufWriter<File>) -> io::Result<()> {
    for (index, part) in parts.iter().enumerate() {
        let mut from = BufReader::new(File::open(part.folder.join(name))?);
        if index > 0 {
            from.skip_until(b'\n')?;
        }
        io::copy(&mut from, to)?;
    }
    to.flush()
}
