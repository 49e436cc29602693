//! The rules of `docs/model.md`, one small scenario each, worked out by hand. Where nothing is left to chance the answer
//! must be exact to the microsecond.

use crate::support::{assert_mean, assert_share, incidents, outcomes};
use drsim::model::ComponentId;
use drsim::outcome::{Ended, Incident};
use drsim::units::Time;

const HOME_LOST_FOR_20_DAYS: &str = r#"
    [hazards.outage]
    takes_down = ["primary"]
    at = ["100h"]
    time_to_repair = "20d"
    source = "test"
"#;

/// One history of 200 days of a workload with two sites.
fn scenario(workload: &str, hazards: &str, strategy: &str) -> String {
    format!(
        r#"
        title = "test"
        [run]
        histories = 1
        horizon = "200d"
        [workload]
        home = "primary"
        {workload}
        [sites]
        primary = "one"
        recovery = "two"
        [components]
        dns = "DNS"
        {hazards}
        [strategies.only]
        {strategy}
        "#
    )
}

fn many(text: &str) -> String {
    text.replace("histories = 1\n", "histories = 20_000\n")
}

fn minutes(minutes: f64) -> Time {
    Time::from_seconds(minutes * 60.0)
}

fn only(text: &str) -> Incident {
    let mut all = incidents(text);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn served(incident: &Incident) -> Time {
    Time(incident.outage.iter().map(|time| time.0).sum())
}

/// The home site is back three seconds before so few users are still to come; nothing but their arrival restores the service.
#[test]
fn late_users_have_arrived_at_one_instant_whatever_else_happens() {
    let hazards = r#"
        [hazards.region]
        takes_down = ["primary"]
        at = ["20d"]
        time_to_repair = "935425s"
        source = "test"
    "#;
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1.0
        failover.go = { takes = "10m", traffic = true, tail = { share = 0.5, mean = "1d" } }
    "#;
    let incident = only(&scenario("required_capacity = 0.99999", hazards, strategy));
    let arrived = 600.0 + 86_400.0 * (0.5_f64 / (1.0 - 0.99999)).ln();
    assert!((incident.rto.seconds() - arrived).abs() < 1e-5 && arrived > 935_425.0, "{incident:?}");
}

#[test]
fn a_ramp_restores_the_service_before_it_is_done() {
    let text = scenario(
        "required_capacity = 0.8",
        HOME_LOST_FOR_20_DAYS,
        r#"
        kind = "custom"
        standby_capacity = 0.25
        replication = { lag = "0s" }
        failover.shift = { takes = "10m", traffic = true }
        failover.grow = { takes = "1h", scaled_by = "missing-capacity", capacity = "ramp" }
        "#,
    );
    let incident = only(&text);
    // 45 minutes from 0.25 to 1: 0.8 is reached after 33.
    assert_eq!(incident.rto, minutes(33.0));
    assert!(!incident.control_plane_needed);
    // All is missing for 10 minutes; what is missing then falls from 1 - 5/12 to 0 in 35.
    let missing = 10.0 + (1.0 - 0.25 - 10.0 / 60.0) * 35.0 / 2.0;
    assert!((served(&incident) - minutes(missing)).0.abs() <= 2, "{:?}", served(&incident));
}

#[test]
fn capacity_at_the_end_of_a_step() {
    let text = scenario(
        "",
        HOME_LOST_FOR_20_DAYS,
        r#"
        kind = "custom"
        replication = { lag = "0s" }
        failover.build = { takes = "40m", capacity = "at-end", needs = ["control-plane"] }
        failover.shift = { takes = "10m", traffic = true }
        "#,
    );
    let incident = only(&text);
    assert_eq!((incident.rto, incident.ended), (minutes(40.0), Ended::FailedOver));
    assert!(incident.control_plane_needed);
    assert_eq!(served(&incident), minutes(40.0));
}

#[test]
fn late_users_arrive_exponentially() {
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        failover.shift = { takes = "10m", traffic = true, tail = { share = 0.2, mean = "30m" } }
    "#;
    let incident = only(&scenario("required_capacity = 0.95", HOME_LOST_FOR_20_DAYS, strategy));
    let expected = 10.0 + 30.0 * (0.2_f64 / 0.05).ln();
    assert!((incident.rto - minutes(expected)).0.abs() <= 1);
    // The shift lasts until enough have arrived; nobody waits for a component.
    assert_eq!((incident.waited, incident.phases.len(), incident.phases[0].2), (Time::ZERO, 1, incident.rto));
    // Until all but one in a million have arrived.
    let missing = 10.0 + 0.2 * 30.0;
    assert!((served(&incident) - minutes(missing)).0.abs() < 30 * 60 * 2, "{:?}", served(&incident));
    // Of active/active only the users of the lost site move.
    let half = r#"
        kind = "active-active"
        shares = { primary = 0.5, recovery = 0.5 }
        capacity = { primary = 1, recovery = 1 }
        replication = { lag = "0s" }
        failover.detect.takes = "0s"
        failover.shift-traffic = { takes = "10m", fails = 0, tail = { share = 0.2, mean = "30m" } }
    "#;
    let incident = only(&scenario("required_capacity = 0.95", HOME_LOST_FOR_20_DAYS, half));
    let expected = 10.0 + 30.0 * (0.1_f64 / 0.05).ln();
    assert!((incident.rto - minutes(expected)).0.abs() <= 1, "{incident:?}");
}

#[test]
fn a_backlog_of_replication_drains_by_the_clock() {
    for (outage_at, lost) in
        [("12h", 7.0 + 120.0), ("14h", 7.0 + 240.0), ("15h", 7.0 + 120.0), ("16h", 7.0), ("20h", 7.0)]
    {
        let hazards = format!(
            r#"
            [hazards.link]
            takes_down = ["replication"]
            at = ["10h"]
            time_to_repair = "4h"
            source = "test"
            [hazards.outage]
            takes_down = ["primary"]
            at = ["{outage_at}"]
            time_to_repair = "20d"
            source = "test"
            "#
        );
        let strategy = r#"
            kind = "custom"
            standby_capacity = 1
            replication = { lag = "1m", stress = 7, catch_up = 3 }
            failover.shift = { takes = "10m", traffic = true }
        "#;
        assert_eq!(only(&scenario("", &hazards, strategy)).rpo, minutes(lost), "outage at {outage_at}");
    }
}

const WAITS: &str = r#"
    kind = "custom"
    standby_capacity = 1
    replication = { lag = "1m" }
    failover.decide = { takes = "5m", decision = true, declines = 1 }
    failover.shift = { after = ["decide"], takes = "1h", traffic = true }
    resume = "7m"
"#;

const FAILS_OVER: &str = r#"
    kind = "custom"
    standby_capacity = 1
    replication = { lag = "1m" }
    failover.decide = { takes = "5m", decision = true }
    failover.shift = { after = ["decide"], takes = "55m", traffic = true }
    resume = "7m"
"#;

#[test]
fn a_declined_plan_waits_for_the_repair_and_the_restart() {
    let hazards = HOME_LOST_FOR_20_DAYS.replace("20d", "3h");
    let incident = only(&scenario("", &hazards, WAITS));
    assert_eq!((incident.rto, incident.rpo, incident.ended), (minutes(187.0), Time::ZERO, Ended::Resumed));
    assert_eq!(incident.waited, minutes(180.0));
    assert_eq!(incident.rto_from_declaration, None);
}

#[test]
fn the_outage_may_end_before_the_failover() {
    let with = |repair: &str, on_repair: &str| {
        let hazards = HOME_LOST_FOR_20_DAYS.replace("20d", repair);
        only(&scenario("", &hazards, &format!("{FAILS_OVER}\non_repair = \"{on_repair}\"")))
    };
    let back_first = with("30m", "resume");
    assert_eq!((back_first.rto, back_first.ended), (minutes(37.0), Ended::Resumed));
    let goes_on = with("30m", "continue");
    assert_eq!((goes_on.rto, goes_on.rpo, goes_on.ended), (minutes(60.0), minutes(1.0), Ended::FailedOver));
    assert_eq!(goes_on.rto_from_declaration, Some(minutes(55.0)));
    // Once suspended, the plan does not race the restart.
    let late = with("58m", "resume");
    assert_eq!((late.rto, late.ended), (minutes(65.0), Ended::Resumed));
}

#[test]
fn the_plan_goes_on_where_it_stopped_when_the_site_fails_again() {
    let hazards = r#"
        [hazards.first]
        takes_down = ["primary"]
        at = ["100h"]
        time_to_repair = "30m"
        source = "test"
        [hazards.second]
        takes_down = ["primary"]
        at = ["100h33m"]
        time_to_repair = "20d"
        source = "test"
    "#;
    let incident = only(&scenario("", hazards, FAILS_OVER));
    assert_eq!((incident.hazard, incident.rto, incident.ended), (0, minutes(63.0), Ended::FailedOver));
}

#[test]
fn a_component_that_both_sites_need_starts_no_plan() {
    let hazards = r#"
        [hazards.dns]
        takes_down = ["dns"]
        at = ["100h"]
        time_to_repair = "2h"
        source = "test"
    "#;
    let incident = only(&scenario("needs = [\"dns\"]", hazards, FAILS_OVER));
    assert_eq!((incident.rto, incident.ended), (minutes(127.0), Ended::Resumed));
    // A region that is lost meanwhile starts it; DNS must be back as well before anybody is served.
    let both = format!("{hazards}{}", HOME_LOST_FOR_20_DAYS.replace("100h", "100h30m"));
    let incident = only(&scenario("needs = [\"dns\"]", &both, FAILS_OVER));
    assert_eq!((incident.hazard, incident.rto, incident.ended), (0, minutes(120.0), Ended::FailedOver));
}

#[test]
fn a_response_of_waiting_is_overruled_by_a_further_event() {
    let waits = HOME_LOST_FOR_20_DAYS.replace("source", "response = \"wait\"\nsource").replace("20d", "5h");
    let incident = only(&scenario("", &waits, FAILS_OVER));
    assert_eq!((incident.rto, incident.ended), (minutes(307.0), Ended::Resumed));
    let further = HOME_LOST_FOR_20_DAYS.replace("hazards.outage", "hazards.second").replace("100h", "101h");
    let incident = only(&scenario("", &format!("{waits}{further}"), FAILS_OVER));
    assert_eq!((incident.rto, incident.ended, incident.hazard), (minutes(120.0), Ended::FailedOver, 0));
}

#[test]
fn capacity_losses_multiply_and_open_an_incident_only_below_what_is_required() {
    let hazards = r#"
        [hazards.one]
        takes_down = ["primary.data-plane"]
        capacity_lost = 0.3
        response = "wait"
        at = ["100h"]
        time_to_repair = "4h"
        source = "test"
        [hazards.two]
        takes_down = ["primary.data-plane"]
        capacity_lost = 0.2
        response = "wait"
        at = ["101h"]
        time_to_repair = "1h"
        source = "test"
    "#;
    let all = outcomes(&scenario("required_capacity = 0.6", hazards, FAILS_OVER));
    let outcome = &all[0][0];
    assert_eq!(outcome.incidents.len(), 1);
    let incident = &outcome.incidents[0];
    assert_eq!((incident.hazard, incident.rto, incident.ended), (1, minutes(60.0), Ended::Resumed));
    // 0.44 for an hour, then 0.3 for two more: the incident counts what is missing until all is served.
    assert_eq!(served(incident), minutes(0.44 * 60.0 + 0.3 * 120.0));
    assert_eq!(outcome.years[0].dips, minutes(0.3 * 60.0));
    assert_eq!(outcome.downtime, served(incident) + outcome.years[0].dips);
}

#[test]
fn destroyed_data_leave_nothing_to_resume() {
    let hazards =
        HOME_LOST_FOR_20_DAYS.replace("source", "destroys_data = 1\nresponse = \"wait\"\nsource").replace("20d", "10h");
    let strategy = |copies: &str| {
        format!(
            r#"
            {FAILS_OVER}
            {copies}
            restore.decide = {{ takes = "10m", decision = true }}
            restore.restore = {{ after = ["decide"], takes = "2h", data = "copies" }}
            "#
        )
    };
    let with = strategy(r#"point_in_time = { lag = "5m", kept_for = "30d" }"#);
    let incident = only(&scenario("", &hazards, &with));
    assert_eq!((incident.rto, incident.rpo, incident.ended), (minutes(730.0), minutes(5.0), Ended::Restored));
    // Copies that lie where the data were destroyed are gone too.
    let there = strategy(r#"point_in_time = { lag = "5m", kept_for = "30d", at = ["primary"] }"#);
    let incident = only(&scenario("", &hazards, &there));
    assert_eq!((incident.rto, incident.rpo, incident.ended), (minutes(730.0), Time::NEVER, Ended::Unrecoverable));
    // A failover ends it all the same.
    let incident = only(&scenario("", &hazards.replace("response = \"wait\"", ""), &with));
    assert_eq!((incident.rto, incident.rpo, incident.ended), (minutes(60.0), minutes(1.0), Ended::FailedOver));
}

#[test]
fn an_outage_without_a_point_at_the_target_waits() {
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        backups = { every = "1h", kept_for = "30d", at = ["primary"] }
        failover.restore = { takes = "1h", data = "copies" }
        failover.shift = { after = ["restore"], traffic = true }
        resume = "7m"
    "#;
    let hazards = HOME_LOST_FOR_20_DAYS.replace("20d", "3h");
    let incident = only(&scenario("", &hazards, strategy));
    assert_eq!((incident.rto, incident.ended), (minutes(187.0), Ended::Resumed));
}

#[test]
fn corruption_takes_the_newest_point_before_its_onset() {
    let hazards = r#"
        [hazards.bad]
        corrupts = "data"
        at = ["100h"]
        time_to_detect = { exponential = { mean = "10d" } }
        source = "test"
    "#;
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        point_in_time = { lag = "5m", kept_for = "15d" }
        failover.shift = { traffic = true }
        restore.restore = { takes = "2h", data = "copies" }
    "#;
    let all = incidents(&many(&scenario("", hazards, strategy)));
    assert_eq!(all.len(), 20_000);
    let exposure: Vec<f64> = all.iter().map(|incident| incident.exposure.expect("it is one").hours() / 24.0).collect();
    assert_mean("exposure, days", &exposure, 10.0);
    // Retention against time to detect: unrecoverable with probability exp(-15/10).
    assert_share("within retention", &exposure, 15.0, 1.0 - (-1.5_f64).exp());
    for incident in all {
        assert_eq!(incident.rto, minutes(120.0));
        let exposure = incident.exposure.expect("it is one");
        if exposure > Time(15 * Time::DAY.0) {
            assert_eq!((incident.rpo, incident.ended), (Time::NEVER, Ended::Unrecoverable));
        } else {
            let lag = minutes(5.0);
            assert_eq!((incident.rpo, incident.ended), (exposure.max(lag), Ended::Restored));
        }
    }
}

#[test]
fn destroyed_backups_spare_what_is_immutable() {
    let hazards = r#"
        [hazards.bad]
        corrupts = "data"
        at = ["100h"]
        time_to_detect = "1h"
        destroys_backups = 1
        source = "test"
    "#;
    for (immutable, rpo, ended) in [(true, minutes(60.0), Ended::Restored), (false, Time::NEVER, Ended::Unrecoverable)]
    {
        let strategy = format!(
            r#"
            kind = "custom"
            standby_capacity = 1
            point_in_time = {{ lag = "5m", kept_for = "15d", immutable = {immutable} }}
            failover.shift = {{ traffic = true }}
            restore.restore = {{ takes = "2h", data = "copies" }}
            "#
        );
        let incident = only(&scenario("", hazards, &strategy));
        assert_eq!((incident.rpo, incident.ended, incident.rto), (rpo, ended, minutes(120.0)));
    }
}

#[test]
fn corruption_found_during_an_outage_is_dealt_with_right_after_it() {
    let hazards = format!(
        r#"
        {HOME_LOST_FOR_20_DAYS}
        [hazards.bad]
        corrupts = "data"
        at = ["90h"]
        time_to_detect = "10h30m"
        source = "test"
        "#
    );
    let strategy = format!(
        r#"
        {FAILS_OVER}
        point_in_time = {{ lag = "5m", kept_for = "15d" }}
        restore.restore = {{ takes = "2h", data = "copies" }}
        "#
    );
    let all = incidents(&scenario("", &hazards, &strategy));
    assert_eq!(all.len(), 2);
    assert_eq!((all[0].hazard, all[0].rto, all[0].ended), (0, minutes(60.0), Ended::FailedOver));
    let bad = &all[1];
    // The stop is at 101 h, when the outage is over; 11 h are lost.
    assert_eq!((bad.hazard, bad.opened.hours(), bad.onset.hours()), (1, 101.0, 90.0));
    assert_eq!((bad.rto, bad.rpo, bad.exposure), (minutes(120.0), minutes(660.0), Some(minutes(660.0))));
}

#[test]
fn recovery_to_a_point_before_the_onset_undoes_a_hidden_corruption() {
    let hazards = format!(
        r#"
        {HOME_LOST_FOR_20_DAYS}
        [hazards.bad]
        corrupts = "data"
        at = ["99h58m"]
        time_to_detect = "10d"
        source = "test"
        "#
    );
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        point_in_time = { lag = "5m", kept_for = "35d" }
        failover.restore = { takes = "1h", data = "copies" }
        failover.shift = { after = ["restore"], traffic = true }
        restore.restore = { takes = "2h", data = "copies" }
    "#;
    let incident = only(&scenario("", &hazards, strategy));
    assert_eq!((incident.rto, incident.rpo), (minutes(60.0), minutes(5.0)));
    assert_eq!(incidents(&scenario("", &hazards.replace("99h58m", "99h50m"), strategy)).len(), 2);
}

#[test]
fn a_target_lost_after_the_restoration_is_a_new_incident() {
    let hazards = format!(
        r#"
        {HOME_LOST_FOR_20_DAYS}
        [hazards.target]
        takes_down = ["recovery"]
        at = ["100h45m"]
        time_to_repair = "2h"
        source = "test"
        "#
    );
    let strategy = r#"
        kind = "custom"
        standby_capacity = 0.9
        replication = { lag = "1m" }
        failover.shift = { takes = "30m", traffic = true }
        failover.grow = { takes = "1h", capacity = "ramp" }
        resume = "7m"
    "#;
    let all = incidents(&scenario("required_capacity = 0.8", &hazards, strategy));
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!((all[0].rto, all[0].ended), (minutes(30.0), Ended::FailedOver));
    // Home is down, replication does not run the other way: the repair is waited for.
    assert_eq!((all[1].rto, all[1].ended, all[1].rpo), (minutes(127.0), Ended::Resumed, Time::ZERO));
}

#[test]
fn a_target_lost_before_the_restoration_is_waited_for() {
    let hazards = format!(
        r#"
        {HOME_LOST_FOR_20_DAYS}
        [hazards.target]
        takes_down = ["recovery"]
        at = ["100h20m"]
        time_to_repair = "2h"
        source = "test"
        "#
    );
    let incident = only(&scenario("", &hazards, FAILS_OVER));
    assert_eq!((incident.rto, incident.ended, incident.waited), (minutes(180.0), Ended::FailedOver, minutes(120.0)));
}

#[test]
fn without_failback_the_sites_swap_roles_and_are_protected_again_later() {
    let second = |at: &str| {
        let hazards = format!(
            r#"
            [hazards.first]
            takes_down = ["primary"]
            at = ["100h"]
            time_to_repair = "2h"
            source = "test"
            [hazards.second]
            takes_down = ["recovery"]
            at = ["{at}"]
            time_to_repair = "10h"
            source = "test"
            "#
        );
        let strategy = format!("{FAILS_OVER}\nreprotect = \"3h\"\non_repair = \"continue\"");
        incidents(&scenario("", &hazards, &strategy)).remove(1)
    };
    // Home is back at 102 h; both are up together for 3 h at 105 h.
    assert_eq!((second("104h").rto, second("104h").ended), (minutes(607.0), Ended::Resumed));
    assert_eq!((second("106h").rto, second("106h").ended), (minutes(60.0), Ended::FailedOver));
}

#[test]
fn a_copy_that_is_destroyed_on_a_quiet_day_is_made_anew_at_once() {
    let outage = |at: &str| {
        let flood = r#"
            [hazards.flood]
            takes_down = ["recovery"]
            at = ["50h"]
            time_to_repair = "2h"
            destroys_data = 1
            source = "test"
        "#;
        let outage = HOME_LOST_FOR_20_DAYS.replace("100h", at);
        only(&scenario("", &format!("{flood}{outage}"), &format!("{FAILS_OVER}\nreprotect = \"3h\"")))
    };
    // Both are up together from 52 h, so that the copy follows from 55 h.
    assert_eq!((outage("54h").rto, outage("54h").ended), (minutes(480.0 * 60.0 + 7.0), Ended::Resumed));
    assert_eq!((outage("56h").rto, outage("56h").ended), (minutes(60.0), Ended::FailedOver));
}

#[test]
fn failback_is_a_planned_outage_once_home_is_protected() {
    let hazards = HOME_LOST_FOR_20_DAYS.replace("20d", "10h");
    let strategy = format!("{FAILS_OVER}\nreprotect = \"8h\"\nfailback = {{ after = \"2h\", takes = \"15m\" }}");
    let all = outcomes(&scenario("", &hazards, &strategy));
    assert_eq!(all[0][0].planned_downtime, minutes(15.0));
    // Away from the shift of traffic at 101 h until home has been up, and protected, at 118 h.
    assert_eq!(all[0][0].years[0].away, minutes(17.0 * 60.0));
    assert_eq!(all[0][0].downtime, minutes(60.0));
}

#[test]
fn drills_remove_drift() {
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        drills = { every = "100d" }
        failover.shift = { takes = "10m", traffic = true, latent_faults = { every = "150d", fix = "2h" } }
    "#;
    let rto: Vec<f64> = incidents(&many(&scenario("", HOME_LOST_FOR_20_DAYS, strategy)))
        .iter()
        .map(|i| i.rto.seconds() / 60.0)
        .collect();
    // The time since the last drill is uniform on 0..100 d.
    let clean = 1.5 * (1.0 - (-1.0_f64 / 1.5).exp());
    assert_share("without a fault", &rto, 10.0, clean);
    assert_mean("RTO", &rto, 10.0 + 120.0 * (1.0 - clean));
}

const BOTH_SERVE: &str = r#"
    kind = "active-active"
    shares = { primary = 0.5, recovery = 0.5 }
    replication = { lag = "1m" }
    failover.detect.takes = "2m"
    failover.shift-traffic = { takes = "3m", fails = 0 }
    failover.scale-out.takes = "1h"
"#;

#[test]
fn survivors_of_active_active_may_be_short_of_capacity() {
    let strategy = format!("{BOTH_SERVE}\ncapacity = {{ primary = 0.6, recovery = 0.6 }}");
    let incident = only(&scenario("required_capacity = 0.8", HOME_LOST_FOR_20_DAYS, &strategy));
    // From 2 min on the survivor grows from 0.6 to 1 in 24 min; 0.8 is reached after 12.
    assert_eq!((incident.rto, incident.rpo), (minutes(14.0), minutes(1.0)));
    assert!(incident.control_plane_needed);
    // Half is missing until the shift at 5 min, then what the ramp has not reached.
    let missing = 0.5 * 5.0 + (0.4 - 3.0 / 60.0) * 21.0 / 2.0;
    assert!((served(&incident) - minutes(missing)).0.abs() <= 2, "{:?}", served(&incident));
    // With enough capacity nothing waits for a control plane.
    let strategy = format!("{BOTH_SERVE}\ncapacity = {{ primary = 1, recovery = 1 }}");
    let incident = only(&scenario("required_capacity = 0.8", HOME_LOST_FOR_20_DAYS, &strategy));
    assert_eq!(incident.rto, minutes(5.0));
    assert!(!incident.control_plane_needed);
}

#[test]
fn capacity_that_was_made_ready_in_vain_is_given_up() {
    let hazards = r#"
        [hazards.short]
        takes_down = ["primary"]
        at = ["100h"]
        time_to_repair = "30m"
        source = "test"
        [hazards.long]
        takes_down = ["primary"]
        at = ["200h"]
        time_to_repair = "20d"
        source = "test"
    "#;
    // A check that takes 100 min for all that is missing comes before the shift.
    let strategy = format!(
        "{BOTH_SERVE}\ncapacity = {{ primary = 0.6, recovery = 0.6 }}\nresume = \"1m\"\n\
         failover.check = {{ after = [\"detect\"], takes = \"100m\", scaled_by = \"missing-capacity\" }}"
    )
    .replace("takes = \"3m\"", "after = [\"check\"], takes = \"3m\"");
    let both = incidents(&scenario("required_capacity = 0.8", hazards, &strategy));
    // The survivor has grown to 1 after 26 min, but the repair comes before the shift.
    assert_eq!((both[0].rto, both[0].ended), (minutes(31.0), Ended::Resumed));
    // 2 min to detect, 40 min for the 40% that are missing again, 3 min to shift.
    assert_eq!((both[1].rto, both[1].ended), (minutes(45.0), Ended::FailedOver));
}

#[test]
fn with_one_write_site_only_its_loss_needs_a_promotion() {
    let strategy = format!(
        "{BOTH_SERVE}\ncapacity = {{ primary = 1, recovery = 1 }}\nwrites = \"global\"\nfailover.promote-data.takes = \"20m\""
    );
    let lost = |site: &str| only(&scenario("", &HOME_LOST_FOR_20_DAYS.replace("primary", site), &strategy));
    assert_eq!((lost("primary").rto, lost("primary").rpo), (minutes(25.0), minutes(1.0)));
    assert_eq!((lost("recovery").rto, lost("recovery").rpo), (minutes(5.0), Time::ZERO));
    let partitioned = strategy.replace("global", "partitioned");
    let lost = only(&scenario("", &HOME_LOST_FOR_20_DAYS.replace("primary", "recovery"), &partitioned));
    assert_eq!((lost.rto, lost.rpo), (minutes(25.0), minutes(1.0)));
}

#[test]
fn backups_under_way_are_lost_with_their_source() {
    // Backups start every 10 h and take 8 h: the newest usable one is 8 to 18 h old, and home's short outage 13 h before
    // the disaster spoils the one under way then with probability 0.8 (start in the 8 h before it) or hits its start.
    let hazards = r#"
        [hazards.short]
        takes_down = ["primary"]
        response = "wait"
        at = ["87h"]
        time_to_repair = "1s"
        source = "test"
        [hazards.outage]
        takes_down = ["primary"]
        at = ["100h"]
        time_to_repair = "20d"
        source = "test"
    "#;
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        backups = { every = "10h", takes = "8h", kept_for = "30d" }
        failover.shift = { traffic = true }
    "#;
    let all = incidents(&many(&scenario("", hazards, strategy)));
    let rpo: Vec<f64> =
        all.iter().filter(|incident| incident.hazard == 1).map(|incident| incident.rpo.hours()).collect();
    assert_eq!(rpo.len(), 20_000);
    // Start uniform on 8..18 h before: those from 13 to 18 h before were under way at the short outage, and the one
    // before, 10 h older (23 to 28 h), had ended by 15 to 20 h before: it is taken.
    assert_share("newest survives", &rpo, 13.0, 0.5);
    assert!(rpo.iter().all(|hours| (8.0..13.01).contains(hours) || (22.99..28.01).contains(hours)), "{rpo:?}");
}

#[test]
fn bad_backups_repeat_the_restore() {
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        backups = { every = "10h", kept_for = "30d", usable = 0.5 }
        failover.restore = { takes = "1h", data = "copies" }
        failover.shift = { after = ["restore"], takes = "10m", traffic = true }
    "#;
    for incident in incidents(&many(&scenario("", HOME_LOST_FOR_20_DAYS, strategy))) {
        if incident.ended == Ended::FailedOver {
            let bad = (incident.rto - minutes(70.0)).hours();
            let older = (incident.rpo.hours() / 10.0).floor();
            assert_eq!(bad, older, "each bad backup costs a restore and ten hours of data: {incident:?}");
        }
    }
}

#[test]
fn an_incident_at_the_horizon_runs_to_its_end() {
    let hazards = HOME_LOST_FOR_20_DAYS.replace("100h", "4799h30m");
    let all = outcomes(&scenario("", &hazards, FAILS_OVER));
    let outcome = &all[0][0];
    assert_eq!((outcome.incidents[0].rto, outcome.downtime), (minutes(60.0), minutes(30.0)));
    // One that is still open a horizon later is unresolved.
    let hazards = HOME_LOST_FOR_20_DAYS.replace("20d", "10y");
    let incident = only(&scenario("", &hazards, WAITS));
    assert_eq!((incident.rto, incident.ended), (Time::NEVER, Ended::Unresolved));
}

#[test]
fn a_spread_takes_down_what_the_plan_needs() {
    let hazards = HOME_LOST_FOR_20_DAYS.replace(
        "source",
        "spreads_to = [{ component = \"recovery.control-plane\", delay = \"10m\", time_to_repair = \"1h\" }]\nsource",
    );
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        failover.build = { takes = "30m", needs = ["control-plane"] }
        failover.shift = { after = ["build"], takes = "10m", traffic = true }
    "#;
    let incident = only(&scenario("", &hazards, strategy));
    assert_eq!((incident.rto, incident.waited), (minutes(100.0), minutes(60.0)));
    let restarts = strategy.replace("needs", "on_interruption = \"restart\", needs");
    assert_eq!(only(&scenario("", &hazards, &restarts)).rto, minutes(110.0));
    // At one instant components change before a step begins or ends.
    let spread_after = |delay: &str| hazards.replace("delay = \"10m\"", &format!("delay = \"{delay}\""));
    for (delay, restarted) in [("0s", 100.0), ("30m", 130.0)] {
        let incident = only(&scenario("", &spread_after(delay), strategy));
        assert_eq!((incident.rto, incident.waited), (minutes(100.0), minutes(60.0)), "{delay}");
        assert_eq!(only(&scenario("", &spread_after(delay), &restarts)).rto, minutes(restarted), "{delay}");
    }
    let later = strategy.replace(
        "failover.build = { takes",
        "failover.find = { takes = \"70m\" }\nfailover.build = { after = [\"find\"], takes",
    );
    let incident = only(&scenario("", &hazards, &later));
    assert_eq!((incident.rto, incident.waited), (minutes(110.0), Time::ZERO));
    // A step that takes no time and needs what is down waits for it, and is no phase of its own.
    let at_once = strategy.replace("takes = \"30m\"", "takes = \"0s\"");
    let incident = only(&scenario("", &spread_after("0s"), &at_once));
    assert_eq!((incident.rto, incident.waited), (minutes(70.0), minutes(60.0)));
    assert_eq!(incident.waits, [(ComponentId(TARGET_CONTROL), minutes(60.0))]);
}

/// An incident's waits for components, in the order of the components, minutes.
fn waits(incident: &Incident) -> Vec<(usize, f64)> {
    let mut waits: Vec<_> = incident.waits.iter().map(|wait| (wait.0.0, wait.1.seconds() / 60.0)).collect();
    waits.sort_by_key(|wait| wait.0);
    waits
}

/// Components by number, in a scenario with two sites and DNS.
const HOME: usize = 0;
const TARGET: usize = 2;
const TARGET_CONTROL: usize = 3;
const DNS: usize = 5;

fn outage(name: &str, component: &str, at: &str, lasts: &str) -> String {
    format!(
        "[hazards.{name}]\ntakes_down = [\"{component}\"]\nat = [\"{at}\"]\ntime_to_repair = \"{lasts}\"\nsource = \"test\"\n"
    )
}

#[test]
fn waiting_is_told_by_the_component_that_was_down() {
    // The build needs 60 minutes of work; at each instant the first that is down of the data plane of the site, the
    // control plane and DNS counts:
    //   0-10 works, 10-25 control plane (DNS from 20), 25-40 DNS, 40-60 works, 60-70 data plane (control plane from 65),
    //   70-80 control plane, 80-110 works; the shift 110-120.
    let hazards = [
        HOME_LOST_FOR_20_DAYS.to_string(),
        outage("control", "recovery.control-plane", "100h10m", "15m"),
        outage("dns", "dns", "100h20m", "20m"),
        outage("site", "recovery.data-plane", "101h", "10m"),
        outage("control-again", "recovery.control-plane", "101h5m", "15m"),
        outage("dns-later", "dns", "101h55m", "1h"),
    ]
    .concat();
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        replication = { lag = "0s" }
        failover.build = { takes = "1h", needs = ["control-plane", "dns"] }
        failover.aside = { takes = "5m", needs = ["dns", "control-plane"] }
        failover.shift = { after = ["build"], takes = "10m", traffic = true }
    "#;
    let incident = only(&scenario("", &hazards, strategy));
    assert_eq!((incident.rto, incident.waited), (minutes(120.0), minutes(50.0)));
    assert_eq!(waits(&incident), [(TARGET, 10.0), (TARGET_CONTROL, 25.0), (DNS, 15.0)]);
    let work: Vec<f64> = incident.phases.iter().rev().map(|phase| phase.2.seconds() / 60.0).collect();
    assert_eq!(work, [60.0, 10.0]);
}

#[test]
fn waiting_after_the_restoration_is_not_waiting_for_it() {
    // The ramp reaches 0.8 at 48 minutes; it stands still from 30 to 40 and again from 55 to 90.
    let hazards = [
        HOME_LOST_FOR_20_DAYS.to_string(),
        outage("control", "recovery.control-plane", "100h30m", "10m"),
        outage("control-again", "recovery.control-plane", "101h5m", "35m"),
    ]
    .concat();
    let strategy = r#"
        kind = "custom"
        replication = { lag = "0s" }
        failover.shift = { takes = "0s", traffic = true }
        failover.grow = { takes = "1h", capacity = "ramp", needs = ["control-plane"] }
    "#;
    let incident = only(&scenario("required_capacity = 0.8", &hazards, strategy));
    assert_eq!((incident.rto, incident.waited), (minutes(58.0), minutes(10.0)));
    assert_eq!(waits(&incident), [(TARGET_CONTROL, 10.0)]);
    assert_eq!(incident.phases.iter().map(|phase| phase.2).collect::<Vec<_>>(), [minutes(48.0)]);
}

#[test]
fn a_repair_is_told_by_the_component_that_was_down() {
    // Home is down from 0 to 30 minutes, DNS, which the workload needs too, from 20 to 50; the restart takes 7.
    let hazards =
        [outage("outage", "primary.data-plane", "100h", "30m"), outage("dns", "dns", "100h20m", "30m")].concat();
    let incident = only(&scenario("needs = [\"dns\"]", &hazards, WAITS));
    assert_eq!((incident.rto, incident.waited, incident.ended), (minutes(57.0), minutes(50.0), Ended::Resumed));
    assert_eq!(waits(&incident), [(HOME, 30.0), (DNS, 20.0)]);
    // A restart that is cut short is waiting, but for no component: down 0-30, up 30-32, down 32-42.
    let hazards = [
        outage("outage", "primary.data-plane", "100h", "30m"),
        outage("again", "primary.data-plane", "100h32m", "10m"),
    ]
    .concat();
    let incident = only(&scenario("", &hazards, WAITS));
    assert_eq!((incident.rto, incident.waited), (minutes(49.0), minutes(42.0)));
    assert_eq!(waits(&incident), [(HOME, 40.0)]);
    // Capacity that is lost for 90 minutes is waited for at the data plane; DNS is down meanwhile, from 30 to 50, and then
    // the service is restarted, which takes 7.
    let hazards = outage("capacity", "primary.data-plane", "100h", "90m")
        .replace("source", "capacity_lost = 0.5\nsource")
        + &outage("dns", "dns", "100h30m", "20m");
    let incident = only(&scenario("needs = [\"dns\"]\nrequired_capacity = 0.8", &hazards, WAITS));
    assert_eq!((incident.rto, incident.waited), (minutes(90.0), minutes(83.0)));
    assert_eq!(waits(&incident), [(HOME, 63.0), (DNS, 20.0)]);
}

#[test]
fn a_restore_waits_for_what_the_service_needs_after_it() {
    // Home is destroyed and back after 2 h; the restore takes 1 h, without DNS, which is down from 2 h 30 min to 4 h.
    let hazards =
        HOME_LOST_FOR_20_DAYS.replace("20d", "2h").replace("source", "destroys_data = 1\nresponse = \"wait\"\nsource")
            + &outage("dns", "dns", "102h30m", "90m");
    let strategy = r#"
        kind = "custom"
        standby_capacity = 1
        backups = { every = "10h", kept_for = "30d", at = ["recovery"] }
        failover.shift = { takes = "10m", traffic = true }
        restore.restore = { takes = "1h", data = "copies" }
    "#;
    let incident = only(&scenario("needs = [\"dns\"]", &hazards, strategy));
    assert_eq!((incident.rto, incident.waited, incident.ended), (minutes(240.0), minutes(180.0), Ended::Restored));
    assert_eq!(waits(&incident), [(HOME, 120.0), (DNS, 60.0)]);
}
