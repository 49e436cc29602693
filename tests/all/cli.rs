//! The command line: exit codes, streams, flags.

use std::process::Stdio;

use crate::program::{Ended, Place};

#[test]
fn a_run_prints_the_comparison_and_says_where_the_results_are() {
    let ended = Place::new().drsim("run small.toml").with(0);
    let ended = ended.prints("backup-restore").prints("hot-standby");
    let last = ended.stdout.trim_end().lines().last().unwrap_or_default();
    assert!(last.contains("output/small"), "{}", ended.stdout);
    assert!(!ended.stderr.contains("left"), "a progress bar without a terminal: {}", ended.stderr);
    assert!(!ended.stdout.contains('\u{1b}'), "colours in a file");
}

#[test]
fn distributions_are_drawn_in_lines_with_what_the_terminal_can_show() {
    let place = Place::new();
    let long = "strategies.hot-standby.title=A name that is longer than anybody would want to read in a table";
    let blocks =
        Ended::of(place.command("run small.toml --no-charts").args(["--set", long]).output().expect("it runs"));
    let blocks = blocks.with(0).prints("│ RTO 1 h").prints("█").stdout;
    assert!(blocks.lines().all(|line| line.chars().count() <= 100 || line.starts_with("Results:")), "{blocks}");
    for (name, value) in [("LC_ALL", "C"), ("LANG", "de_DE.ISO-8859-1"), ("TERM", "dumb")] {
        let output = place.command("run small.toml --no-charts").env(name, value).output().expect("it runs");
        let ended = Ended::of(output).with(0).prints("| RTO 1 h").prints("#");
        assert!(ended.stdout.is_ascii(), "{name}={value}: {}", ended.stdout);
    }
    let output = place.command("run small.toml --no-charts").env("LANG", "en_GB.utf8").output().expect("it runs");
    Ended::of(output).with(0).prints("█");
}

#[test]
fn wrong_usage_ends_with_2() {
    let place = Place::new();
    place.drsim("").with(2);
    place.drsim("run").with(2).says("FILE");
    place.drsim("run small.toml --threads 0").with(2);
    place.drsim("run small.toml --histories 0").with(2);
    place.drsim("run small.toml --horizon soon").with(2);
    place.drsim("run small.toml --set nonsense").with(2);
    place.drsim("run small.toml --set workload.colour=red").with(2);
    place.drsim("fly").with(2).says("fly");
    assert!(!place.path("output").exists());
}

#[test]
fn help_and_version_go_to_standard_output() {
    let place = Place::new();
    place.drsim("--help").with(0).prints("Usage");
    place.drsim("run --help").with(0).prints("--gate").prints("130");
    place.drsim("--version").with(0).prints(env!("CARGO_PKG_VERSION"));
}

#[test]
fn an_unknown_strategy_is_answered_with_the_nearest() {
    let place = Place::new();
    for flag in ["--only", "--baseline", "--gate"] {
        let ended = place.drsim(&format!("run small.toml {flag} hot-stanby")).with(2);
        ended.says(flag).says("hot-stanby").says("did you mean `hot-standby`?");
    }
    place.drsim("run small.toml --only x --only backup-restor").with(2).says("--only x").says("`backup-restore`?");
}

#[test]
fn a_file_that_cannot_be_read_or_written_ends_with_1() {
    let place = Place::new();
    place.drsim("run nowhere.toml").with(1).says("nowhere.toml");
    place.put("file", "");
    // Before the long run: this one would take hours.
    place.drsim("run small.toml --histories 1000000000 --out file").with(1).says("file");
}

#[test]
fn errors_of_a_scenario_end_with_2_and_are_all_shown() {
    let place = Place::new();
    let wrong = crate::program::SMALL.replace("kind = \"hot-standby\"", "kind = \"hot-standbye\"");
    place.put("wrong.toml", &wrong.replace("rate = \"2/y\"", "rate = \"2/fortnight\""));
    for command in ["run", "check"] {
        let ended = place.drsim(&format!("{command} wrong.toml")).with(2);
        ended.says("wrong.toml").says("hot-standbye").says("2/fortnight");
    }
}

#[test]
fn check_runs_nothing_and_prints_the_resolved_scenario_on_demand() {
    let place = Place::new();
    place.drsim("check small.toml").with(0);
    assert!(!place.path("output").exists());
    let resolved = place.drsim("check small.toml --resolved").with(0).prints("[strategies.hot-standby");
    place.put("resolved.toml", &resolved.stdout);
    place.drsim("run resolved.toml --out resolved --quiet").with(0);
    place.drsim("run small.toml --out plain --quiet").with(0);
    // These two hold the text of the scenario.
    let holds_text = |name: &str| ["run.json", "report.html"].contains(&name);
    let results =
        |below: &str| -> Vec<_> { place.files(below).into_iter().filter(|(name, _)| !holds_text(name)).collect() };
    assert!(results("resolved") == results("plain"), "the resolved scenario gives other results");
}

#[test]
fn the_gate_ends_with_3_when_objectives_are_missed_and_writes_all_the_same() {
    let place = Place::new();
    place.drsim("run small.toml --gate backup-restore").with(3).says("backup-restore").prints("backup-restore");
    assert!(place.path("output/small/summary.csv").exists());
    let easy = "--set objectives.rto=900d --set objectives.rpo=900d --set objectives.attainment=0.5";
    let easy = format!("{easy} --set objectives.bad-deploy.rto=900d --set objectives.bad-deploy.rpo=900d");
    place.drsim(&format!("run small.toml --gate hot-standby {easy}")).with(0);
}

#[test]
fn only_and_set_change_what_is_run_and_nothing_else() {
    let place = Place::new();
    place.drsim("run small.toml --out both").with(0);
    place.drsim("run small.toml --only hot-standby --out one").with(0);
    let of_hot_standby = |text: String| -> Vec<String> {
        text.lines().filter(|line| line.starts_with("hot-standby,")).map(String::from).collect()
    };
    let one = place.text("one/summary.csv");
    assert!(!one.contains("backup-restore"));
    assert_eq!(of_hot_standby(one), of_hot_standby(place.text("both/summary.csv")));
    place.drsim("run small.toml --set run.seed=2 --out set").with(0);
    place.drsim("run small.toml --seed 2 --out flag").with(0);
    assert_eq!(place.text("set/summary.csv"), place.text("flag/summary.csv"));
    assert_ne!(place.text("set/summary.csv"), place.text("both/summary.csv"));
}

#[test]
fn json_and_markdown_are_the_whole_of_standard_output() {
    let place = Place::new();
    let json = place.drsim("run small.toml --format json --no-charts").with(0);
    assert!(serde_json::from_str::<serde_json::Value>(&json.stdout).is_ok(), "{}", json.stdout);
    let markdown = place.drsim("run small.toml --format markdown --no-charts").with(0);
    assert!(markdown.stdout.contains("|--") || markdown.stdout.contains("| --"), "{}", markdown.stdout);
    assert!(!markdown.stdout.contains("output/small"));
}

#[test]
fn quiet_says_nothing_on_standard_error() {
    let ended = Place::new().drsim("run small.toml --quiet").with(0);
    assert_eq!(ended.stderr, "");
}

#[test]
fn a_closed_pipe_is_no_error() {
    let place = Place::new();
    let mut command = place.command("run small.toml --no-charts");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.with(0).stderr.matches("rror").count(), 0);
    assert!(place.path("output/small/summary.csv").exists());
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_ends_with_130_and_leaves_the_old_results() {
    let place = Place::new();
    place.drsim("run small.toml").with(0);
    let before = place.files("output");
    let mut command = place.command("run small.toml --histories 1000000000 --seed 7 --raw");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    // The first rows of raw results show that the simulation is under way.
    let staged = || {
        let entries = std::fs::read_dir(place.path("output/small")).expect("the folder").flatten();
        let hidden = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(".drsim-"));
        let sizes = hidden.filter_map(|entry| std::fs::metadata(entry.path().join("incidents.csv")).ok());
        sizes.map(|metadata| metadata.len()).sum::<u64>()
    };
    for _ in 0..3000 {
        if staged() > 0 {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let interrupted = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupted.expect("kill runs").success());
    let ended = Ended::of(child.wait_with_output().expect("it ends"));
    assert_eq!(ended.with(130).says("interrupted").stdout, "");
    assert_eq!(place.files("output"), before);
}

#[test]
fn a_new_scenario_runs_and_is_never_written_over_another() {
    let place = Place::new();
    place.drsim("new mine.toml").with(0);
    place.drsim("run mine.toml --histories 50 --no-charts").with(0);
    place.drsim("new small.toml").with(1).says("small.toml");
    assert_eq!(place.text("small.toml"), crate::program::SMALL);
}

#[test]
fn the_schema_is_json() {
    let schema = Place::new().drsim("schema").with(0).stdout;
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("JSON");
    assert!(schema["properties"]["strategies"].is_object());
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        place.drsim(&format!("completions {shell}")).with(0).prints("histories");
    }
    let manual = place.drsim("man").with(0);
    ["DRSIM RUN", "DRSIM CHECK", "histories", "gate"].into_iter().fold(manual, Ended::prints);
}
