//! `drsim trace`: what is told of a history is what its rows say, and an observer changes nothing.

use drsim::cost::bill;
use drsim::engine::Engine;
use drsim::report::charts::BarKind;
use drsim::report::gantt;
use drsim::report::trace::{Chapter, Told};
use drsim::trace::Happening;
use drsim::units::Time;

use crate::program::{Place, rows};
use crate::support::parse;

#[test]
fn the_story_of_a_history_has_its_rows_to_the_last_digit() {
    let place = Place::new();
    place.drsim("run small.toml --raw --no-charts --histories 40 --out out").with(0);
    let tables = [("histories", place.text("out/histories.csv")), ("incidents", place.text("out/incidents.csv"))];
    for strategy in ["backup-restore", "hot-standby"] {
        for history in [0, 7, 39] {
            let command = format!("trace small.toml --strategy {strategy} --history {history} --no-charts --quiet");
            let story = place.drsim(&command).with(0).stdout;
            for (table, text) in &tables {
                let mark = format!("  in {table}.csv: ");
                let told: Vec<&str> = story.lines().filter_map(|line| line.strip_prefix(&mark)).collect();
                let begins = format!("{strategy},{history},");
                let written: Vec<&str> = text.lines().filter(|line| line.starts_with(&begins)).collect();
                assert_eq!(told, written, "{command}");
                assert!(*table == "incidents" || told.len() == 1, "{story}");
            }
        }
    }
}

#[test]
fn the_incident_at_a_quantile_is_the_one_of_the_rows() {
    let place = Place::new();
    place.drsim("run small.toml --raw --no-charts --out out").with(0);
    let text = place.text("out/incidents.csv");
    let mut rto: Vec<f64> = rows(&text)
        .iter()
        .filter(|row| row[0] == "backup-restore" && row[2] == "outage")
        .map(|row| row[5].parse().expect("a number"))
        .collect();
    rto.sort_by(f64::total_cmp);
    let wanted =
        [("p99", rto[(rto.len() as f64 * 0.99).ceil() as usize - 1]), ("max", rto[rto.len() - 1]), ("min", rto[0])];
    for (quantile, seconds) in wanted {
        let command =
            format!("trace small.toml --strategy backup-restore --hazard outage --at rto:{quantile} --out traced");
        let ended = place.drsim(&command).with(0);
        let row = ended.stdout.lines().find_map(|line| line.strip_prefix("  in incidents.csv: ")).expect("a row");
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells[5].parse(), Ok(seconds), "{quantile}: {row}");
        let chart = ended.stdout.lines().find_map(|line| line.strip_prefix("Chart: ")).expect("a chart").to_string();
        let svg = place.text(&chart);
        assert!(svg.contains("restored after"), "{chart}");
        assert!(place.path(&chart.replace(".svg", ".png")).exists());
    }
    assert_eq!(place.files("traced").len(), 6, "three charts, each as SVG and PNG");
}

#[test]
fn wrong_usage_is_said() {
    let place = Place::new();
    place.drsim("trace small.toml").with(2).says("--strategy");
    place.drsim("trace small.toml --strategy hot-stanby").with(2).says("did you mean `hot-standby`?");
    place.drsim("trace small.toml --strategy hot-standby --hazard outrage").with(2).says("did you mean `outage`?");
    place.drsim("trace small.toml --strategy hot-standby --at rto").with(2).says("rto:p99");
    place.drsim("trace small.toml --strategy hot-standby --at rto:p50 --history 3").with(2);
    let never = "--set run.horizon=1s --at rto:p50";
    place.drsim(&format!("trace small.toml --strategy hot-standby {never}")).with(2).says("no such incident");
}

/// The notes agree with the outcome: when the service was restored, how much was missing, what the steps took.
#[test]
fn the_notes_add_up_to_the_outcome() {
    for (name, text) in drsim::scenario::shipped() {
        let scenario = parse_shipped(name, text);
        let engine = Engine::new(&scenario);
        let (mut one, other) = (engine.worker(), engine.worker());
        for history in 0..20 {
            let all = one.history(history).to_vec();
            for (strategy, expected) in all.iter().enumerate() {
                let (outcome, notes) = other.trace(history, strategy);
                assert_eq!(&outcome, expected, "{name}: an observer changes nothing");
                let bill = bill(&scenario, strategy, &outcome);
                let told =
                    Told { scenario: &scenario, strategy, history, outcome: &outcome, bill: &bill, notes: &notes };
                let chapters = told.chapters();
                assert_eq!(chapters.len(), outcome.incidents.len());
                for chapter in chapters {
                    let incident = &outcome.incidents[chapter.incident];
                    let notes = &notes[chapter.notes.clone()];
                    let last = |wanted: fn(&Happening) -> bool| notes.iter().rev().find(|note| wanted(&note.what));
                    let opened = notes.iter().find(|note| matches!(note.what, Happening::Opened(_)));
                    assert_eq!(opened.map(|note| note.at), Some(incident.opened));
                    if incident.rto > Time::ZERO && !incident.rto.is_never() {
                        let restored = last(|what| matches!(what, Happening::Restored));
                        assert_eq!(restored.map(|note| note.at - incident.opened), Some(incident.rto), "{incident:?}");
                    }
                    assert!(!told.tell(Some(&[chapter.incident])).is_empty());
                    the_bars_take_what_the_phases_say(&told, &chapter);
                }
            }
        }
    }
}

/// Of each step on the critical path, the bars up to the restoration, waiting apart, are as long as its phase.
fn the_bars_take_what_the_phases_say(told: &Told, chapter: &Chapter) {
    let incident = &told.outcome.incidents[chapter.incident];
    let notes = &told.notes[chapter.notes.clone()];
    if notes.iter().any(|note| note.what == Happening::Restarting) {
        return; // Work that rests meanwhile is drawn as resting, and counts as waiting.
    }
    let chart = gantt::incident(told, chapter);
    for &(plan, step, time) in &incident.phases {
        let name = &told.step(plan, step).name;
        if told.step(plan, step).tail.is_some() {
            continue; // Its phase goes on until late users have arrived.
        }
        let lengths = chart.rows.iter().filter(|row| &row.name == name).map(|row| {
            let at_work = row.bars.iter().filter(|bar| bar.kind != BarKind::Waits);
            at_work.map(|bar| bar.to.min(incident.rto.seconds()) - bar.from).filter(|length| *length > 0.0).sum::<f64>()
        });
        let lengths: Vec<f64> = lengths.collect();
        let same = |length: &f64| (length - time.seconds()).abs() < 1e-5;
        let none = lengths.is_empty() && time == Time::ZERO;
        assert!(none || lengths.iter().any(same), "{name} takes {} s, drawn {lengths:?}: {incident:?}", time.seconds());
    }
}

/// A shipped scenario; one that reads data files would need them.
fn parse_shipped(name: &str, text: &str) -> drsim::model::Scenario {
    assert!(!text.contains("file ="), "{name} reads a data file");
    parse(text)
}
