//! Closed forms: set-ups whose exact answer is known. V1 to V14 were given with the specification; the others follow the
//! same kinds further.

use super::Case;
use crate::support::{Check, incidents, law, mean, outcomes, parse, quantile, sd, share};
use drsim::cost;
use drsim::outcome::Ended;

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

pub(super) fn v1_availability_of_an_alternating_renewal_process() -> Case {
    let mut case = Case::new(
        "V1",
        "Availability",
        "Outage of home, mttf 1000 h, exponential repair of mean 10 h, waited for; one year from all up",
        "lT/s - l(1 - e^(-sT))/s^2, l = 1/1000, s = l + 1/10, T = 8760 h: two-state Markov chain from the up state (Trivedi, Probability and Statistics, 2nd ed., ch. 8)",
    );
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
    case.add(mean("downtime, h a year", &downtime, 86.634_644));
    case
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

pub(super) fn v2_age_of_backups() -> Case {
    let mut case = Case::new(
        "V2",
        "Age of backups",
        "Backups every 24 h, each usable 4 h after its start; region lost at a fixed odd hour",
        "The phase of the schedule is uniform, so the newest usable backup is uniform on 4 h to 28 h old",
    );
    let rpo = with_backups(1.0);
    case.add(mean("RPO, h", &rpo, 16.0));
    case.add(sd("RPO, h", &rpo, 6.928_203));
    case.add(quantile("RPO, h", &rpo, 0.95, 26.8));
    case.add(share("RPO, h", &rpo, 24.0, 5.0 / 6.0));
    case.add(law("RPO, h", &rpo, |x| ((x - 4.0) / 24.0).clamp(0.0, 1.0)));
    case
}

pub(super) fn v3_bad_backups() -> Case {
    let mut case = Case::new(
        "V3",
        "Bad backups",
        "V2, each backup intact with probability 0.95",
        "U + 24 G h: U uniform on 4 h to 28 h, G geometric with P(G = k) = 0.95 x 0.05^k",
    );
    let rpo = with_backups(0.95);
    case.add(mean("RPO, h", &rpo, 17.263_158));
    case.add(sd("RPO, h", &rpo, 8.939_315));
    case.add(share("RPO, h", &rpo, 28.0, 0.95));
    case.add(quantile("RPO, h", &rpo, 0.99, 48.210_526));
    case
}

pub(super) fn v4_serial_steps() -> Case {
    let mut case = Case::new(
        "V4",
        "Serial steps",
        "Exponential steps of 5, 15 and 10 min",
        "Hypoexponential law (sum of independent exponentials of unequal means)",
    );
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
    case.add(mean("RTO, min", &rto, 30.0));
    case.add(sd("RTO, min", &rto, 18.708_287));
    case.add(share("RTO, min", &rto, 60.0, 0.927_491_56));
    case.add(quantile("RTO, min", &rto, 0.5, 26.033_10));
    case.add(quantile("RTO, min", &rto, 0.95, 65.938_79));
    case.add(quantile("RTO, min", &rto, 0.99, 90.982_11));
    // Hypoexponential law of rates 1/5, 1/15, 1/10 a minute.
    let means: [f64; 3] = [5.0, 15.0, 10.0];
    case.add(law("RTO", &rto, |x| {
        let weight =
            |i: usize| -> f64 { (0..3).filter(|&j| j != i).map(|j| means[i] / (means[i] - means[j])).product() };
        1.0 - (0..3).map(|i| weight(i) * (-x / means[i]).exp()).sum::<f64>()
    }));
    case
}

pub(super) fn v5_parallel_steps() -> Case {
    let mut case = Case::new(
        "V5",
        "Parallel steps",
        "Ten exponential steps of 12 min in parallel",
        "F(x) = (1 - e^(-x/12))^10; mean 12 H(10), variance 144 x sum of 1/k^2",
    );
    let steps: String = (0..10)
        .map(|i| format!("failover.part-{i} = {{ takes = {{ exponential = {{ mean = \"12m\" }} }} }}\n"))
        .collect();
    let names: Vec<String> = (0..10).map(|i| format!("\"part-{i}\"")).collect();
    let shift = format!("failover.shift = {{ after = [{}], traffic = true }}", names.join(", "));
    let rto = rto_minutes(&scenario(100_000, "", &(steps + &shift)));
    case.add(mean("RTO, min", &rto, 35.147_619));
    case.add(sd("RTO, min", &rto, 14.938_760));
    case.add(quantile("RTO, min", &rto, 0.95, 63.304_127));
    case.add(law("RTO, min", &rto, |x| (1.0 - (-x / 12.0).exp()).powi(10)));
    case
}

pub(super) fn v6_network_of_steps() -> Case {
    let mut case = Case::new(
        "V6",
        "Network of steps",
        "detect (exponential 5) -> restore (exponential 60) beside provision (20) -> boot (15) -> DNS (5 fixed), min",
        "5 + 5 + E max(R, P + B) with R exponential 60, P + B hypoexponential 20, 15: the product of their laws, integrated; the critical path of the means says 70 min, which is wrong",
    );
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
    case.add(mean("RTO, min", &rto, 81.0));
    case.add(sd("RTO, min", &rto, 55.659_680));
    case.add(quantile("RTO, min", &rto, 0.5, 65.923_12));
    case.add(quantile("RTO, min", &rto, 0.95, 190.514_2));
    case.add(quantile("RTO, min", &rto, 0.99, 286.555_1));
    case
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

pub(super) fn v7_control_plane_outages_with_work_that_resumes() -> Case {
    let mut case = Case::new(
        "V7",
        "Control plane, work resumes",
        "One step of 2 h needing a control plane of mttf 4 h, exponential repair 0.5 h, in its long-run state at the onset",
        "w(1 + lR) + pR: w = 2 h, l = 1/4 per h, R = 0.5 h, p = lR/(1 + lR) = 1/9",
    );
    case.add(mean("RTO, h", &with_control_plane("resume"), 2.305_555_6));
    case
}

pub(super) fn v8_control_plane_outages_with_work_that_restarts() -> Case {
    let mut case = Case::new(
        "V8",
        "Control plane, work restarts",
        "V7 with `on_interruption = \"restart\"`",
        "(1/l + R)(e^(lw) - 1) + pR: the renewal argument of checkpointing without checkpoints",
    );
    case.add(mean("RTO, h", &with_control_plane("restart"), 2.974_801_3));
    case
}

pub(super) fn v9_retries() -> Case {
    let mut case = Case::new(
        "V9",
        "Retries",
        "An attempt takes 10 min, fails with 0.2, is tried again after 5 min",
        "10 + 15 G min, G geometric: mean 10 + 15 x 0.2/0.8",
    );
    let step = r#"failover.try = { takes = "10m", fails = 0.2, retry_after = "5m", traffic = true }"#;
    let rto = rto_minutes(&scenario(100_000, "", step));
    case.add(mean("RTO, min", &rto, 13.75));
    case.add(share("RTO, min", &rto, 10.0, 0.8));
    case.add(share("RTO, min", &rto, 25.0, 0.96));
    case
}

pub(super) fn v11_unprotected_window() -> Case {
    let mut case = Case::new(
        "V11",
        "Unprotected window",
        "Home and recovery fail independently, mttf 2000 h, exponential repair 8 h; hot standby without delay, protected again as soon as both are up, no failback",
        "Markov chain of 6 states (which site serves, which are up, whether protected); 0.139045 if a site could fail over while unprotected",
    );
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
    case.add(mean("downtime, h a year", &downtime, 0.208_429));
    case
}

pub(super) fn v12_end_to_end() -> Case {
    let mut case = Case::new(
        "V12",
        "End to end",
        "Detection uniform, decision lognormal, a control plane of mttf 720 h, the slowest of ten lognormal steps, a uniform shift",
        "Numerical convolution on a fine grid (V12 of the specification)",
    );
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
    case.add(mean("RTO, min", &rto, 41.227_8));
    case.add(quantile("RTO, min", &rto, 0.5, 38.869));
    case.add(quantile("RTO, min", &rto, 0.9, 56.206));
    case.add(quantile("RTO, min", &rto, 0.95, 63.156));
    case.add(quantile("RTO, min", &rto, 0.99, 80.83));
    case.add(share("RTO, min", &rto, 60.0, 1.0 - 0.068_415));
    case
}

pub(super) fn v13_cut_distribution() -> Case {
    let mut case = Case::new(
        "V13",
        "Cut distribution",
        "Exponential of mean 10 min, given that it lies between 5 and 30 min",
        "m + (a e^(-a/m) - b e^(-b/m)) / (e^(-a/m) - e^(-b/m)), m = 10, a = 5, b = 30",
    );
    let step = r#"failover.shift = { takes = { exponential = { mean = "10m", at_least = "5m", at_most = "30m" } }, traffic = true }"#;
    let rto = rto_minutes(&scenario(100_000, "", step));
    case.add(mean("RTO, min", &rto, 12.764_363));
    assert!(rto.iter().all(|minutes| (5.0..=30.0).contains(minutes)));
    case
}

pub(super) fn v14_synchronous_active_active_loses_nothing_and_no_time() -> Case {
    let mut case = Case::new(
        "V14",
        "Synchronous active/active",
        "Two sites with the whole capacity each, lag 0, detection and shift without delay",
        "Nothing is lost and nobody waits, in every incident",
    );
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
    let worst = |time: fn(&drsim::outcome::Incident) -> f64| incidents.iter().map(time).fold(0.0, f64::max);
    case.add(Check::exact("RTO, s: max", worst(|incident| incident.rto.seconds()), 0.0, incidents.len()));
    case.add(Check::exact("RPO, s: max", worst(|incident| incident.rpo.seconds()), 0.0, incidents.len()));
    case
}

pub(super) fn v10_cost_of_a_year() -> Case {
    let mut case = Case::new(
        "V10",
        "Cost",
        "Two outages a year, each waited for, exponential repair of mean 1 h, 50,000 an hour, nothing else",
        "Compound Poisson with rate 2 and exponential amounts of mean 50,000 (Panjer recursion in the limit); as outages \
         do not overlap, the count is 0.02% under Poisson",
    );
    let text = r#"
        title = "V10"
        [run]
        histories = 100_000
        horizon = "1y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [costs]
        downtime_per_hour = 50_000
        [hazards.outage]
        takes_down = ["primary.data-plane"]
        rate = "2/y"
        time_to_repair = { exponential = { mean = "1h" } }
        source = "validation"
        [strategies.waits]
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        failover.decide = { decision = true, declines = 1 }
        failover.shift = { after = ["decide"], traffic = true }
    "#;
    let scenario = parse(text);
    let years: Vec<f64> =
        outcomes(text)[0].iter().map(|outcome| cost::bill(&scenario, 0, outcome).total().amount()).collect();
    let p95 = 297_846.0;
    case.add(mean("cost", &years, 100_000.0));
    case.add(sd("cost", &years, 100_000.0));
    case.add(share("cost", &years, 0.0, 0.135_335));
    case.add(quantile("cost", &years, 0.95, p95));
    case.add(quantile("cost", &years, 0.99, 431_128.0));
    // The mean of the worst 5% is q + E[(X - q)+]/0.05.
    let tail: Vec<f64> = years.iter().map(|year| p95 + (year - p95).max(0.0) / 0.05).collect();
    case.add(mean("cost, worst 5%", &tail, 380_272.0));
    case
}

pub(super) fn v15_partial_restoration_during_a_ramp() -> Case {
    let mut case = Case::new(
        "V15",
        "Ramp",
        "Traffic shifts after 10 min; beside it capacity grows from c = 0.25 to 1 in (1 - c)T, T exponential of mean 60 min; \
         restored at r = 0.8",
        "r is reached at (r - c)T, exponential of mean a = 33 min: RTO = max(10, that), mean 10 + a e^(-10/a). With the \
         shift at 0 the missing load is a triangle, (1 - c)^2 T/2: mean 16.875 full-outage minutes",
    );
    let steps = |shift: &str| {
        let steps = format!(
            r#"
            failover.shift = {{ takes = "{shift}", traffic = true }}
            failover.grow = {{ takes = {{ exponential = {{ mean = "60m" }} }}, scaled_by = "missing-capacity", capacity = "ramp" }}
            "#
        );
        let text = scenario(50_000, "", &steps).replace("standby_capacity = 1", "standby_capacity = 0.25");
        text.replace("home = \"primary\"", "home = \"primary\"\nrequired_capacity = 0.8")
    };
    let (a, shift) = (33.0_f64, 10.0);
    let rto = rto_minutes(&steps("10m"));
    case.add(mean("RTO, min", &rto, shift + a * (-shift / a).exp()));
    case.add(share("RTO, min", &rto, shift, 1.0 - (-shift / a).exp()));
    case.add(quantile("RTO, min", &rto, 0.95, a * 20.0_f64.ln()));
    let missing: Vec<f64> =
        incidents(&steps("0s")).iter().map(|incident| cost::total_outage(incident).seconds() / MINUTE).collect();
    case.add(mean("full outage, min", &missing, 0.75 * 0.75 * 60.0 / 2.0));
    case
}

pub(super) fn v16_backlog_after_an_outage_of_the_link() -> Case {
    let mut case = Case::new(
        "V16",
        "Replication backlog",
        "The link is down for D, exponential of mean R = 2 h; the region is lost h = 3 h after its onset; lag 1 min, \
         catch-up c = 3",
        "RPO - lag = cD - (c - 1)h between 0 and h: mean cR(e^(-d/R) - e^(-h/R)), d = (c - 1)h/c = 2 h; nothing left of the \
         backlog with 1 - e^(-d/R); the link still down with e^(-h/R)",
    );
    let hazards = r#"
        [hazards.link]
        takes_down = ["replication"]
        at = ["60d4h13m"]
        time_to_repair = { exponential = { mean = "2h" } }
        source = "validation"
    "#;
    let text = scenario(50_000, hazards, "failover.shift = { traffic = true }")
        .replace("{ lag = \"0s\" }", "{ lag = \"1m\", catch_up = 3 }");
    let rpo: Vec<f64> = incidents(&text).iter().map(|incident| incident.rpo.hours()).collect();
    let (lag, r, h, d) = (1.0 / 60.0, 2.0_f64, 3.0, 2.0);
    case.add(mean("RPO, h", &rpo, lag + 3.0 * r * ((-d / r).exp() - (-h / r).exp())));
    case.add(share("RPO, h", &rpo, lag + 1e-9, 1.0 - (-d / r).exp()));
    case.add(share("RPO, h", &rpo, lag + h - 1e-6, 1.0 - (-h / r).exp()));
    case
}

pub(super) fn v17_retention_against_time_to_detect() -> Case {
    let mut case = Case::new(
        "V17",
        "Retention against time to detect",
        "Corruption found an exponential time E of mean 10 d later; point in time without lag, kept 15 d",
        "Unrecoverable where E > 15 d: e^(-1.5); of the others RPO = E given that it is within 15 d: mean \
         10 - 15 e^(-1.5)/(1 - e^(-1.5)) d",
    );
    let text = r#"
        title = "V17"
        [run]
        histories = 50_000
        horizon = "2y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [hazards.bad]
        corrupts = "data"
        at = ["60d"]
        time_to_detect = { exponential = { mean = "10d" } }
        source = "validation"
        [strategies.only]
        kind = "custom"
        standby_capacity = 1
        point_in_time = { lag = "0s", kept_for = "15d" }
        failover.shift = { traffic = true }
        restore.restore = { takes = "2h", data = "copies" }
    "#;
    let all = incidents(text);
    let lost: Vec<f64> = all.iter().map(|i| f64::from(u8::from(i.ended == Ended::Unrecoverable))).collect();
    let rpo: Vec<f64> =
        all.iter().map(|incident| incident.rpo.hours() / 24.0).filter(|days| days.is_finite()).collect();
    let beyond = (-1.5_f64).exp();
    case.add(mean("unrecoverable", &lost, beyond));
    case.add(mean("finite RPO, d", &rpo, 10.0 - 15.0 * beyond / (1.0 - beyond)));
    case.add(law("finite RPO", &rpo, |x| (1.0 - (-x / 10.0).exp()) / (1.0 - beyond)));
    case
}

pub(super) fn v18_drift_against_drills() -> Case {
    let mut case = Case::new(
        "V18",
        "Drift against drills",
        "A step of 10 min meets a fault (rate 1 in 150 d) mended in 2 h; drills every D, their phase random",
        "The time since the last drill is uniform on 0 to D: clean with probability (150/D)(1 - e^(-D/150))",
    );
    for days in [30, 100, 365] {
        let steps = format!(
            r#"
            drills = {{ every = "{days}d" }}
            failover.shift = {{ takes = "10m", traffic = true, latent_faults = {{ every = "150d", fix = "2h" }} }}
            "#
        );
        let rto = rto_minutes(&scenario(30_000, "", &steps));
        let ratio = 150.0 / f64::from(days);
        let clean = ratio * (1.0 - (-1.0 / ratio).exp());
        let what = format!("drills every {days} d: RTO, min");
        case.add(share(&what, &rto, 10.0, clean));
        case.add(mean(&what, &rto, 10.0 + 120.0 * (1.0 - clean)));
    }
    case
}

pub(super) fn v19_second_failure_before_protection() -> Case {
    let mut case = Case::new(
        "V19",
        "Second failure before protection is back",
        "Home is lost for 2 h and failed over at once; the recovery site fails 10 h after that loss for 5 h; replication \
         runs again an exponential time X of mean 6 h after both are up",
        "Both are up from 2 h on: a second failover, without delay, with P(X < 8 h) = 1 - e^(-8/6); else the repair is \
         waited for: mean 5 e^(-8/6) h",
    );
    let hazards = r#"
        [hazards.second]
        takes_down = ["recovery.data-plane"]
        at = ["60d17h13m"]
        time_to_repair = "5h"
        source = "validation"
    "#;
    let strategy = r#"
        reprotect = { exponential = { mean = "6h" } }
        failover.shift = { traffic = true }
    "#;
    let text = scenario(50_000, hazards, strategy).replace("\"20d\"", "\"2h\"");
    let second = incidents(&text).into_iter().filter(|incident| incident.hazard == 1);
    let rto = hours(second.map(|incident| incident.rto.seconds()));
    let unprotected = (-8.0_f64 / 6.0).exp();
    case.add(share("RTO of the second, h", &rto, 0.0, 1.0 - unprotected));
    case.add(mean("RTO of the second, h", &rto, 5.0 * unprotected));
    case
}

pub(super) fn v20_failback() -> Case {
    let mut case = Case::new(
        "V20",
        "Failback",
        "Home is lost for 10 h, failed over after 1 h; it is home again when it has been up for A (exponential 6 h) and \
         protected for X (exponential 8 h), in a planned outage of exponential 15 min",
        "Away for 9 h + E max(A, X) = 9 + 6 + 8 - 1/(1/6 + 1/8) h; planned downtime 0.25 h",
    );
    let strategy = r#"
        reprotect = { exponential = { mean = "8h" } }
        failback = { after = { exponential = { mean = "6h" } }, takes = { exponential = { mean = "15m" } } }
        failover.shift = { takes = "1h", traffic = true }
    "#;
    let all = outcomes(&scenario(50_000, "", strategy).replace("\"20d\"", "\"10h\""));
    let away = hours(all[0].iter().map(|outcome| outcome.years[0].away.seconds()));
    let planned = hours(all[0].iter().map(|outcome| outcome.planned_downtime.seconds()));
    case.add(mean("away from home, h", &away, 9.0 + 14.0 - 1.0 / (1.0 / 6.0 + 1.0 / 8.0)));
    case.add(mean("planned downtime, h", &planned, 0.25));
    case.add(law("planned downtime", &planned, |x| 1.0 - (-x / 0.25).exp()));
    case
}

pub(super) fn v21_common_cause() -> Case {
    let mut case = Case::new(
        "V21",
        "Common cause",
        "The loss of home takes the control plane of the recovery site with it with probability 0.15, uniform 5 to 30 min \
         later, exponential repair of mean 60 min; one step of 20 min needs it",
        "Hit with q = 0.15 x 15/25: RTO = 20 + the repair, else 20: mean 20 + 60q",
    );
    let spread = "spreads_to = [{ component = \"recovery.control-plane\", probability = 0.15, \
                  delay = { uniform = { low = \"5m\", high = \"30m\" } }, \
                  time_to_repair = { exponential = { mean = \"60m\" } } }]\nsource";
    let step = r#"failover.build = { takes = "20m", needs = ["control-plane"], traffic = true }"#;
    let rto = rto_minutes(&scenario(100_000, "", step).replacen("source", spread, 1));
    let hit = 0.15 * 15.0 / 25.0;
    case.add(share("RTO, min", &rto, 20.0, 1.0 - hit));
    case.add(mean("RTO, min", &rto, 20.0 + 60.0 * hit));
    case
}

/// The recovery times of a plan of one step, in minutes.
fn one_step(takes: &str) -> Vec<f64> {
    rto_minutes(&scenario(50_000, "", &format!("failover.shift = {{ takes = {takes}, traffic = true }}")))
}

pub(super) fn v22_mixture() -> Case {
    let mut case = Case::new(
        "V22",
        "Mixture",
        "A step that takes exponential 5 min with weight 0.6, exponential 30 min with weight 0.4",
        "1 - 0.6 e^(-x/5) - 0.4 e^(-x/30); mean 15, variance 2(0.6 x 25 + 0.4 x 900) - 225",
    );
    let rto = one_step(
        r#"{ mixture = [{ weight = 0.6, of = { exponential = { mean = "5m" } } }, { weight = 0.4, of = { exponential = { mean = "30m" } } }] }"#,
    );
    case.add(mean("RTO, min", &rto, 15.0));
    case.add(sd("RTO, min", &rto, 525.0_f64.sqrt()));
    case.add(law("RTO", &rto, |x| 1.0 - 0.6 * (-x / 5.0).exp() - 0.4 * (-x / 30.0).exp()));
    case
}

pub(super) fn v23_sum() -> Case {
    let mut case = Case::new(
        "V23",
        "Sum",
        "A step that takes the sum of two exponentials of mean 10 min and a fixed 3 min",
        "3 + Erlang(2, 10): 1 - (1 + y/10) e^(-y/10), y = x - 3; mean 23, variance 200",
    );
    let rto = one_step(r#"{ sum = ["3m", { exponential = { mean = "10m" } }, { exponential = { mean = "10m" } }] }"#);
    case.add(mean("RTO, min", &rto, 23.0));
    case.add(sd("RTO, min", &rto, 200.0_f64.sqrt()));
    case.add(law("RTO", &rto, |x| {
        let y = (x - 3.0).max(0.0) / 10.0;
        1.0 - (1.0 + y) * (-y).exp()
    }));
    case
}

pub(super) fn v24_cut_normal() -> Case {
    let mut case = Case::new(
        "V24",
        "Cut normal distribution",
        "Normal with mean 10 and sd 5 min, given that it lies between 5 and 20 min",
        "m + s(phi(a) - phi(b))/(Phi(b) - Phi(a)), a = -1, b = 2 (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, ch. 13)",
    );
    let rto = one_step(r#"{ normal = { mean = "10m", sd = "5m", at_least = "5m", at_most = "20m" } }"#);
    let (low, high) = (0.241_970_724_5, 0.053_990_966_5);
    case.add(mean("RTO, min", &rto, 10.0 + 5.0 * (low - high) / (0.977_249_868_1 - 0.158_655_253_9)));
    // P(X < 10) = (0.5 - Phi(-1)) / (Phi(2) - Phi(-1)).
    case.add(share("RTO, min", &rto, 10.0, (0.5 - 0.158_655_253_9) / (0.977_249_868_1 - 0.158_655_253_9)));
    case
}

pub(super) fn v25_lognormal_from_an_interval() -> Case {
    let mut case = Case::new(
        "V25",
        "Lognormal from a 90% interval",
        "A step that takes \"5m to 30m\"",
        "Median sqrt(5 x 30), sigma ln(30/5)/(2 x 1.644854): p5 and p95 are the ends, mean median x e^(sigma^2/2)",
    );
    let rto = one_step("\"5m to 30m\"");
    let sigma = 6.0_f64.ln() / (2.0 * 1.644_853_627);
    case.add(quantile("RTO, min", &rto, 0.05, 5.0));
    case.add(quantile("RTO, min", &rto, 0.5, 150.0_f64.sqrt()));
    case.add(quantile("RTO, min", &rto, 0.95, 30.0));
    case.add(mean("RTO, min", &rto, 150.0_f64.sqrt() * (sigma * sigma / 2.0).exp()));
    case
}

pub(super) fn v26_strategies_under_one_disaster() -> Case {
    let mut case = Case::new(
        "V26",
        "Several strategies under one disaster",
        "Two strategies share the step decide (exponential 10 min); one also has to build (exponential 20 min)",
        "Steps of one name share their luck, so the difference of the two recovery times is the draw of build alone: \
         exponential of mean and sd 20 min; were they drawn apart its variance would be 400 + 2 x 100",
    );
    let step =
        |name: &str, mean: &str| format!("failover.{name} = {{ takes = {{ exponential = {{ mean = \"{mean}\" }} }}");
    let more = format!(
        "{}, traffic = true }}\n[strategies.other]\nkind = \"custom\"\nstandby_capacity = 1\nreplication = {{ lag = \"0s\" }}\n{} }}\n{}, after = [\"decide\"], traffic = true }}\n",
        step("decide", "10m"),
        step("decide", "10m"),
        step("build", "20m")
    );
    let all = outcomes(&scenario(50_000, "", &more));
    let differences: Vec<f64> = all[0]
        .iter()
        .zip(&all[1])
        .map(|(one, other)| (other.incidents[0].rto - one.incidents[0].rto).seconds() / MINUTE)
        .collect();
    case.add(mean("difference of RTO, min", &differences, 20.0));
    case.add(sd("difference of RTO, min", &differences, 20.0));
    case.add(law("difference of RTO", &differences, |x| 1.0 - (-x / 20.0).exp()));
    case
}

pub(super) fn v27_race_of_repair_and_failover() -> Case {
    let mut case = Case::new(
        "V27",
        "Race of repair and failover",
        "Repair exponential of mean 90 min, the plan one exponential step of mean 60 min, restart without delay",
        "The smaller of two exponentials: exponential of mean 36 min; the repair wins with 60/(60 + 90)",
    );
    let step = "failover.shift = { takes = { exponential = { mean = \"60m\" } }, traffic = true }";
    let text = scenario(50_000, "", step).replace("\"20d\"", "{ exponential = { mean = \"90m\" } }");
    let all = incidents(&text);
    let rto: Vec<f64> = all.iter().map(|incident| incident.rto.seconds() / MINUTE).collect();
    let resumed: Vec<f64> = all.iter().map(|i| f64::from(u8::from(i.ended == Ended::Resumed))).collect();
    case.add(mean("RTO, min", &rto, 36.0));
    case.add(law("RTO", &rto, |x| 1.0 - (-x / 36.0).exp()));
    case.add(mean("resumed", &resumed, 0.4));
    case
}

pub(super) fn v28_capacity_loss() -> Case {
    let mut case = Case::new(
        "V28",
        "Loss of capacity",
        "Home loses a share of its capacity, beta of mean 0.3 and sd 0.15, for an exponential time of mean 2 h; waited for; \
         all the load is required",
        "RTO is the repair; full-outage hours are share x repair, independent: mean 0.6, \
         E square = (0.15^2 + 0.3^2) x 2 x 4",
    );
    let loss = "capacity_lost = { beta = { mean = 0.3, sd = 0.15 } }\nresponse = \"wait\"\ntime_to_repair = { exponential = { mean = \"2h\" } }";
    let text = scenario(50_000, "", "failover.shift = { traffic = true }").replace("time_to_repair = \"20d\"", loss);
    let all = incidents(&text);
    let outage = hours(all.iter().map(|incident| cost::total_outage(incident).seconds()));
    case.add(mean("RTO, h", &hours(all.iter().map(|incident| incident.rto.seconds())), 2.0));
    case.add(mean("full outage, h", &outage, 0.6));
    case.add(sd("full outage, h", &outage, (0.1125_f64 * 8.0 - 0.36).sqrt()));
    case
}

pub(super) fn v29_throughput() -> Case {
    let mut case = Case::new(
        "V29",
        "Restore by throughput",
        "1 TiB restored at a rate uniform on 100 to 200 MiB/s",
        "Size/rate: mean 1 TiB x ln 2/(100 MiB/s), share up to x 2 - 1 TiB/(100 MiB/s x x)",
    );
    let step =
        r#"failover.shift = { throughput = { uniform = { low = "100 MiB/s", high = "200 MiB/s" } }, traffic = true }"#;
    let text = scenario(50_000, "", step).replace("home = \"primary\"", "home = \"primary\"\ndata = \"1 TiB\"");
    let rto = rto_minutes(&text);
    let slowest = 1_048_576.0 / 100.0 / 60.0;
    case.add(mean("RTO, min", &rto, slowest * 2.0_f64.ln()));
    case.add(law("RTO", &rto, |x| (2.0 - slowest / x).clamp(0.0, 1.0)));
    case
}

pub(super) fn v30_a_decision_that_may_be_declined() -> Case {
    let mut case = Case::new(
        "V30",
        "Declined decision",
        "The decision, without delay, is against the plan with probability 0.25: then an exponential repair of mean 10 h is \
         waited for; else 30 min of work, whatever the repair",
        "0.25 x 10 + 0.75 x 0.5 h; share failed over 0.75",
    );
    let steps = r#"
        on_repair = "continue"
        failover.decide = { decision = true, declines = 0.25 }
        failover.shift = { after = ["decide"], takes = "30m", traffic = true }
    "#;
    let text = scenario(50_000, "", steps).replace("\"20d\"", "{ exponential = { mean = \"10h\" } }");
    let all = incidents(&text);
    let failed_over: Vec<f64> = all.iter().map(|i| f64::from(u8::from(i.ended == Ended::FailedOver))).collect();
    case.add(mean("RTO, h", &hours(all.iter().map(|incident| incident.rto.seconds())), 2.875));
    case.add(mean("failed over", &failed_over, 0.75));
    case
}

pub(super) fn v31_late_users() -> Case {
    let mut case = Case::new(
        "V31",
        "Late users",
        "Traffic shifts after 10 min; 20% of the users arrive exponentially late, mean 30 min; restored at 95%",
        "1 - 0.2 e^(-t/30) = 0.95: RTO = 10 + 30 ln(0.2/0.05) min",
    );
    let step = r#"failover.shift = { takes = "10m", traffic = true, tail = { share = 0.2, mean = "30m" } }"#;
    let text = scenario(10, "", step).replace("home = \"primary\"", "home = \"primary\"\nrequired_capacity = 0.95");
    let rto = rto_minutes(&text);
    case.add(Check::exact(
        "RTO, min",
        (rto[0] * 6e4).round() / 6e4,
        ((10.0 + 30.0 * 4.0_f64.ln()) * 6e4).round() / 6e4,
        rto.len(),
    ));
    case
}

pub(super) fn v32_bad_backups_repeat_the_restore() -> Case {
    let mut case = Case::new(
        "V32",
        "Bad backups repeat the restore",
        "A restore takes an exponential time of mean 1 h; each backup is intact with probability 0.8, which shows at its end",
        "A geometric number of independent exponentials is exponential: mean 1/0.8 h (Feller, An Introduction to Probability \
         Theory 2, ch. I)",
    );
    let strategy = r#"
        backups = { every = "12h", kept_for = "50d", usable = 0.8 }
        failover.restore = { takes = { exponential = { mean = "1h" } }, data = "copies", traffic = true }
    "#;
    let text = scenario(50_000, "", strategy).replace("replication = { lag = \"0s\" }", "");
    let rto = hours(incidents(&text).iter().map(|incident| incident.rto.seconds()));
    case.add(mean("RTO, h", &rto, 1.25));
    case.add(law("RTO", &rto, |x| 1.0 - (-x / 1.25).exp()));
    case
}

pub(super) fn v33_ageing_between_failures() -> Case {
    let mut case = Case::new(
        "V33",
        "Failures that come with age",
        "Gaps between outages of 1 s are gamma with shape 2 and mean half a year; one year from age 0",
        "Renewal function of Erlang(2, a): at/2 - (1 - e^(-2at))/4, a = 4 a year (Cox, Renewal Theory, ch. 4); a rate of two a \
         year from the start would give 2",
    );
    let failure = "time_to_failure = { gamma = { shape = 2, mean = \"4380h\" } }\ntime_to_repair = \"1s\"";
    let text = scenario(50_000, "", "failover.shift = { takes = \"1h\", traffic = true }")
        .replace("at = [\"60d7h13m\"]", failure)
        .replace("time_to_repair = \"20d\"", "")
        .replace("horizon = \"90d\"", "horizon = \"1y\"");
    let counts: Vec<f64> = outcomes(&text)[0].iter().map(|outcome| outcome.incidents.len() as f64).collect();
    case.add(mean("incidents a year", &counts, 2.0 - (1.0 - (-8.0_f64).exp()) / 4.0));
    // P(N = 0) = (1 + at) e^(-at).
    case.add(share("incidents a year", &counts, 0.0, 5.0 * (-4.0_f64).exp()));
    case
}

pub(super) fn v34_price_by_length() -> Case {
    let mut case = Case::new(
        "V34",
        "Downtime priced by its length",
        "Outages of an exponential length of mean 3 h, waited for; 60,000 an hour for the first 4 h, 150,000 from then on",
        "60,000 x 3(1 - e^(-4/3)) + 150,000 x 3 e^(-4/3): the memoryless rest after 4 h is as long again",
    );
    let costs = "[costs]\ndowntime_per_hour = [{ from = \"0s\", per_hour = 60_000 }, { from = \"4h\", per_hour = 150_000 }]\n[hazards.outage]";
    let steps = "failover.decide = { decision = true, declines = 1 }\nfailover.shift = { after = [\"decide\"], traffic = true }";
    let text = scenario(50_000, "", steps)
        .replace("[hazards.outage]", costs)
        .replace("\"20d\"", "{ exponential = { mean = \"3h\" } }");
    let parsed = parse(&text);
    let amounts: Vec<f64> =
        outcomes(&text)[0].iter().map(|outcome| cost::bill(&parsed, 0, outcome).incidents()[0].amount()).collect();
    let beyond = (-4.0_f64 / 3.0).exp();
    case.add(mean("cost of an incident", &amounts, 180_000.0 * (1.0 - beyond) + 450_000.0 * beyond));
    case.add(share("cost of an incident", &amounts, 240_000.0, 1.0 - beyond));
    case
}

pub(super) fn v35_conflicts() -> Case {
    let mut case = Case::new(
        "V35",
        "Write conflicts",
        "Active/active with local writes: 300 writes a second on 2,000,000 hot records, lag 2 s, half at each site; 1 for each \
         conflict",
        "300 x (1 - e^(-150 x 2/2,000,000)) x 31,536,000 s a year: a write is lost when the other site writes the same record \
         within the lag (Poisson)",
    );
    let text = r#"
        title = "V35"
        [run]
        histories = 1
        horizon = "1y"
        [workload]
        home = "primary"
        [sites]
        primary = "one"
        recovery = "two"
        [costs]
        per_conflict = 1
        [hazards.never]
        takes_down = ["primary"]
        mttf = "10000y"
        time_to_repair = "1h"
        source = "validation"
        [strategies.both]
        kind = "active-active"
        shares = { primary = 0.5, recovery = 0.5 }
        capacity = { primary = 1, recovery = 1 }
        replication = { lag = "2s" }
        writes = "local"
        conflicts = { writes_per_second = 300, hot_records = 2_000_000 }
    "#;
    let bill = cost::bill(&parse(text), 0, &outcomes(text)[0][0]);
    let exact = 300.0 * -(-150.0 * 2.0 / 2e6_f64).exp_m1() * 31_536_000.0;
    case.add(Check::exact("conflicts a year", bill.parts().other.amount(), exact, 1));
    case
}
