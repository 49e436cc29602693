//! The shipped scenarios give what the committed `output/` shows.
//!
//! After a change that moves numbers on purpose: `DRSIM_WRITE=1 cargo test shipped` writes the new ones.

use crate::program::Place;
use drsim::scenario;
use std::path::{Path, PathBuf};

/// What of a result folder is committed: tables and charts that a browser shows, not what is large.
fn committed(name: &str) -> bool {
    ["summary.csv", "phases.csv", "cost_curve.csv", "differences.csv"].contains(&name) || name.ends_with(".svg")
}

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

#[test]
fn committed_results_are_what_the_shipped_scenarios_give() {
    let mut stale = Vec::new();
    for (name, _) in scenario::shipped() {
        let place = Place::new();
        let file = project(&format!("scenarios/{name}.toml"));
        let table = place.drsim(&format!("run {} --out results --quiet", file.display())).with(0).stdout;
        let mut files = place.files("results");
        files.retain(|file| committed(&file.0));
        if *name == "web-shop" {
            let (path, current) = (project("README.md"), with_alternatives(readme_with(&table), &files));
            if std::env::var_os("DRSIM_WRITE").is_some() {
                std::fs::write(&path, &current).expect("written");
            } else if std::fs::read_to_string(&path).ok() != Some(current) {
                stale.push("README.md".into());
            }
        }
        files.push(("table.txt".into(), table.into_bytes()));
        for (file, bytes) in files {
            let path = project(&format!("output/{name}/{file}"));
            if std::env::var_os("DRSIM_WRITE").is_some() {
                std::fs::create_dir_all(path.parent().expect("below output")).expect("a folder");
                std::fs::write(&path, &bytes).expect("written");
            } else if std::fs::read(&path).ok().as_deref() != Some(&bytes[..]) {
                stale.push(format!("output/{name}/{file}"));
            }
        }
    }
    assert!(stale.is_empty(), "not what the scenarios give now: {}\n(DRSIM_WRITE=1 writes them)", stale.join(", "));
}

#[test]
fn every_scenario_of_the_folder_comes_with_the_program() {
    let mut files: Vec<String> = std::fs::read_dir(project("scenarios"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    files.sort();
    let mut shipped: Vec<String> = scenario::shipped().iter().map(|scenario| scenario.0.to_owned()).collect();
    shipped.sort();
    assert_eq!(files, shipped);
}

#[test]
fn the_scenario_of_the_readme_runs_without_a_warning() {
    let readme = std::fs::read_to_string(project("README.md")).expect("a README");
    let (_, rest) = readme.split_once("```toml\n").expect("a scenario");
    let place = Place::new();
    place.put("readme.toml", rest.split_once("```").expect("its end").0);
    let ended = place.drsim("run readme.toml --histories 200 --no-charts").with(0).prints("own");
    assert_eq!(ended.stderr, "");
}

/// The README with the table that web-shop gives: its lines, the first two of where each strategy breaks, and the strips.
fn readme_with(table: &str) -> String {
    let readme = std::fs::read_to_string(project("README.md")).expect("a README");
    let (before, rest) = readme.split_once("```text\n").expect("a table");
    let (_, after) = rest.split_once("```").expect("its end");
    let lines: Vec<&str> = table.lines().skip(3).collect();
    let shown = lines.iter().position(|line| *line == "Where it breaks").expect("where it breaks") + 3;
    let strips = lines.iter().position(|line| line.starts_with("Recovery time of all incidents")).expect("strips");
    let strips = lines[strips..].join("\n");
    format!("{before}```text\n{}\n  …\n\n{}\n```{after}", lines[..shown].join("\n"), strips.trim_end())
}

/// The README with what each of its pictures says, for those who cannot see them.
fn with_alternatives(readme: String, files: &[(String, Vec<u8>)]) -> String {
    let picture = |line: &str| -> Option<String> {
        let path = line.strip_prefix("![")?.split_once("](output/web-shop/")?.1.strip_suffix(')')?;
        let (_, svg) = files.iter().find(|file| file.0 == path).unwrap_or_else(|| panic!("no picture {path}"));
        let svg = String::from_utf8_lossy(svg);
        let title = svg.split_once("<title>")?.1.split_once("</title>")?.0;
        Some(format!("![{title}](output/web-shop/{path})"))
    };
    let lines: Vec<String> = readme.lines().map(|line| picture(line).unwrap_or_else(|| line.into())).collect();
    lines.join("\n") + "\n"
}
