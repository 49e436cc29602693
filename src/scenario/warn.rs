//! What a scenario may say without meaning it.

use super::diagnostic::Fault;
use super::tree::{Place, Table};
use crate::model::{Hazard, Need, Onset, Scenario, Strategy};

/// Every warning about a scenario.
pub(super) fn all(scenario: &Scenario, root: &Table) -> Vec<Fault> {
    let mut faults = Vec::new();
    compared(scenario, root, &mut faults);
    for strategy in &scenario.strategies {
        endless(scenario, strategy, root, &mut faults);
    }
    copies(scenario, root, &mut faults);
    faults.into_iter().map(Fault::warning).collect()
}

fn place(root: &Table, strategy: &str) -> Place {
    root.table("strategies")
        .and_then(|table| table.entry(strategy))
        .map(|entry| entry.place.clone())
        .unwrap_or_default()
}

/// Differences that decide the comparison unseen.
fn compared(scenario: &Scenario, root: &Table, faults: &mut Vec<Fault>) {
    let immutable = |strategy: &Strategy| {
        strategy.backups.as_ref().is_some_and(|backups| backups.immutable)
            || strategy.point_in_time.as_ref().is_some_and(|point| point.immutable)
    };
    let destroys =
        scenario.hazards.iter().any(|hazard| hazard.corruption.as_ref().is_some_and(|c| c.destroys_backups > 0.0));
    let one = scenario.strategies.iter().find(|strategy| immutable(strategy));
    let other = scenario.strategies.iter().find(|strategy| !immutable(strategy));
    if let (Some(one), Some(other), true) = (one, other, destroys) {
        let message = format!("`{}` has immutable copies and `{}` has none", one.name, other.name);
        faults.push(Fault::new(&place(root, &other.name), message).label("this decides what ransomware does to them"));
    }
    let faulty = |strategy: &&Strategy| {
        strategy.failover.iter().chain(&strategy.restore).any(|step| step.latent_faults.is_some())
    };
    let one = scenario.strategies.iter().find(|strategy| strategy.drills.is_some());
    let other = scenario.strategies.iter().find(|strategy| strategy.drills.is_none());
    let matters = scenario.strategies.iter().any(|s| faulty(&s)) || scenario.costs.per_drill > 0.0;
    if let (Some(one), Some(other), true) = (one, other, matters) {
        let message = format!("`{}` has drills and `{}` has none", one.name, other.name);
        faults.push(Fault::new(&place(root, &other.name), message).label("drills cost money and find faults"));
    }
}

/// Restarted work whose mean may be infinite: its tail falls more slowly than the chance to finish.
fn endless(scenario: &Scenario, strategy: &Strategy, root: &Table, faults: &mut Vec<Fault>) {
    for step in strategy.failover.iter().chain(&strategy.restore).filter(|step| step.restarts) {
        let bounded =
            step.takes.bounds().1.is_finite() && step.throughput.as_ref().is_none_or(|rate| rate.bounds().0 > 0.0);
        let rate = scenario.hazards.iter().map(|hazard| failure_rate(hazard, &step.needs)).fold(0.0, f64::max);
        if !bounded && rate > 0.0 && (step.throughput.is_some() || step.takes.tail_rate() <= rate) {
            let message = format!("the mean length of step `{}` of `{}` may be infinite", step.name, strategy.name);
            let fault =
                Fault::new(&place(root, &strategy.name), message).label("it starts over whenever what it needs fails");
            faults.push(fault.help("give its length an at_most, or on_interruption = \"resume\""));
        }
    }
}

/// Events a second of a hazard with exponential gaps that stops work with these needs.
fn failure_rate(hazard: &Hazard, needs: &[Need]) -> f64 {
    let (Onset::Renewal(gap), Some(outage)) = (&hazard.onset, &hazard.outage) else { return 0.0 };
    let hit = needs.iter().any(|need| match need {
        Need::Component(component) => outage.takes_down.contains(component),
        Need::ControlPlane | Need::DataPlane => !outage.takes_down.is_empty(),
    });
    if hit { 1.0 / gap.mean() } else { 0.0 }
}

fn copies(scenario: &Scenario, root: &Table, faults: &mut Vec<Fault>) {
    let Some(hazard) = scenario.hazards.iter().find(|hazard| hazard.corruption.is_some()) else { return };
    for strategy in &scenario.strategies {
        if strategy.backups.is_none() && strategy.point_in_time.is_none() {
            let message = format!("`{}` has neither `backups` nor `point_in_time`", strategy.name);
            faults.push(
                Fault::new(&place(root, &strategy.name), message)
                    .label(format!("`{}` is unrecoverable: replicas copy corruption", hazard.name)),
            );
        }
    }
}
