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

#[test]
fn the_table_of_the_readme_is_the_one_that_web_shop_gives() {
    let readme = std::fs::read_to_string(project("README.md")).expect("a README");
    let table = std::fs::read_to_string(project("output/web-shop/table.txt")).expect("a table");
    let (_, rest) = readme.split_once("```text\n").expect("a table");
    for line in rest.lines().take_while(|line| *line != "```" && line.trim() != "…") {
        assert!(table.lines().any(|other| other == line), "the README shows {line:?}, web-shop gives\n{table}");
    }
}
