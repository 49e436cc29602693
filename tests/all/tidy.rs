//! Rules of the code base that a reader cannot be trusted to keep: imports go downward only.

use std::collections::BTreeSet;
use std::path::Path;

/// Which modules of the library a module may use, besides itself. The order is that of `docs/ARCHITECTURE.md`.
const MAY_USE: [(&str, &[&str]); 16] = [
    ("units", &[]),
    ("rng", &[]),
    ("dist", &[]),
    ("model", &["units", "dist"]),
    ("scenario", &["units", "dist", "model"]),
    ("hazard", &["units", "rng", "dist", "model"]),
    ("outcome", &["model", "units"]),
    ("plan", &["units", "rng", "model", "outcome"]),
    ("trace", &["units", "model", "hazard", "outcome"]),
    ("engine", &["units", "rng", "dist", "model", "hazard", "outcome", "plan", "trace"]),
    ("cost", &["units", "model", "outcome"]),
    ("stats", &["units", "model", "outcome", "cost"]),
    ("study", &["model", "outcome", "engine", "cost", "stats"]),
    ("summary", &["units", "model", "outcome", "cost", "stats"]),
    ("report", &["units", "model", "scenario", "hazard", "outcome", "trace", "engine", "cost", "stats", "summary"]),
    ("lib", &[]),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(concat!(env!("CARGO_MANIFEST_DIR"), "/src")).expect("below src");
            found.push((name.display().to_string(), std::fs::read_to_string(&path).expect("text")));
        }
    }
}

/// The modules of the library that a text names after `crate::`, tests apart.
fn used(text: &str) -> BTreeSet<&str> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let after = lines.flat_map(|line| line.split("crate::").skip(1));
    after.filter_map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next()).collect()
}

#[test]
fn imports_go_downward_only() {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut files);
    let mut wrong = Vec::new();
    for (name, text) in &files {
        let module = name.split(['/', '.']).next().unwrap_or(name);
        let Some((_, allowed)) = MAY_USE.iter().find(|rule| rule.0 == module) else {
            continue; // the binary: it sees the library's public face only, which the compiler checks
        };
        for other in used(text) {
            let known = MAY_USE.iter().any(|rule| rule.0 == other);
            if known && other != module && !allowed.contains(&other) {
                wrong.push(format!("src/{name} uses `{other}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_library_reads_no_clock_no_file_and_prints_nothing() {
    let mut files = Vec::new();
    sources(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src")), &mut files);
    let banned = ["std::fs", "std::time", "Instant::now", "println!", "std::env", "std::process"];
    for (name, text) in &files {
        if name.starts_with("cli") || ["main.rs", "output.rs"].contains(&name.as_str()) || name.ends_with("/tests.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or(text);
        for word in banned {
            assert!(!code.contains(word), "src/{name} has `{word}`");
        }
    }
}
