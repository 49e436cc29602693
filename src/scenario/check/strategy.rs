//! Strategies.

use super::plan::{said, says_nothing};
use super::{Checker, entries, flag, list};
use crate::model::{
    ActiveActive, Backups, Conflicts, DataSource, Failback, Hazard, OnRepair, PointInTime, Replication, SiteId,
    Strategy, Workload, Writes,
};
use crate::scenario::diagnostic::Fault;
use crate::scenario::tree::{Entry, Table};
use crate::scenario::value;
use crate::units::Time;

impl Checker<'_> {
    pub(super) fn strategies(&mut self, workload: &Workload, hazards: &[Hazard]) -> Vec<Strategy> {
        let root = self.root;
        if let (Some(entry), true) = (root.entry("strategies"), entries(root, "strategies").is_empty())
            && self.faults.is_empty()
        {
            self.fault(&entry.place, "a scenario has at least one strategy");
        }
        let mut strategies = Vec::new();
        for entry in entries(root, "strategies") {
            let Some(written) = entry.node.table() else { continue };
            let strategy = self.strategy(entry, written);
            self.consistent(entry, written, &strategy, workload, hazards);
            strategies.push(strategy);
        }
        strategies
    }

    fn strategy(&mut self, entry: &Entry, written: &Table) -> Strategy {
        let drills = written.table("drills").and_then(|drills| self.time(drills, "every"));
        if let (Some("warm-standby"), false) = (written.text("kind"), written.has("standby_capacity")) {
            let fault = Fault::new(&entry.place, format!("`strategies.{}` has no `standby_capacity`", entry.key));
            self.faults
                .push(fault.label("a warm standby says how warm it is").help("for example: standby_capacity = 0.25"));
        }
        Strategy {
            name: entry.key.clone(),
            title: written.text("title").unwrap_or(&entry.key).into(),
            order: self.site_order(written),
            standby_capacity: self.number(written, "standby_capacity", 0.0),
            active_active: self.active_active(entry, written),
            replication: written.table("replication").map(|replication| Replication {
                lag: self.seconds(replication, "lag"),
                catch_up: self.number(replication, "catch_up", 2.0),
                stress: self.number(replication, "stress", 1.0),
            }),
            backups: written.table("backups").map(|backups| Backups {
                every: self.time(backups, "every").unwrap_or(Time::DAY),
                takes: self.seconds(backups, "takes"),
                kept_for: self.time(backups, "kept_for").unwrap_or(Time::DAY),
                usable: self.number(backups, "usable", 1.0),
                immutable: flag(backups, "immutable"),
                at: self.at(backups),
            }),
            point_in_time: written.table("point_in_time").map(|point| PointInTime {
                lag: self.seconds(point, "lag"),
                kept_for: self.time(point, "kept_for").unwrap_or(Time::DAY),
                immutable: flag(point, "immutable"),
                at: self.at(point),
            }),
            resume: self.seconds(written, "resume"),
            on_repair: if written.text("on_repair") == Some("continue") {
                OnRepair::Continue
            } else {
                OnRepair::Resume
            },
            reprotect: self.seconds(written, "reprotect"),
            failback: written.table("failback").map(|failback| Failback {
                after: self.seconds(failback, "after"),
                takes: self.seconds(failback, "takes"),
            }),
            drills,
            conflicts: written.table("conflicts").map(|conflicts| Conflicts {
                writes_per_second: self.number(conflicts, "writes_per_second", 0.0),
                hot_records: self.number(conflicts, "hot_records", 1.0).max(1.0),
            }),
            extra_per_year: self.number(written, "extra_per_year", 0.0),
            failover: self.steps(written, "failover", drills),
            restore: self.steps(written, "restore", drills),
        }
    }

    fn site_order(&mut self, written: &Table) -> Vec<SiteId> {
        let mut order: Vec<SiteId> = Vec::new();
        for node in list(written, "to") {
            let Some(site) = self.site(node) else { continue };
            if order.contains(&site) {
                self.fault(&node.place, "this site is named twice");
            } else {
                order.push(site);
            }
        }
        for site in (0..self.sites.len()).map(SiteId) {
            if !order.contains(&site) {
                order.push(site);
            }
        }
        order
    }

    fn at(&mut self, copies: &Table) -> Vec<bool> {
        let Some(node) = copies.get("at") else { return vec![true; self.sites.len()] };
        let mut at = vec![false; self.sites.len()];
        for node in list(copies, "at") {
            if let Some(SiteId(site)) = self.site(node) {
                at[site] = true;
            }
        }
        if list(copies, "at").is_empty() {
            self.fault(&node.place, "copies lie at one site at least");
        }
        at
    }

    fn active_active(&mut self, entry: &Entry, written: &Table) -> Option<ActiveActive> {
        let required = written.text("kind") == Some("active-active");
        for key in ["shares", "capacity"] {
            if required && !written.has(key) {
                let fault = Fault::new(&entry.place, format!("`strategies.{}` has no `{key}`", entry.key));
                self.faults.push(
                    fault
                        .label("active/active says it for each site")
                        .help(format!("for example: {key} = {{ primary = 0.5, recovery = 0.5 }}")),
                );
            }
        }
        if !written.has("shares") {
            for key in ["capacity", "conflicts", "writes"] {
                let local = written.text(key) == Some("local");
                if let (Some(place), false) = (said(written, key), required || local) {
                    self.faults.push(Fault::new(place, format!("`{key}` means nothing without `shares`")));
                }
            }
            return None;
        }
        if let (Some(place), false) = (said(written, "shares"), written.has("capacity") || required) {
            self.fault(place, "`shares` needs `capacity` too");
        }
        let shares = self.by_site(written, "shares");
        let capacity = self.by_site(written, "capacity");
        if let (Some(node), true) = (written.get("shares"), (shares.iter().sum::<f64>() - 1.0).abs() > 1e-9) {
            let sum: f64 = shares.iter().sum();
            self.faults
                .push(Fault::new(&node.place, "shares must add up to 1").label(format!("these add up to {sum}")));
        }
        for site in 0..self.sites.len() {
            if written.has("capacity") && capacity[site] < shares[site] {
                let name = self.sites[site].name.clone();
                let place = written.get("capacity").map(|node| node.place.clone()).unwrap_or_default();
                self.fault(
                    &place,
                    format!("site `{name}` cannot carry its share: {} of {}", capacity[site], shares[site]),
                );
            }
        }
        let writes = match written.text("writes") {
            Some("global") => Writes::Global,
            Some("partitioned") => Writes::Partitioned,
            _ => Writes::Local,
        };
        if let (Some(place), false) = (said(written, "conflicts"), writes == Writes::Local) {
            self.fault(place, "only local writes meet each other: `conflicts` needs writes = \"local\"");
        }
        Some(ActiveActive { shares, capacity, writes })
    }

    fn by_site(&mut self, written: &Table, key: &str) -> Vec<f64> {
        let mut values = vec![0.0; self.sites.len()];
        for entry in entries(written, key) {
            match self.sites.iter().position(|site| site.name == entry.key) {
                Some(site) => values[site] = value::share(&entry.node).unwrap_or(0.0),
                None => {
                    let names = self.sites.iter().map(|site| site.name.as_str());
                    let fault = Fault::new(&entry.place, format!("there is no site `{}`", entry.key))
                        .allowed(&entry.key, names);
                    self.faults.push(fault);
                }
            }
        }
        values
    }

    /// What must hold between the parts of a strategy.
    fn consistent(
        &mut self,
        entry: &Entry,
        written: &Table,
        strategy: &Strategy,
        workload: &Workload,
        hazards: &[Hazard],
    ) {
        let kind = written.text("kind");
        if kind.is_none_or(|kind| !crate::scenario::format::KINDS.contains(&kind)) {
            return; // without a known kind there is no plan to judge
        }
        let custom = kind == Some("custom");
        let live =
            matches!(written.text("kind"), Some("pilot-light" | "warm-standby" | "hot-standby" | "active-active"));
        let promotes = strategy.failover.iter().find(|step| step.data == Some(DataSource::Replica));
        if strategy.replication.is_none() && (live || promotes.is_some()) {
            let why = match promotes {
                Some(step) => format!("step `{}` promotes a replica", step.name),
                None => "its data are live at every site".into(),
            };
            let fault = Fault::new(&entry.place, format!("`strategies.{}` has no `replication`", entry.key)).label(why);
            self.faults.push(fault.help("for example: replication = { lag = \"1s to 20s\" }"));
        }
        let restores = strategy.failover.iter().find(|step| step.data == Some(DataSource::Copies));
        if let (Some(step), None, None) = (restores, &strategy.backups, &strategy.point_in_time) {
            let fault = Fault::new(
                &entry.place,
                format!("`strategies.{}` has neither `backups` nor `point_in_time`", entry.key),
            );
            self.faults.push(
                fault
                    .label(format!("step `{}` restores them", step.name))
                    .help("for example: backups = { every = \"6h\", kept_for = \"35d\" }"),
            );
        }
        self.restore_plan(written);
        let cyclic = strategy.failover.is_empty() && !entries(written, "failover").is_empty();
        if cyclic {
            return;
        }
        if !strategy.failover.iter().any(|step| step.traffic) {
            let place =
                written.entry("failover").map_or(&entry.place, |plan| if custom { &plan.place } else { &entry.place });
            let fault = Fault::new(place, format!("the failover plan of `{}` never moves traffic", entry.key));
            self.faults.push(fault.help("one step has: traffic = true"));
            return;
        }
        self.reaches(entry, written, strategy, workload, hazards);
    }

    fn restore_plan(&mut self, written: &Table) {
        for step in entries(written, "restore") {
            let Some(table) = step.node.table() else { continue };
            let misplaced = ["traffic", "capacity", "tail", "scaled_by", "declines"];
            for key in misplaced {
                if let (Some(place), true) = (said(table, key), table.get(key).is_some_and(|node| !says_nothing(node)))
                {
                    self.fault(place, format!("`{key}` has no meaning in a restore plan"));
                }
            }
            if let ("replica", Some(place)) = (table.text("data").unwrap_or(""), said(table, "data")) {
                self.faults.push(
                    Fault::new(place, "replicas are bad too: a restore plan needs copies")
                        .help("write: data = \"copies\""),
                );
            }
        }
    }

    /// A plan must bring the service back to the required capacity.
    fn reaches(
        &mut self,
        entry: &Entry,
        written: &Table,
        strategy: &Strategy,
        workload: &Workload,
        hazards: &[Hazard],
    ) {
        let grows = strategy.failover.iter().any(|step| step.capacity.is_some());
        let waits = strategy.failover.iter().any(|step| step.decision && step.declines >= 1.0);
        if grows || waits || hazards.iter().all(|hazard| hazard.outage.is_none()) {
            return;
        }
        let required = workload.required_capacity;
        let reached = match &strategy.active_active {
            None => strategy.standby_capacity,
            Some(active) => {
                let total: f64 = active.capacity.iter().sum();
                active.capacity.iter().map(|lost| total - lost).fold(f64::INFINITY, f64::min)
            }
        };
        if reached + 1e-12 < required {
            let place = said(written, "standby_capacity").unwrap_or(&entry.place);
            let message =
                format!("the failover plan of `{}` cannot reach the required capacity of {required}", entry.key);
            let fault = Fault::new(place, message).label(format!("{reached} stands ready and no step adds to it"));
            self.faults.push(fault.help("a step has capacity = \"ramp\" or \"at-end\", or more stands ready"));
        }
    }
}
