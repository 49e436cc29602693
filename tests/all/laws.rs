//! Laws that hold for every scenario, on scenarios drawn at random (fixed seeds).

use crate::support::{incidents, outcomes};
use drsim::outcome::Outcome;
use drsim::units::Time;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use std::fmt::Write;

type Rng = Xoshiro256PlusPlus;

/// A plan of fixed lengths: `(length in seconds, steps before it)`, the last step moves traffic.
fn random_plan(rng: &mut Rng) -> Vec<(u64, Vec<usize>)> {
    let count = rng.random_range(1..12);
    (0..count)
        .map(|index| {
            let before = (0..index).filter(|_| rng.random::<f64>() < 0.35).collect();
            (rng.random_range(0..20_000), before)
        })
        .collect()
}

fn longest_path(plan: &[(u64, Vec<usize>)]) -> u64 {
    let mut ends: Vec<u64> = Vec::new();
    for (length, before) in plan {
        ends.push(length + before.iter().map(|&step| ends[step]).max().unwrap_or(0));
    }
    *ends.last().expect("a plan has a step")
}

fn plan_text(plan: &[(u64, Vec<usize>)]) -> String {
    let mut text = String::new();
    for (index, (length, before)) in plan.iter().enumerate() {
        let after: Vec<String> = before.iter().map(|step| format!("\"step-{step}\"")).collect();
        let traffic = index + 1 == plan.len();
        writeln!(
            text,
            "failover.step-{index} = {{ takes = \"{length}s\", after = [{}], traffic = {traffic} }}",
            after.join(", ")
        )
        .expect("text grows");
    }
    text
}

#[test]
fn without_chance_the_recovery_time_is_the_longest_path() {
    let mut rng = Rng::seed_from_u64(1);
    for _ in 0..300 {
        let plan = random_plan(&mut rng);
        let text = format!(
            r#"
            title = "longest path"
            [run]
            histories = 1
            horizon = "30d"
            [workload]
            home = "primary"
            [sites]
            primary = "one"
            recovery = "two"
            [hazards.outage]
            takes_down = ["primary"]
            at = ["1d"]
            time_to_repair = "20d"
            source = "test"
            [strategies.only]
            kind = "custom"
            standby_capacity = 1
            replication = {{ lag = "7s" }}
            {}
            "#,
            plan_text(&plan)
        );
        let incidents = incidents(&text);
        assert_eq!(incidents.len(), 1);
        let expected = Time(longest_path(&plan) as i64 * 1_000_000);
        assert_eq!(incidents[0].rto, expected, "{text}");
        assert_eq!(incidents[0].rpo, Time(7_000_000));
        let on_path: i64 = incidents[0].phases.iter().map(|phase| phase.2.0).sum();
        assert_eq!(Time(on_path) + incidents[0].waited, expected, "the critical path adds up\n{text}");
    }
}

/// A scenario with everything in it, its durations times `scale`.
fn busy(scale: u32, strategies: &str) -> String {
    let k = |hours: f64| format!("{}s", hours * 3600.0 * f64::from(scale));
    format!(
        r#"
        title = "busy"
        [run]
        histories = 200
        horizon = "{horizon}"
        seed = 3
        [workload]
        home = "primary"
        data = "100 GiB"
        write_rate = "1 GiB/h"
        required_capacity = 0.8
        needs = ["dns"]
        [sites]
        primary = "one"
        recovery = "two"
        [components]
        dns = "DNS"
        [hazards.outage]
        takes_down = ["primary"]
        mttf = "{mttf}"
        time_to_repair = "{repair} to {repair_high}"
        spreads_to = [{{ component = "recovery.control-plane", probability = 0.5, delay = "{short}", time_to_repair = "{repair}" }}]
        destroys_data = 0.1
        source = "test"
        [hazards.recovery-outage]
        takes_down = ["recovery"]
        mttf = "{mttf}"
        time_to_repair = {{ exponential = {{ mean = "{repair}" }} }}
        source = "test"
        [hazards.brown-out]
        takes_down = ["primary.data-plane"]
        capacity_lost = {{ uniform = {{ low = 0, high = 0.9 }} }}
        response = "wait"
        mttf = "{mttf}"
        time_to_repair = {{ exponential = {{ mean = "{repair}" }} }}
        source = "test"
        [hazards.dns]
        takes_down = ["dns"]
        mttf = "{mttf}"
        time_to_repair = {{ exponential = {{ mean = "{short}" }} }}
        source = "test"
        [hazards.link]
        takes_down = ["replication"]
        mttf = "{mttf}"
        time_to_repair = {{ exponential = {{ mean = "{repair}" }} }}
        source = "test"
        [hazards.bad-data]
        corrupts = "data"
        mttf = "{mttf}"
        time_to_detect = {{ exponential = {{ mean = "{repair}" }} }}
        destroys_backups = 0.2
        source = "test"
        [defaults]
        resume = "{short}"
        reprotect = "{repair}"
        failback = {{ after = "{repair}", takes = "{short}" }}
        backups = {{ every = "{repair}", takes = "{short}", kept_for = "{mttf}", usable = 0.9 }}
        {strategies}
        "#,
        horizon = k(8760.0),
        mttf = k(700.0),
        repair = k(10.0),
        repair_high = k(60.0),
        short = k(0.5),
    )
}

fn custom(name: &str, scale: u32, standby: f64, more: &str) -> String {
    let k = |hours: f64| format!("{}s", hours * 3600.0 * f64::from(scale));
    format!(
        r#"
        [strategies.{name}]
        kind = "custom"
        standby_capacity = {standby}
        replication = {{ lag = {{ exponential = {{ mean = "{lag}" }} }}, catch_up = 3, stress = 2 }}
        {more}
        failover.detect = {{ takes = {{ exponential = {{ mean = "{short}" }} }} }}
        failover.decide = {{ after = ["detect"], takes = "{short}", decision = true, declines = 0.1 }}
        failover.promote = {{ after = ["decide"], takes = "{short}", data = "replica", fails = 0.2, retry_after = "{short}" }}
        failover.grow = {{ after = ["decide"], takes = "{long}", capacity = "ramp", scaled_by = "missing-capacity", needs = ["control-plane"] }}
        failover.shift = {{ after = ["promote"], takes = "{short}", traffic = true }}
        restore.restore = {{ takes = "{long}", data = "copies", needs = ["control-plane"] }}
        "#,
        lag = k(0.01),
        short = k(0.2),
        long = k(4.0),
    )
}

#[test]
fn up_and_down_make_the_horizon_and_incidents_cover_all_downtime() {
    for outcome in outcomes(&busy(1, &custom("one", 1, 0.3, "")))[0].iter() {
        let dips: i64 = outcome.years.iter().map(|year| year.dips.0).sum();
        let planned: i64 = outcome.years.iter().map(|year| year.planned.0).sum();
        assert_eq!(planned, outcome.planned_downtime.0);
        assert!(outcome.downtime + outcome.planned_downtime <= Time::YEAR);
        let in_incidents: i64 = outcome.incidents.iter().flat_map(|incident| &incident.outage).map(|time| time.0).sum();
        let past = outcome.incidents.iter().any(|incident| incident.opened + incident.rto > Time::YEAR);
        // An incident that is open at the horizon counts whole; all others add up to the microsecond.
        assert!(past || (in_incidents + dips - outcome.downtime.0).abs() <= outcome.downtime.0 / 100);
        assert!(outcome.incidents.windows(2).all(|pair| pair[0].opened <= pair[1].opened));
        for incident in &outcome.incidents {
            let path: i64 = incident.phases.iter().map(|phase| phase.2.0).sum();
            assert!(Time(path) + incident.waited <= incident.rto, "{incident:?}");
        }
    }
}

#[test]
fn a_further_strategy_changes_no_other_result() {
    let one = custom("one", 1, 0.3, "");
    let both = format!("{}{one}", custom("another", 1, 1.0, "on_repair = \"continue\""));
    assert_eq!(outcomes(&busy(1, &one))[0], outcomes(&busy(1, &both))[1]);
}

#[test]
fn a_hazard_that_never_strikes_changes_no_result() {
    let strategies = custom("one", 1, 0.3, "");
    let with = busy(1, &strategies).replace(
        "[defaults]",
        "[hazards.a-never]\ntakes_down = [\"primary\", \"dns\"]\nmttf = \"50000y\"\ntime_to_repair = \"1d\"\nsource = \"test\"\n[defaults]",
    );
    let without = outcomes(&busy(1, &strategies));
    assert_eq!(without, outcomes(&with));
}

#[test]
fn a_step_that_nobody_waits_for_changes_no_recovery() {
    let strategies = custom("one", 1, 0.3, "");
    let with = format!("{strategies}\n failover.tell-people = {{ after = [\"detect\"], takes = \"1s\" }}");
    let times = |all: Vec<Vec<Outcome>>| -> Vec<(Time, Time)> {
        all[0].iter().flat_map(|outcome| &outcome.incidents).map(|incident| (incident.rto, incident.rpo)).collect()
    };
    assert_eq!(times(outcomes(&busy(1, &strategies))), times(outcomes(&busy(1, &with))));
}

#[test]
fn the_first_histories_of_a_longer_run_are_the_shorter_run() {
    let text = busy(1, &custom("one", 1, 0.3, ""));
    let longer = outcomes(&text.replace("histories = 200", "histories = 400"));
    assert_eq!(outcomes(&text)[0][..], longer[0][..200]);
}

#[test]
fn scaling_all_durations_scales_recovery() {
    let run = |scale| outcomes(&busy(scale, &custom("one", scale, 0.3, ""))).swap_remove(0);
    for (one, four) in run(1).iter().zip(run(4)) {
        assert_eq!(one.incidents.len(), four.incidents.len());
        for (a, b) in one.incidents.iter().zip(&four.incidents) {
            assert_eq!((a.ended, a.hazard), (b.ended, b.hazard));
            // Each of a few hundred draws and sums is rounded to a microsecond.
            assert!(a.rto.is_never() || (a.rto.0 * 4 - b.rto.0).abs() < 10_000, "{a:?}\n{b:?}");
            assert!(a.rpo.is_never() || (a.rpo.0 * 4 - b.rpo.0).abs() < 10_000, "{a:?}\n{b:?}");
        }
    }
}

#[test]
fn more_standby_capacity_never_lengthens_the_first_recovery() {
    let strategies: String = [0.0, 0.2, 0.5, 0.8, 1.0]
        .iter()
        .enumerate()
        .map(|(index, &standby)| custom(&format!("s{index}"), 1, standby, "on_repair = \"continue\""))
        .collect();
    let text = busy(1, &strategies).replace("failback = ", "#");
    let all = outcomes(&text);
    for history in 0..all[0].len() {
        let first = |strategy: usize| all[strategy][history].incidents.first().map(|incident| incident.rto);
        for strategy in 1..all.len() {
            assert!(first(strategy) <= first(strategy - 1), "history {history}");
        }
    }
}

#[test]
fn degenerate_inputs_work() {
    for (from, to) in [
        ("mttf = \"2520000s\"", "mttf = \"10000y\""),
        ("time_to_repair = { exponential = { mean = \"36000s\" } }", "time_to_repair = \"0s\""),
        ("destroys_data = 0.1", "destroys_data = 1"),
        ("destroys_backups = 0.2", "destroys_backups = 1"),
        ("usable = 0.9", "usable = 0"),
        ("probability = 0.5", "probability = 1"),
        ("probability = 0.5", "probability = 0"),
        ("required_capacity = 0.8", "required_capacity = 0"),
        ("declines = 0.1", "declines = 1"),
        ("fails = 0.2", "fails = 0"),
    ] {
        for standby in [0.0, 1.0] {
            let text = busy(1, &custom("one", 1, standby, "")).replace(from, to);
            let outcomes = outcomes(&text);
            assert!(outcomes[0].iter().all(|outcome| outcome.downtime + outcome.planned_downtime <= Time::YEAR));
        }
    }
}
