//! `drsim check` and `drsim new`, and reading a scenario for `drsim run`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use drsim::scenario::{self, Diagnostic, Options, Read, Source};

use super::args::{CheckArguments, NewArguments, ScenarioArguments};
use super::exit::Failure;
use super::record::Record;
use super::{colour, print, remark};

/// A scenario that was read, and what it was read from.
pub(crate) struct Loaded {
    /// As the command line names it.
    pub(crate) file: String,
    pub(crate) text: String,
    /// Changes, in their order: `PATH=VALUE`.
    pub(crate) set: Vec<String>,
    pub(crate) read: Read,
    /// The earlier run that it is taken from.
    pub(crate) from: Option<Record>,
}

/// Reads a scenario with changes `PATH=VALUE`; warnings go to standard error.
pub(crate) fn load(arguments: &ScenarioArguments, set: &[String], quiet: bool) -> Result<Loaded, Failure> {
    if let Some(from) = &arguments.from {
        let record = Record::read(from)?;
        if record.version != env!("CARGO_PKG_VERSION") {
            let (now, file) = (env!("CARGO_PKG_VERSION"), from.display());
            remark(&format!("warning: {file} is of drsim {}, this is {now}: results may differ", record.version));
        }
        return again(record, set, quiet);
    }
    let path = arguments.file.as_deref().unwrap_or(Path::new(""));
    let file = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Failure::broken(&format!("cannot read {file}"), &error))?;
    let text = String::from_utf8(bytes).map_err(|_| Failure::Wrong(format!("error: {file} is not UTF-8 text")))?;
    let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
    let files = |name: &str| fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    understand(file, text, set.to_vec(), &files, quiet)
}

/// Reads the scenario of an earlier run, with further changes; opens no file.
pub(crate) fn again(record: Record, set: &[String], quiet: bool) -> Result<Loaded, Failure> {
    let files = |name: &str| {
        let kept = record.data_files.iter().find(|kept| kept.file == name);
        kept.map(|kept| kept.text.clone()).ok_or_else(|| "the earlier run did not read it".to_string())
    };
    let all = [&record.set, set].concat();
    let loaded = understand(record.scenario.file.clone(), record.scenario.text.clone(), all, &files, quiet)?;
    Ok(Loaded { from: Some(record), ..loaded })
}

fn understand(
    file: String,
    text: String,
    set: Vec<String>,
    files: &dyn Fn(&str) -> Result<String, String>,
    quiet: bool,
) -> Result<Loaded, Failure> {
    let options = Options { set: pairs(&set)?, files };
    match scenario::read(Source { name: &file, text: &text }, &options) {
        Ok(read) => {
            if !quiet && !read.warnings.is_empty() {
                remark(&rendered(&read.warnings));
            }
            Ok(Loaded { read, file, text, set, from: None })
        }
        Err(errors) => Err(Failure::Wrong(rendered(&errors))),
    }
}

/// Divides each `PATH=VALUE` at its first equals sign.
fn pairs(set: &[String]) -> Result<Vec<(String, String)>, Failure> {
    let pair = |set: &String| match set.split_once('=') {
        Some((path, value)) => Ok((path.trim().to_string(), value.trim().to_string())),
        None => Err(Failure::Wrong(format!("error: --set {set}: is no PATH=VALUE, such as run.histories=1000"))),
    };
    set.iter().map(pair).collect()
}

fn rendered(diagnostics: &[Diagnostic]) -> String {
    let texts: Vec<String> = diagnostics.iter().map(|diagnostic| diagnostic.render(colour(&io::stderr()))).collect();
    texts.join("\n\n")
}

/// Validates a scenario.
pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let loaded = load(&arguments.scenario, &arguments.scenario.set, false)?;
    if arguments.resolved {
        return print(&scenario::resolved(&loaded.read));
    }
    let scenario = &loaded.read.scenario;
    let (strategies, hazards) = (scenario.strategies.len(), scenario.hazards.len());
    print(&format!("{} is valid: {strategies} strategies, {hazards} hazards\n", loaded.file))
}

/// Writes a scenario to start from.
pub(crate) fn new(arguments: &NewArguments) -> Result<(), Failure> {
    let text = match &arguments.from {
        None => scenario::starter(),
        Some(name) => shipped(name)?,
    };
    let cannot = |error: io::Error| Failure::broken(&format!("cannot write {}", arguments.file.display()), &error);
    let mut file = File::create_new(&arguments.file).map_err(cannot)?;
    file.write_all(text.as_bytes()).map_err(cannot)?;
    print(&format!("wrote {0}; run it with: drsim run {0}\n", arguments.file.display()))
}

fn shipped(name: &str) -> Result<&'static str, Failure> {
    let known = scenario::shipped();
    match known.iter().find(|(known, _)| *known == name) {
        Some((_, text)) => Ok(text),
        None => {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            Err(Failure::Wrong(format!("error: --from {name}: no such scenario{}", super::nearest(name, &names))))
        }
    }
}
