//! From the text of a scenario to the model.
//!
//! One description of the format (`format`) carries reading, errors, defaults, the JSON Schema and the documentation.
//! The text becomes a tree that remembers where each value was written (`tree`); every value is checked against the
//! format (`read`); `--set`, built-in strategies, `[defaults]` and `like` are laid over each other and what is not said
//! is filled in (`resolve`); names become indices (`check`). All errors that can be found come in one go. Reads no
//! file: data files come through [`Options::files`].

mod builtin;
mod check;
mod diagnostic;
mod document;
mod format;
mod read;
mod resolve;
mod tree;
mod value;
mod warn;

use std::cell::RefCell;
use std::collections::BTreeMap;

pub use diagnostic::{Diagnostic, Severity};
pub use document::{Assumption, Origin, assumptions, format_markdown, resolved, schema};

use crate::model::Scenario;
use diagnostic::Fault;
use tree::{Place, Table, Text, Texts};

/// The text of a scenario.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// As messages show it: usually the path.
    pub name: &'a str,
    /// All of it.
    pub text: &'a str,
}

/// What else goes into reading.
pub struct Options<'a> {
    /// Values by their dotted path, laid over the text in this order.
    pub set: Vec<(String, String)>,
    /// Gives the text of a data file by its path relative to the scenario, or says why it cannot.
    pub files: &'a dyn Fn(&str) -> Result<String, String>,
}

impl Default for Options<'_> {
    /// Nothing set, no data files.
    fn default() -> Self {
        Options { set: Vec::new(), files: &|_| Err("data files cannot be read here".into()) }
    }
}

/// A scenario that was read.
#[derive(Clone, Debug)]
pub struct Read {
    /// Ready to be simulated.
    pub scenario: Scenario,
    /// What it may say without meaning it.
    pub warnings: Vec<Diagnostic>,
    /// Data files: path and text.
    pub data_files: Vec<(String, String)>,
    root: Table,
    texts: Texts,
}

/// Reads a scenario.
///
/// # Errors
/// Everything that is wrong with it, in the order of the text.
pub fn read(source: Source, options: &Options) -> Result<Read, Vec<Diagnostic>> {
    let mut texts = vec![
        Text { name: source.name.into(), text: source.text.into() },
        Text { name: "default".into(), text: String::new() },
    ];
    let cache: RefCell<BTreeMap<String, Result<String, String>>> = RefCell::default();
    let files = |path: &str| cache.borrow_mut().entry(path.into()).or_insert_with(|| (options.files)(path)).clone();
    let (root, scenario, faults) = match whole(source, options, &mut texts, &files) {
        Ok(done) => done,
        Err(faults) => return Err(diagnostics(faults, &texts)),
    };
    let warnings = diagnostics(faults, &texts);
    let data_files = cache.into_inner().into_iter().filter_map(|(path, text)| Some((path, text.ok()?))).collect();
    Ok(Read { scenario, warnings, data_files, root, texts })
}

type Done = (Table, Scenario, Vec<Fault>);

fn whole(source: Source, options: &Options, texts: &mut Texts, files: &value::Files) -> Result<Done, Vec<Fault>> {
    let mut root = tree::parse(source.text, 0).map_err(|(place, error)| vec![Fault::new(&place, error)])?;
    let mut faults = Vec::new();
    for (path, value) in &options.set {
        faults.extend(resolve::set(&mut root, path, value, texts).err());
    }
    read::values(&root, &format::SCENARIO, files, &mut faults);
    let misshapen = !faults.is_empty();
    resolve::strategies(&mut root, texts, &mut faults);
    resolve::fill_all(&mut root);
    read::missing(&root, &format::SCENARIO, "", &Place::default(), &mut faults);
    let (scenario, more) = check::scenario(&root, files);
    // Warnings are about scenarios that can be run.
    faults.extend(more.into_iter().filter(|fault| !misshapen || fault.severity == Severity::Error));
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        faults.retain(|fault| fault.severity == Severity::Error);
        return Err(faults);
    }
    Ok((root, scenario, faults))
}

/// In the order of the texts, each once.
fn diagnostics(mut faults: Vec<Fault>, texts: &Texts) -> Vec<Diagnostic> {
    faults.sort_by_key(|fault| (fault.place.text, fault.place.span.start));
    faults.dedup();
    faults.into_iter().map(|fault| fault.diagnostic(texts)).collect()
}

/// The scenario that `drsim new` writes: small, commented, runs as it stands.
pub fn starter() -> &'static str {
    include_str!("starter.toml")
}

/// The shipped scenarios: name and text.
pub fn shipped() -> &'static [(&'static str, &'static str)] {
    &[
        ("web-shop", include_str!("../../scenarios/web-shop.toml")),
        ("core-banking", include_str!("../../scenarios/core-banking.toml")),
        ("data-warehouse", include_str!("../../scenarios/data-warehouse.toml")),
        ("ransomware", include_str!("../../scenarios/ransomware.toml")),
        ("drills", include_str!("../../scenarios/drills.toml")),
        ("own-runbook", include_str!("../../scenarios/own-runbook.toml")),
        ("replay-2021-12-07", include_str!("../../scenarios/replay-2021-12-07.toml")),
        ("replay-2025-10-19", include_str!("../../scenarios/replay-2025-10-19.toml")),
    ]
}
