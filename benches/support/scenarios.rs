//! Scenarios to measure with: the reference model, the shipped ones, and generated ones of any size.

#![allow(dead_code, reason = "not every bench uses all of it")]

use drsim::model::Scenario;
use drsim::scenario::{self, Options, Source};
use std::fmt::Write as _;

/// The reference model: two regions for ten years, the model that the peers implement.
pub(crate) const REFERENCE: &str = include_str!("../reference.toml");

/// The text of a scenario that comes with the program.
pub(crate) fn shipped(name: &str) -> &'static str {
    scenario::shipped().iter().find(|(known, _)| *known == name).expect("it is shipped").1
}

/// A scenario that must be valid.
pub(crate) fn read(text: &str) -> Scenario {
    match scenario::read(Source { name: "bench.toml", text }, &Options::default()) {
        Ok(read) => read.scenario,
        Err(errors) => panic!("{}\n{text}", errors.iter().map(|error| error.render(false)).collect::<String>()),
    }
}

/// Home region, another region, and `count` hazards of the home region with `incidents` a year between them; the plan has
/// five steps.
pub(crate) fn hazards(count: usize, incidents: f64) -> String {
    generated(count, incidents, &chain(5))
}

/// One hazard with two incidents a year, and a plan of `count` steps, one after the other.
pub(crate) fn steps(count: usize) -> String {
    generated(1, 2.0, &chain(count))
}

/// The same with `count` steps that run side by side, then one that moves the traffic: so many events are pending at once.
pub(crate) fn side_by_side_steps(count: usize) -> String {
    let mut plan = String::new();
    for step in 1..=count {
        plan += &work(step, &[]);
    }
    let all: Vec<String> = (1..=count).map(|step| format!("\"step-{step}\"")).collect();
    generated(1, 2.0, &(plan + &traffic(&all)))
}

fn generated(count: usize, incidents: f64, plan: &str) -> String {
    let mut text = String::from(
        r#"
[run]
histories = 10_000
horizon = "10y"
[workload]
home = "primary"
data = "500 GiB"
[objectives]
rto = "4h"
rpo = "1h"
[sites]
primary = "home"
recovery = "away"
[strategies.own]
kind = "custom"
backups = { every = "1h", takes = "10m", kept_for = "30d" }
failback = { after = "4h", takes = "0s" }
reprotect = "0s"
"#,
    );
    for hazard in 1..=count {
        let rate = incidents / count as f64;
        writeln!(
            text,
            "[hazards.hazard-{hazard}]\ntakes_down = [\"primary\"]\nrate = \"{rate}/y\"\n\
             time_to_repair = {{ weibull = {{ shape = 1.5, scale = \"72h\" }} }}\nsource = \"assumed\""
        )
        .expect("a string takes everything");
    }
    text + plan
}

fn chain(count: usize) -> String {
    let mut plan = work(1, &[]);
    for step in 2..count {
        plan += &work(step, &[format!("\"step-{}\"", step - 1)]);
    }
    plan + &traffic(&[format!("\"step-{}\"", count - 1)])
}

fn work(number: usize, after: &[String]) -> String {
    format!(
        "[strategies.own.failover.step-{number}]\nafter = [{}]\n\
         takes = {{ lognormal = {{ median = \"5m\", sigma = 0.5 }} }}\n",
        after.join(", ")
    )
}

fn traffic(after: &[String]) -> String {
    format!(
        "[strategies.own.failover.shift-traffic]\nafter = [{}]\ntakes = \"1m\"\ntraffic = true\ncapacity = \"at-end\"\n",
        after.join(", ")
    )
}
