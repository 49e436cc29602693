//! Plans: steps by name become steps in order.

use super::{Checker, EMPTY, flag, list, table};
use crate::model::{CapacityEffect, DataSource, LatentFaults, Step, Tail};
use crate::scenario::diagnostic::Fault;
use crate::scenario::format::Quantity;
use crate::scenario::tree::{DEFAULTS, Entry, Node, Place, Table, Value};
use crate::units::Time;

impl Checker<'_> {
    /// The steps of a plan, each after those it depends on, else in the order of the file.
    pub(super) fn steps(&mut self, strategy: &Table, plan: &str, drills: Option<Time>) -> Vec<Step> {
        let entries: Vec<&Entry> =
            table(strategy, plan).entries.iter().filter(|entry| entry.node.table().is_some()).collect();
        let after: Vec<Vec<usize>> = entries.iter().map(|entry| self.after(entry, &entries)).collect();
        let Some(order) = self.order(&entries, &after) else { return Vec::new() };
        let place: Vec<usize> =
            (0..entries.len()).map(|old| order.iter().position(|o| *o == old).unwrap_or(0)).collect();
        let mut steps = Vec::new();
        for &old in &order {
            let mut before: Vec<usize> = after[old].iter().map(|step| place[*step]).collect();
            before.sort_unstable();
            before.dedup();
            let entry = entries[old];
            steps.push(self.step(entry, entry.node.table().unwrap_or(&EMPTY), before, drills));
        }
        self.once(&entries, "decision", "decisions");
        self.once(&entries, "traffic", "steps that move traffic");
        self.once(&entries, "capacity", "steps that make capacity ready");
        steps
    }

    fn after(&mut self, entry: &Entry, entries: &[&Entry]) -> Vec<usize> {
        let mut found = Vec::new();
        for node in list(entry.node.table().unwrap_or(&EMPTY), "after") {
            let Some(name) = node.text() else { continue };
            match entries.iter().position(|other| other.key == name) {
                Some(index) => found.push(index),
                None => {
                    let words = entries.iter().map(|other| other.key.as_str()).filter(|key| *key != entry.key);
                    self.faults.push(
                        Fault::new(&node.place, format!("there is no step `{name}` in this plan")).allowed(name, words),
                    );
                }
            }
        }
        found
    }

    /// The first step in the order of the file whose predecessors are done, again and again.
    fn order(&mut self, entries: &[&Entry], after: &[Vec<usize>]) -> Option<Vec<usize>> {
        let mut order: Vec<usize> = Vec::new();
        while order.len() < entries.len() {
            let ready =
                |index: &usize| !order.contains(index) && after[*index].iter().all(|before| order.contains(before));
            let Some(next) = (0..entries.len()).find(ready) else {
                let left: Vec<usize> = (0..entries.len()).filter(|index| !order.contains(index)).collect();
                self.cycle(entries, after, &left);
                return None;
            };
            order.push(next);
        }
        Some(order)
    }

    fn cycle(&mut self, entries: &[&Entry], after: &[Vec<usize>], left: &[usize]) {
        let mut path = vec![left[0]];
        loop {
            let last = path[path.len() - 1];
            let Some(&next) = after[last].iter().find(|step| left.contains(step)) else { return };
            if let Some(start) = path.iter().position(|step| *step == next) {
                path.push(next);
                let names: Vec<&str> = path[start..].iter().rev().map(|step| entries[*step].key.as_str()).collect();
                let step = entries[next].node.table().unwrap_or(&EMPTY);
                let place = step.get("after").map_or(&entries[next].place, |node| &node.place);
                self.faults.push(Fault::new(place, format!("steps wait for each other: {}", names.join(" -> "))));
                return;
            }
            path.push(next);
        }
    }

    fn once(&mut self, entries: &[&Entry], key: &str, what: &str) {
        let marked = |step: &Table| flag(step, key) || step.text(key).is_some();
        let mut with = entries.iter().filter(|entry| marked(entry.node.table().unwrap_or(&EMPTY)));
        if let (Some(first), Some(second)) = (with.next(), with.next()) {
            let place = second.node.table().and_then(|table| table.get(key)).map_or(&second.place, |node| &node.place);
            self.fault(place, format!("a plan has at most one of: {what} (`{}` is one already)", first.key));
        }
    }

    fn step(&mut self, entry: &Entry, step: &Table, after: Vec<usize>, drills: Option<Time>) -> Step {
        if entry.key == "waiting" {
            self.fault(&entry.place, "`waiting` is a row of the results: call the step otherwise");
        }
        let decision = flag(step, "decision");
        let traffic = flag(step, "traffic");
        let declines = self.number(step, "declines", 0.0);
        if let (Some(place), false) = (said(step, "declines"), decision)
            && declines > 0.0
        {
            self.faults.push(Fault::new(place, "only a decision can decline").help("add: decision = true"));
        }
        if let (Some(place), false) = (said(step, "tail"), traffic) {
            self.faults
                .push(Fault::new(place, "a `tail` belongs to the step that moves traffic").help("add: traffic = true"));
        }
        let tail = step.table("tail").map(|tail| Tail {
            share: self.number(tail, "share", 0.0),
            mean: self.time(tail, "mean").unwrap_or(Time::MINUTE),
        });
        Step {
            name: entry.key.clone(),
            after,
            takes: self.seconds(step, "takes"),
            throughput: self.dist(step, "throughput", Quantity::Rate),
            scaled_by_missing_capacity: step.has("scaled_by"),
            needs: self.needs(step),
            restarts: step.text("on_interruption") == Some("restart"),
            fails: self.number(step, "fails", 0.0).min(0.999_999),
            retry_after: self.seconds(step, "retry_after"),
            data: step
                .text("data")
                .map(|data| if data == "replica" { DataSource::Replica } else { DataSource::Copies }),
            declines,
            decision,
            traffic,
            tail,
            capacity: step
                .text("capacity")
                .map(|c| if c == "ramp" { CapacityEffect::Ramp } else { CapacityEffect::AtEnd }),
            latent_faults: step.table("latent_faults").map(|faults| LatentFaults {
                every: self.time(faults, "every").unwrap_or(Time::YEAR),
                fix: self.seconds(faults, "fix"),
                drilled_every: self.time(faults, "drilled_every").or(drills),
            }),
        }
    }
}

/// Where the scenario, not the format, says a key.
pub(super) fn said<'a>(table: &'a Table, key: &str) -> Option<&'a Place> {
    table.entry(key).filter(|entry| entry.place.text != DEFAULTS).map(|entry| &entry.place)
}

/// Whether a value is what the format takes for granted where nothing is said.
pub(super) fn says_nothing(node: &Node) -> bool {
    match &node.value {
        Value::Text(text) => text == "0s" || text == "none",
        Value::Integer(number) => *number == 0,
        Value::Float(number) => *number == 0.0,
        Value::Bool(flag) => !flag,
        Value::List(items) => items.is_empty(),
        Value::Date(_) | Value::Table(_) => false,
    }
}
