//! Scenarios that must be read, and scenarios that must not, with what is to be said about them.

use drsim::scenario::{self, Diagnostic, Options, Read, Source};

fn read(text: &str) -> Result<Read, Vec<Diagnostic>> {
    scenario::read(Source { name: "test.toml", text }, &Options::default())
}

fn good(text: &str) -> Read {
    read(text).unwrap_or_else(|faults| {
        let all: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
        panic!("{text}\n{}", all.join("\n\n"))
    })
}

#[test]
fn shipped_scenarios_are_read_without_warnings_that_surprise() {
    for (name, text) in scenario::shipped() {
        let read = good(text);
        assert!(!read.scenario.strategies.is_empty(), "{name}");
    }
    good(scenario::starter());
}

/// Each file has one fault; its first line says what is to be said about it.
#[test]
fn each_broken_scenario_is_refused_for_its_fault() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/all/scenario/bad");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 100, "{} broken scenarios", paths.len());
    let problems: Vec<String> = paths.iter().filter_map(|path| problem(path)).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

fn problem(path: &std::path::Path) -> Option<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let expected = text.lines().next().unwrap().trim_start_matches("# ");
    let Err(faults) = read(&text) else { return Some(format!("{} is read", path.display())) };
    let said: Vec<String> = faults.iter().map(|fault| fault.render(false)).collect();
    let found = said.iter().any(|said| said.contains(expected));
    (!found).then(|| format!("{}: expected {expected}\n{}", path.display(), said.join("\n")))
}

#[test]
fn several_faults_are_shown_in_one_go() {
    let faults = read("[run]\nhorizon = 10\nhistoires = 3\n[workload]\nhome = \"a\"\nneeds = 3\n").unwrap_err();
    let all: Vec<String> = faults.iter().map(|fault| fault.message.clone()).collect();
    for part in ["needs a unit", "`histoires`", "expected a list", "no `sites`", "no `hazards`", "no `strategies`"] {
        assert!(all.iter().any(|message| message.contains(part)), "{part} is not in {all:#?}");
    }
}

const FRAME: &str = r#"
[workload]
home = "a"
data = "1 TiB"
[sites]
a = "A"
b = "B"
[hazards.loss]
takes_down = ["a"]
rate = "1/y"
time_to_repair = "1h to 10h"
source = "assumed"
"#;

#[test]
fn every_built_in_strategy_is_read_and_resolves_to_itself() {
    for kind in ["backup-restore", "pilot-light", "warm-standby", "hot-standby", "active-active"] {
        for readiness in ["practised", "typical"] {
            for writes in ["local", "global", "partitioned"] {
                let own = match kind {
                    "backup-restore" => "backups = { every = \"6h\", kept_for = \"35d\" }",
                    "warm-standby" => "replication = { lag = \"1s\" }\nstandby_capacity = 0.5",
                    "active-active" => {
                        "replication = { lag = \"1s\" }\nshares = { a = 0.5, b = 0.5 }\ncapacity = { a = 1, b = 1 }"
                    }
                    _ => "replication = { lag = \"1s\" }",
                };
                let writes = if kind == "active-active" { format!("writes = \"{writes}\"") } else { String::new() };
                let text =
                    format!("{FRAME}[strategies.s]\nkind = \"{kind}\"\nreadiness = \"{readiness}\"\n{writes}\n{own}\n");
                same_when_resolved(&text);
            }
        }
    }
}

#[test]
fn shipped_scenarios_resolve_to_themselves() {
    scenario::shipped().iter().for_each(|(_, text)| same_when_resolved(text));
}

fn same_when_resolved(text: &str) {
    let first = good(text);
    let resolved = scenario::resolved(&first);
    let second = good(&resolved);
    assert_eq!(format!("{:#?}", first.scenario), format!("{:#?}", second.scenario), "{resolved}");
}

#[test]
fn a_removed_step_leaves_its_place_in_the_plan_to_the_steps_before_it() {
    let text = format!(
        "{FRAME}[strategies.s]\nkind = \"pilot-light\"\nreplication = {{ lag = \"1s\" }}\n[strategies.s.failover]\nprovision-compute = \"none\"\n"
    );
    let read = good(&text);
    let steps = &read.scenario.strategies[0].failover;
    let deploy = steps.iter().find(|step| step.name == "deploy-application").unwrap();
    assert_eq!(deploy.after.iter().map(|index| steps[*index].name.as_str()).collect::<Vec<_>>(), ["decide"]);
    same_when_resolved(&text);
}

#[test]
fn a_strategy_like_another_has_all_of_it_but_its_changes() {
    let (_, text) = scenario::shipped()[0];
    let read = good(text);
    let find = |name: &str| read.scenario.strategies.iter().find(|s| s.name == name).unwrap();
    let (one, other) = (find("warm-standby"), find("warm-standby-60"));
    assert_eq!((one.standby_capacity, other.standby_capacity), (0.25, 0.6));
    assert_eq!(format!("{:?}", one.failover), format!("{:?}", other.failover));
    assert!(find("backup-restore").point_in_time.is_none(), "\"none\" takes a default away");
}

fn set(path: &str, value: &str) -> Result<Read, Vec<Diagnostic>> {
    let options = Options { set: vec![(path.into(), value.into())], ..Options::default() };
    scenario::read(Source { name: "web-shop.toml", text: scenario::shipped()[0].1 }, &options)
}

#[test]
fn a_value_is_set_by_its_path() {
    assert_eq!(set("run.histories", "7").unwrap().scenario.run.histories, 7);
    assert_eq!(set("run.horizon", "5y").unwrap().scenario.run.horizon.years(), 5.0);
    let read = set("strategies.warm-standby.standby_capacity", "0.5").unwrap();
    assert_eq!(read.scenario.strategies[2].standby_capacity, 0.5);
    let read = set("hazards.region-event.spreads_to.0.probability", "0.5").unwrap();
    assert_eq!(read.scenario.hazards[0].outage.as_ref().unwrap().spreads_to[0].probability, 0.5);
}

#[test]
fn a_wrong_setting_is_shown_as_it_was_typed() {
    for (path, value, expected) in [
        ("run.horizn", "5y", "did you mean `horizon`?"),
        ("strategies.warm-stanby.standby_capacity", "0.5", "did you mean `warm-standby`?"),
        ("run.horizon", "5", "needs a unit"),
        ("title.x", "5", "has no `x`"),
    ] {
        let faults = set(path, value).unwrap_err();
        assert_eq!(faults[0].name, "--set");
        let said = faults[0].render(false);
        assert!(said.contains(expected) && said.contains(&format!("{path}={value}")), "{said}");
    }
}

#[test]
fn data_files_come_from_the_caller_and_are_listed() {
    let text = FRAME
        .replace("\"1h to 10h\"", "{ empirical = { file = \"x.csv\", column = \"minutes\", unit = \"m\" } }")
        + "[strategies.s]\nkind = \"hot-standby\"\nreplication = { lag = \"1s\" }\n";
    let options = Options { files: &|path| Ok(format!("name,minutes\n{path},1\nb,3\n")), ..Options::default() };
    let read = scenario::read(Source { name: "t", text: &text }, &options).unwrap();
    assert_eq!(read.data_files.len(), 1);
    assert_eq!(read.scenario.hazards[0].outage.as_ref().unwrap().time_to_repair.mean(), 120.0);
}

#[test]
fn the_schema_and_the_documentation_know_every_key() {
    let schema = scenario::schema().to_string();
    let markdown = scenario::format_markdown();
    for key in ["histories", "destroys_backups", "drilled_every", "hot_records", "per_hour", "on_interruption"] {
        assert!(schema.contains(&format!("\"{key}\"")), "{key}");
        assert!(markdown.contains(&format!("| `{key}` |")), "{key}");
    }
}

#[test]
fn the_documentation_of_the_format_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scenario-format.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<!-- keys -->\n").unwrap();
    let (_, after) = rest.split_once("<!-- /keys -->").unwrap();
    let current = format!("{before}<!-- keys -->\n{}<!-- /keys -->{after}", scenario::format_markdown());
    if std::env::var_os("DRSIM_WRITE").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    assert!(current == text, "docs/scenario-format.md is not current: run the tests with DRSIM_WRITE=1");
}
