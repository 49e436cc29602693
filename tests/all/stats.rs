//! From histories to what is shown: merging, money, tables.

use std::path::Path;

use drsim::cost::{self, Bill, Money, Tariff};
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::outcome::{Ended, Incident, Outcome, Year};
use drsim::report::strip::{Glyphs, recovery_times};
use drsim::report::{csv, json::json, markdown::markdown, table::table};
use drsim::stats::{Longest, Partial, waited_for};
use drsim::summary::{StrategySummary, Summary, Verdict};
use drsim::units::Time;
use proptest::prelude::*;

use crate::generate::random;
use crate::support::parse;

const SMALL: &str = r#"
title = "Worked by hand"
[run]
histories = 4
horizon = "2y"
[workload]
home = "primary"
data = "1024 GiB"
write_rate = "1 GiB/h"
[objectives]
rto = "1h"
rpo = "5m"
[sites]
primary = "Primary"
recovery = "Recovery"
[hazards.outage]
takes_down = ["primary"]
rate = "1/y"
time_to_repair = "30m to 6h"
source = "assumed"
[hazards.corruption]
corrupts = "data"
rate = "1/y"
time_to_detect = "1h"
source = "assumed"
[costs]
currency = "EUR"
downtime_per_hour = [{ from = "0s", per_hour = 1000 }, { from = "1h", per_hour = 3000 }]
data_loss_per_hour = 500
per_incident = 50
per_failover = 70
per_drill = 11
per_backup = 0.5
unrecoverable_loss = 1_000_000
[costs.infrastructure]
compute_per_hour = 10
database_per_hour = 4
storage_per_gib_month = 0.1
backup_per_gib_month = 0.05
transfer_per_gib = 0.02
[strategies.warm]
kind = "warm-standby"
standby_capacity = 0.25
replication = { lag = "1s" }
backups = { every = "12h", kept_for = "10d", at = ["recovery"] }
point_in_time = { lag = "5m", kept_for = "35d" }
drills = { every = "73d" }
failback = { after = "1d", takes = "10m" }
extra_per_year = 123
[strategies.waits]
kind = "pilot-light"
replication = { lag = "1s" }
backups = { every = "12h", kept_for = "10d" }
"#;

fn incident(hazard: usize, onset: Time, minutes: [f64; 2], rpo: Time, ended: Ended) -> Incident {
    let outage = minutes.map(|minutes| Time::from_seconds(60.0 * minutes)).to_vec();
    let rto = outage[0] + outage[1];
    Incident {
        hazard,
        onset,
        opened: onset,
        declared: None,
        rto,
        rto_from_declaration: None,
        rpo,
        exposure: (hazard == 1).then_some(Time::HOUR),
        ended,
        waited: Time::ZERO,
        waits: Vec::new(),
        control_plane_needed: false,
        outage,
        phases: Vec::new(),
    }
}

#[test]
fn a_bill_is_that_worked_out_by_hand() {
    let scenario = parse(SMALL);
    let outcome = Outcome {
        incidents: vec![
            incident(0, Time::DAY, [60.0, 30.0], Time(30 * Time::MINUTE.0), Ended::FailedOver),
            incident(1, Time::YEAR + Time::DAY, [12.0, 0.0], Time::NEVER, Ended::Unrecoverable),
        ]
        .into(),
        downtime: Time::HOUR,
        planned_downtime: Time::ZERO,
        years: vec![
            Year { dips: Time(6 * Time::MINUTE.0), planned: Time(3 * Time::MINUTE.0), away: Time(100 * Time::HOUR.0) },
            Year::default(),
        ],
    };
    let bill = cost::bill(&scenario, 0, &outcome);
    // Compute 1.25 x 10 x 8760; database 2 x 4 x 8760; storage 2 x 1024 x 0.1 x 12; backups 1 x (1024 + 240) x 0.05 x
    // 12; point in time 2 x (1024 + 840) x 0.05 x 12; transfer 8760 x 0.02 to one site; 730 backups; 5 drills.
    let standing = 109_500.0 + 70_080.0 + 2457.6 + 758.4 + 2236.8 + 175.2 + 365.0 + 55.0 + 123.0;
    let [first, second] = bill.years()[..] else { panic!("two years") };
    let downtime = [1000.0 + 0.5 * 3000.0 + 0.15 * 1000.0, 200.0];
    assert_eq!([first.downtime, second.downtime], downtime.map(Money::new));
    assert_eq!(first.total, Money::new(standing + 100.0 * 0.75 * 10.0 + downtime[0] + 250.0 + 120.0));
    assert_eq!(second.total, Money::new(standing + downtime[1] + 1_000_000.0 + 50.0));
    let parts = bill.parts();
    assert_eq!(parts.infrastructure, Money::new(2.0 * standing + 100.0 * 0.75 * 10.0));
    assert_eq!(parts.downtime, Money::new(downtime[0] + downtime[1]));
    assert_eq!(parts.data_loss, Money::new(1_000_250.0));
    assert_eq!(parts.other, Money::new(170.0));
    assert_eq!(bill.incidents(), [Money::new(2500.0 + 250.0 + 120.0), Money::new(1_000_250.0)]);
    assert_eq!(bill.total(), first.total + second.total);
}

#[test]
fn whatever_a_year_held_is_billed_in_that_year() {
    let scenario = parse(SMALL);
    let second_held = |year: Year| Outcome { years: vec![Year::default(), year], ..Outcome::default() };
    let quiet = cost::bill(&scenario, 0, &second_held(Year::default()));
    let extra = |outcome: &Outcome| {
        let bill = cost::bill(&scenario, 0, outcome);
        let [first, second] = bill.years()[..] else { panic!("two years") };
        assert_eq!(first, quiet.years()[0]);
        assert_eq!(bill.total() - quiet.total(), second.total - quiet.years()[1].total);
        (second.total - quiet.years()[1].total, second.downtime, second.charged)
    };
    let hours = Time(3 * Time::HOUR.0);
    let away = second_held(Year { away: hours, ..Year::default() });
    assert_eq!(extra(&away), (Money::new(3.0 * 0.75 * 10.0), Money::ZERO, Time::ZERO));
    for year in [Year { dips: hours, ..Year::default() }, Year { planned: hours, ..Year::default() }] {
        assert_eq!(extra(&second_held(year)), (Money::new(3000.0), Money::new(3000.0), hours));
    }
    // What begins past the horizon counts in its last year.
    let late = incident(0, Time(5 * Time::YEAR.0), [60.0, 0.0], Time::ZERO, Ended::Resumed);
    let late = Outcome { incidents: vec![late].into(), ..second_held(Year::default()) };
    assert_eq!(extra(&late), (Money::new(1000.0 + 50.0), Money::new(1000.0), Time::HOUR));
}

#[test]
fn conflicts_follow_their_formula() {
    let active = "kind = \"active-active\"\nshares = { primary = 0.5, recovery = 0.5 }\n\
                  capacity = { primary = 1.0, recovery = 1.0 }\nconflicts = { writes_per_second = 300, hot_records = 2_000_000 }";
    let text = SMALL.replace("kind = \"pilot-light\"", active).replace("lag = \"1s\"", "lag = \"2s\"");
    let exact = 300.0 * (1.0 - (-150.0_f64 * 2.0 / 2e6).exp()) * 31_536_000.0;
    let counted = cost::conflicts_per_year(&parse(&text).strategies[1]);
    assert!((counted / exact - 1.0).abs() < 1e-9, "{counted} instead of {exact}");
}

/// Number, outcomes and bills of a history.
type History = (u64, Vec<Outcome>, Vec<Bill>);

/// The first histories of a scenario.
fn histories(scenario: &Scenario, count: u64) -> Vec<History> {
    let engine = Engine::new(scenario);
    let mut worker = engine.worker();
    let one = |number| {
        let outcomes = worker.history(number).to_vec();
        let bills = outcomes.iter().enumerate().map(|(k, outcome)| cost::bill(scenario, k, outcome)).collect();
        (number, outcomes, bills)
    };
    (0..count).map(one).collect()
}

fn partial<'a>(scenario: &Scenario, histories: impl IntoIterator<Item = &'a History>) -> Partial {
    let mut partial = Partial::new(scenario, 0);
    histories.into_iter().for_each(|(number, outcomes, bills)| partial.add_history(*number, outcomes, bills));
    partial
}

fn web_shop() -> Scenario {
    parse(
        &std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/web-shop.toml"))
            .expect("shipped"),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn any_split_merged_in_any_order_is_the_same_value(places in prop::collection::vec(0_usize..5, 60), shift in 0_usize..5) {
        let scenario = parse(SMALL);
        let histories = histories(&scenario, 60);
        let mut parts: Vec<Partial> = (0..5)
            .map(|part| partial(&scenario, histories.iter().zip(&places).filter(|(_, place)| **place == part).map(|(h, _)| h)))
            .collect();
        parts.rotate_left(shift);
        let mut merged = Partial::new(&scenario, 0);
        parts.iter().for_each(|part| merged.merge(part));
        prop_assert!(merged == partial(&scenario, &histories), "the parts merged are not the whole");
    }
}

#[test]
fn the_longest_recovery_is_that_of_the_first_history_that_has_it() {
    let scenario = parse(SMALL);
    let histories = histories(&scenario, 60);
    let partial = partial(&scenario, &histories);
    for (strategy, tally) in partial.strategies().iter().enumerate() {
        for hazard in 0..scenario.hazards.len() {
            let times = histories.iter().flat_map(|(number, outcomes, _)| {
                let of_hazard = outcomes[strategy].incidents.iter().filter(|incident| incident.hazard == hazard);
                of_hazard.map(move |incident| (incident.rto, std::cmp::Reverse(*number)))
            });
            let (rto, std::cmp::Reverse(history)) = times.max().expect("an incident of every hazard");
            assert_eq!(tally.hazard(hazard).longest, Some(Longest { rto, history }));
        }
    }
}

#[test]
fn what_all_incidents_have_in_common_does_not_depend_on_which_hazard_they_are_of() {
    let scenario = web_shop();
    let mut histories = histories(&scenario, 300);
    let before = partial(&scenario, &histories);
    let incidents =
        histories.iter_mut().flat_map(|history| &mut history.1).flat_map(|outcome| outcome.incidents.iter_mut());
    incidents.for_each(|incident| incident.hazard = 0);
    let after = partial(&scenario, &histories);
    for (before, after) in before.strategies().iter().zip(after.strategies()) {
        let (before, after) = (before.all(), after.all());
        for (before, after) in [
            (&before.rto, &after.rto),
            (&before.rto_from_declaration, &after.rto_from_declaration),
            (&before.rpo, &after.rpo),
            (&before.waited, &after.waited),
        ] {
            assert_eq!(before.mean(300), after.mean(300));
            assert_eq!(before.quantiles([0.5, 0.9, 0.95]), after.quantiles([0.5, 0.9, 0.95]));
            assert_eq!(before.infinite(), after.infinite());
        }
        assert_eq!(before.needed_control_plane(), after.needed_control_plane());
        Ended::ALL.into_iter().for_each(|how| assert_eq!(before.ended(how), after.ended(how)));
    }
}

#[test]
fn a_bill_in_the_room_of_another_is_the_same() {
    let scenario = web_shop();
    let tariffs: Vec<Tariff> = (0..scenario.strategies.len()).map(|index| Tariff::new(&scenario, index)).collect();
    let mut used: Vec<Bill> = tariffs.iter().map(Tariff::quiet).collect();
    for (_, outcomes, bills) in histories(&scenario, 50) {
        for (tariff, (used, outcome)) in tariffs.iter().zip(used.iter_mut().zip(&outcomes)) {
            tariff.make_out(outcome, used);
            tariff.itemise(outcome, used);
        }
        assert_eq!(used, bills);
    }
}

#[test]
fn costs_add_up_to_the_last_millionth() {
    let scenario = web_shop();
    for (_, outcomes, bills) in histories(&scenario, 200) {
        for (outcome, bill) in outcomes.iter().zip(&bills) {
            assert_eq!(bill.years().iter().fold(Time::ZERO, |sum, year| sum + year.charged), bill.charged());
            let parts = bill.parts();
            assert_eq!(parts.infrastructure + parts.downtime + parts.data_loss + parts.other, bill.total());
            assert_eq!(bill.years().iter().map(|year| year.total).sum::<Money>(), bill.total());
            assert_eq!(bill.incidents().len(), outcome.incidents.len());
            assert_eq!(bill.years().len(), 10);
        }
    }
}

#[test]
fn the_summary_says_what_the_format_promises() {
    let scenario = web_shop();
    let summary = Summary::new(&scenario, &partial(&scenario, &histories(&scenario, 300)));
    let mut bytes = Vec::new();
    csv::summary(&summary, &mut bytes).expect("memory");
    let text = String::from_utf8(bytes).expect("text");
    assert!(text.starts_with("strategy,hazard,metric,statistic,value,ci_low,ci_high,unit\n"));
    for wanted in [
        "pilot-light,all,rto,p50,",
        "pilot-light,region-event,objectives,attainment,",
        "pilot-light,all,ended,failed-over,",
        "pilot-light,all,availability,value,",
        "pilot-light,all,breach_probability,value,",
        "pilot-light,all,cost,cvar95,",
        "pilot-light,all,infrastructure_cost,per_year,",
    ] {
        assert!(text.contains(wanted), "{wanted} is missing from\n{text}");
    }
    let rows = text.lines().count();
    let mut keys: Vec<String> =
        text.lines().map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), rows, "a row is there twice");
    assert!(!text.contains("NaN"), "{text}");
    let shown = table(&summary, false);
    assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    assert!(shown.contains("RTO p95") && !shown.contains('\u{1b}'), "{shown}");
    assert!(table(&summary, true).contains('\u{1b}'));
    let long =
        Summary { strategies: summary.strategies.iter().cloned().map(with_a_long_title).collect(), ..summary.clone() };
    assert!(table(&long, false).lines().all(|line| line.chars().count() <= 100), "{}", table(&long, false));
    let document = markdown(&summary);
    assert!(document.contains("| RTO p95 |"));
    let (_, strips) = document.split_once("\n## Recovery times\n\n```text\n").expect("strips");
    let (strips, rest) = strips.split_once("```\n\n## Objectives by hazard\n").expect("their end");
    assert_eq!(strips, recovery_times(&summary, Glyphs::Blocks, false));
    let drawn = strips.lines().filter(|line| line.contains(['▁', '█']) && line.contains('│')).count();
    assert_eq!((drawn, rest.contains('█')), (6, false), "{strips}");
    let read: serde_json::Value = serde_json::from_str(&json(&summary)).expect("JSON");
    assert_eq!(read["schema"], "drsim-summary-2");
}

#[test]
fn nothing_seen_is_never_certainty() {
    let scenario = parse(&SMALL.replace("rate = \"1/y\"", "mttf = \"10000y\""));
    let summary = Summary::new(&scenario, &partial(&scenario, &histories(&scenario, 50)));
    assert_eq!(summary.strategies[0].verdict, Verdict::NotShown);
    assert!(!summary.gate(0));
    let figure = |metric: &str| {
        let row =
            summary.rows.iter().find(|row| row.metric == metric && row.hazard == "all" && row.statistic != "count");
        row.expect("a row").figure.expect("a value")
    };
    assert_eq!(figure("incidents").value, 0.0);
    assert!(figure("incidents").ci_high > Some(0.0));
    assert!(figure("availability").ci_low < Some(1.0));
    assert!(figure("breach_probability").ci_high > Some(0.0));
    assert_eq!(figure("downtime_cost").ci_high, None);
}

#[test]
fn the_gate_asks_for_the_lower_bound_of_every_hazard() {
    let scenario = parse(SMALL);
    let quick = |hazard| incident(hazard, Time::DAY, [10.0, 0.0], Time::ZERO, Ended::FailedOver);
    let slow = incident(1, Time::DAY, [60.0, 600.0], Time::HOUR, Ended::Restored);
    let summary = |outcomes: &[Outcome]| {
        let mut partial = Partial::new(&scenario, 0);
        for (number, outcome) in (0..).zip(outcomes) {
            let bills = [0, 1].map(|strategy| cost::bill(&scenario, strategy, outcome));
            partial.add_history(number, &[outcome.clone(), outcome.clone()], &bills);
        }
        Summary::new(&scenario, &partial)
    };
    let years = vec![Year::default(); 2];
    let all =
        |incidents: Vec<Incident>| Outcome { incidents: incidents.into(), years: years.clone(), ..Outcome::default() };
    let met = vec![all(vec![quick(0), quick(1)]); 100];
    assert!(summary(&met).gate(0));
    assert_eq!(summary(&met[..20]).strategies[0].verdict, Verdict::NotShown, "20 of 20 do not show 95%");
    let missed = vec![all(vec![quick(0), quick(0), quick(0), slow]); 100];
    let missed = summary(&missed);
    assert_eq!(missed.strategies[0].verdict, Verdict::Missed);
    assert_eq!(missed.strategies[0].weakest.as_deref(), Some("corruption"));
}

#[test]
fn the_parts_of_the_recovery_time_add_up_whatever_the_scenario() {
    let mut named = 0;
    for number in 0..150 {
        let scenario = parse(&random(number));
        let histories = histories(&scenario, scenario.run.histories);
        let summary = Summary::new(&scenario, &partial(&scenario, &histories));
        for bar in summary.phases.chunk_by(|a, b| (&a.strategy, &a.hazard) == (&b.strategy, &b.hazard)) {
            let (strategy, hazard) = (&bar[0].strategy, &bar[0].hazard);
            let index = scenario.strategies.iter().position(|other| other.name == *strategy).expect("it is there");
            let of = |incident: &&Incident| *hazard == "all" || scenario.hazards[incident.hazard].name == *hazard;
            let incidents = histories.iter().flat_map(|history| &history.1[index].incidents).filter(of);
            let times: Vec<f64> =
                incidents.filter(|incident| !incident.rto.is_never()).map(|incident| incident.rto.seconds()).collect();
            let mean = times.iter().sum::<f64>() / times.len() as f64;
            let parts: f64 = bar.iter().map(|row| row.mean_s).sum();
            assert!(
                (parts - mean).abs() <= 1e-9 * mean,
                "scenario {number}, {strategy}, {hazard}: {parts}, not {mean}"
            );
            for (_, component) in bar.iter().filter_map(|row| waited_for(&row.step)).filter(|of| !of.1.is_empty()) {
                assert!(scenario.components.iter().any(|other| other.name == component), "{component}");
                named += 1;
            }
        }
    }
    assert!(named > 300, "{named} rows with a component");
}

fn with_a_long_title(strategy: StrategySummary) -> StrategySummary {
    StrategySummary { title: format!("{} in another country, with rehearsals every month", strategy.title), ..strategy }
}
