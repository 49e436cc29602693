//! Closed forms: set-ups whose exact answer is known. The numbers V1 to V14 are those of `docs/VALIDATION.md`.
//!
//! Each comparison is of a fixed seed, so it cannot fail by chance from run to run; were the seed drawn anew, a single
//! one would give a false alarm with the probability that `support` states.

use crate::support::{assert_law, assert_mean, assert_quantile, assert_sd, assert_share, incidents, outcomes};

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;

/// Two sites, and an outage of home at a fixed odd hour of each history that outlasts every plan.
fn scenario(histories: u32, hazards: &str, strategy: &str) -> String {
    format!(
        r#"
        title = "validation"
        [run]
        histories = {histories}
        horizon = "90d"
        seed = 7
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [hazards.outage]
        takes_down = ["primary.data-plane"]
        at = ["60d7h13m"]
        time_to_repair = "20d"
        source = "validation"
        {hazards}
        [strategies.only]
        kind = "custom"
        standby_capacity = 1
        replication = {{ lag = "0s" }}
        {strategy}
        "#
    )
}

fn hours(values: impl Iterator<Item = f64>) -> Vec<f64> {
    values.map(|seconds| seconds / HOUR).collect()
}

fn rto_minutes(text: &str) -> Vec<f64> {
    incidents(text).iter().map(|incident| incident.rto.seconds() / MINUTE).collect()
}

#[test]
fn v1_availability_of_an_alternating_renewal_process() {
    let text = r#"
        title = "V1"
        [run]
        histories = 40_000
        horizon = "1y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [hazards.outage]
        takes_down = ["primary.data-plane"]
        mttf = "1000h"
        time_to_repair = { exponential = { mean = "10h" } }
        source = "validation"
        [strategies.waits]
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        failover.decide = { decision = true, declines = 1 }
        failover.shift = { after = ["decide"], traffic = true }
    "#;
    let downtime = hours(outcomes(text)[0].iter().map(|outcome| outcome.downtime.seconds()));
    assert_mean("V1 downtime, hours a year", &downtime, 86.634_644);
}

fn with_backups(usable: f64) -> Vec<f64> {
    let strategy = format!(
        r#"
        backups = {{ every = "24h", takes = "4h", kept_for = "50d", usable = {usable} }}
        failover.restore = {{ data = "copies" }}
        failover.shift = {{ after = ["restore"], traffic = true }}
        "#
    );
    let text = scenario(100_000, "", &strategy).replace("replication = { lag = \"0s\" }", "");
    hours(incidents(&text).iter().map(|incident| incident.rpo.seconds()))
}

#[test]
fn v2_age_of_backups() {
    let rpo = with_backups(1.0);
    assert_mean("V2", &rpo, 16.0);
    assert_sd("V2", &rpo, 6.928_203);
    assert_quantile("V2", &rpo, 0.95, 26.8);
    assert_share("V2", &rpo, 24.0, 5.0 / 6.0);
    assert_law("V2", &rpo, |x| ((x - 4.0) / 24.0).clamp(0.0, 1.0));
}

#[test]
fn v3_bad_backups() {
    let rpo = with_backups(0.95);
    assert_mean("V3", &rpo, 17.263_158);
    assert_sd("V3", &rpo, 8.939_315);
    assert_share("V3", &rpo, 28.0, 0.95);
    assert_quantile("V3", &rpo, 0.99, 48.210_526);
}

#[test]
fn v4_serial_steps() {
    let text = scenario(
        100_000,
        "",
        r#"
        failover.one = { takes = { exponential = { mean = "5m" } } }
        failover.two = { after = ["one"], takes = { exponential = { mean = "15m" } } }
        failover.three = { after = ["two"], takes = { exponential = { mean = "10m" } }, traffic = true }
        "#,
    );
    let rto = rto_minutes(&text);
    assert_mean("V4", &rto, 30.0);
    assert_sd("V4", &rto, 18.708_287);
    assert_share("V4", &rto, 60.0, 0.927_491_56);
    assert_quantile("V4", &rto, 0.5, 26.033_10);
    assert_quantile("V4", &rto, 0.95, 65.938_79);
    assert_quantile("V4", &rto, 0.99, 90.982_11);
    // Hypoexponential law of rates 1/5, 1/15, 1/10 a minute.
    let means: [f64; 3] = [5.0, 15.0, 10.0];
    assert_law("V4", &rto, |x| {
        let weight =
            |i: usize| -> f64 { (0..3).filter(|&j| j != i).map(|j| means[i] / (means[i] - means[j])).product() };
        1.0 - (0..3).map(|i| weight(i) * (-x / means[i]).exp()).sum::<f64>()
    });
}

#[test]
fn v5_parallel_steps() {
    let steps: String = (0..10)
        .map(|i| format!("failover.part-{i} = {{ takes = {{ exponential = {{ mean = \"12m\" }} }} }}\n"))
        .collect();
    let names: Vec<String> = (0..10).map(|i| format!("\"part-{i}\"")).collect();
    let shift = format!("failover.shift = {{ after = [{}], traffic = true }}", names.join(", "));
    let rto = rto_minutes(&scenario(100_000, "", &(steps + &shift)));
    assert_mean("V5", &rto, 35.147_619);
    assert_sd("V5", &rto, 14.938_760);
    assert_quantile("V5", &rto, 0.95, 63.304_127);
    assert_law("V5", &rto, |x| (1.0 - (-x / 12.0).exp()).powi(10));
}

#[test]
fn v6_network_of_steps() {
    let text = scenario(
        100_000,
        "",
        r#"
        failover.detect = { takes = { exponential = { mean = "5m" } } }
        failover.restore = { after = ["detect"], takes = { exponential = { mean = "60m" } } }
        failover.provision = { after = ["detect"], takes = { exponential = { mean = "20m" } } }
        failover.boot = { after = ["provision"], takes = { exponential = { mean = "15m" } } }
        failover.dns = { after = ["restore", "boot"], takes = "5m", traffic = true }
        "#,
    );
    let rto = rto_minutes(&text);
    assert_mean("V6", &rto, 81.0);
    assert_sd("V6", &rto, 55.659_680);
    assert_quantile("V6", &rto, 0.5, 65.923_12);
    assert_quantile("V6", &rto, 0.95, 190.514_2);
    assert_quantile("V6", &rto, 0.99, 286.555_1);
}

fn with_control_plane(on_interruption: &str) -> Vec<f64> {
    let hazard = r#"
        [hazards.control-plane]
        takes_down = ["recovery.control-plane"]
        mttf = "4h"
        time_to_repair = { exponential = { mean = "30m" } }
        source = "validation"
    "#;
    let step = format!(
        r#"failover.provision = {{ takes = "2h", needs = ["control-plane"], on_interruption = "{on_interruption}", traffic = true }}"#
    );
    // The control plane starts up; after three days it is in its long-run state to 1e-70.
    let text = scenario(150_000, hazard, &step).replace("60d7h13m", "3d").replace("\"90d\"", "\"4d\"");
    let incidents = incidents(&text);
    assert!(incidents.iter().all(|incident| incident.control_plane_needed));
    hours(incidents.iter().map(|incident| incident.rto.seconds()))
}

#[test]
fn v7_control_plane_outages_with_work_that_resumes() {
    assert_mean("V7", &with_control_plane("resume"), 2.305_555_6);
}

#[test]
fn v8_control_plane_outages_with_work_that_restarts() {
    assert_mean("V8", &with_control_plane("restart"), 2.974_801_3);
}

#[test]
fn v9_retries() {
    let step = r#"failover.try = { takes = "10m", fails = 0.2, retry_after = "5m", traffic = true }"#;
    let rto = rto_minutes(&scenario(100_000, "", step));
    assert_mean("V9", &rto, 13.75);
    assert_share("V9, first attempt", &rto, 10.0, 0.8);
    assert_share("V9, second attempt", &rto, 25.0, 0.96);
}

#[test]
fn v11_unprotected_window() {
    let text = r#"
        title = "V11"
        [run]
        histories = 40_000
        horizon = "10y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [hazards.one]
        takes_down = ["primary.data-plane"]
        mttf = "2000h"
        time_to_repair = { exponential = { mean = "8h" } }
        source = "validation"
        [hazards.two]
        takes_down = ["recovery.data-plane"]
        mttf = "2000h"
        time_to_repair = { exponential = { mean = "8h" } }
        source = "validation"
        [strategies.hot]
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        reprotect = "0s"
        failover.promote = { data = "replica" }
        failover.shift = { after = ["promote"], traffic = true }
    "#;
    let downtime = hours(outcomes(text)[0].iter().map(|outcome| outcome.downtime.seconds() / 10.0));
    assert_mean("V11 downtime, hours a year", &downtime, 0.208_429);
}

#[test]
fn v12_end_to_end() {
    let hazard = r#"
        [hazards.control-plane]
        takes_down = ["recovery.control-plane"]
        mttf = "720h"
        time_to_repair = { exponential = { mean = "2h" } }
        source = "validation"
    "#;
    let parts: String = (0..10)
        .map(|i| {
            format!(
                "failover.part-{i} = {{ after = [\"launch\"], takes = {{ lognormal = {{ median = \"12m\", sigma = 0.5 }} }} }}\n"
            )
        })
        .collect();
    let names: Vec<String> = (0..10).map(|i| format!("\"part-{i}\"")).collect();
    let steps = format!(
        r#"
        failover.detect = {{ takes = {{ uniform = {{ low = "65s", high = "95s" }} }} }}
        failover.decide = {{ after = ["detect"], takes = {{ lognormal = {{ median = "10m", sigma = 0.6 }} }} }}
        failover.launch = {{ after = ["decide"], needs = ["control-plane"] }}
        {parts}
        failover.shift = {{ after = [{}], takes = {{ uniform = {{ low = "0s", high = "1m" }} }}, traffic = true }}
        "#,
        names.join(", ")
    );
    let rto = rto_minutes(&scenario(100_000, hazard, &steps));
    assert_mean("V12", &rto, 41.227_8);
    assert_quantile("V12", &rto, 0.5, 38.869);
    assert_quantile("V12", &rto, 0.9, 56.206);
    assert_quantile("V12", &rto, 0.95, 63.156);
    assert_quantile("V12", &rto, 0.99, 80.83);
    assert_share("V12", &rto, 60.0, 1.0 - 0.068_415);
}

#[test]
fn v13_cut_distribution() {
    let step = r#"failover.shift = { takes = { exponential = { mean = "10m", at_least = "5m", at_most = "30m" } }, traffic = true }"#;
    let rto = rto_minutes(&scenario(100_000, "", step));
    assert_mean("V13", &rto, 12.764_363);
    assert!(rto.iter().all(|minutes| (5.0..=30.0).contains(minutes)));
}

#[test]
fn v14_synchronous_active_active_loses_nothing_and_no_time() {
    let text = r#"
        title = "V14"
        [run]
        histories = 200
        horizon = "50y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [hazards.one]
        takes_down = ["primary"]
        mttf = "1y"
        time_to_repair = "1h to 1d"
        source = "validation"
        [strategies.both]
        kind = "active-active"
        shares = { primary = 0.5, recovery = 0.5 }
        capacity = { primary = 1, recovery = 1 }
        replication = { lag = "0s" }
        failover.detect.takes = "0s"
        failover.shift-traffic = { takes = "0s", fails = 0 }
    "#;
    let incidents = incidents(text);
    assert!(incidents.len() > 5_000);
    for incident in incidents {
        assert_eq!((incident.rto.0, incident.rpo.0), (0, 0));
    }
}
