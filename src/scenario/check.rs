//! From a filled-in tree to the model: names to indices, and what must hold between the parts.
//!
//! Assumes that the generic reader has looked at every value: what it found wrong counts as absent here.

mod hazard;
mod plan;
mod strategy;

use super::diagnostic::Fault;
use super::format::Quantity;
use super::tree::{Entry, Node, Place, Table, Value};
use super::value::{self, Files};
use crate::dist::Dist;
use crate::model::{ComponentId, Costs, MAX_SITES, Named, Need, Objectives, Run, Scenario, SiteId, Workload};
use crate::units::Time;

/// What is known while the parts are checked.
pub(super) struct Checker<'a> {
    root: &'a Table,
    files: &'a Files<'a>,
    faults: Vec<Fault>,
    sites: Vec<Named>,
    components: Vec<Named>,
}

/// The scenario, and what is wrong with it; errors make the scenario meaningless.
pub(super) fn scenario(root: &Table, files: &Files) -> (Scenario, Vec<Fault>) {
    let mut checker = Checker { root, files, faults: Vec::new(), sites: Vec::new(), components: Vec::new() };
    let scenario = checker.scenario();
    checker.faults.extend(super::warn::all(&scenario, root));
    (scenario, checker.faults)
}

impl<'a> Checker<'a> {
    fn scenario(&mut self) -> Scenario {
        self.name_components();
        let run = self.run();
        let workload = self.workload();
        let objectives = self.objectives("objectives", None);
        let hazards = self.hazards(&objectives);
        self.check_objectives();
        let strategies = self.strategies(&workload, &hazards);
        let costs = self.costs();
        self.need_sizes(&hazards, &strategies, &costs);
        Scenario {
            title: self.root.text("title").unwrap_or_default().into(),
            description: self.root.text("description").unwrap_or_default().into(),
            run,
            workload,
            objectives,
            sites: self.sites.clone(),
            components: self.components.clone(),
            hazards,
            strategies,
            costs,
        }
    }

    fn name_components(&mut self) {
        let named = |entry: &Entry| Named {
            name: entry.key.clone(),
            title: entry.node.text().filter(|title| !title.is_empty()).unwrap_or(&entry.key).into(),
        };
        let sites = entries(self.root, "sites");
        self.sites = sites.iter().map(named).collect();
        if let (Some(entry), true) = (self.root.entry("sites"), sites.len() < 2) {
            self.faults.push(
                Fault::new(&entry.place, "a scenario has at least two sites")
                    .help("for example: recovery = \"us-west-2\""),
            );
        }
        if let Some(entry) = sites.get(MAX_SITES) {
            let many = format!("a scenario has at most {MAX_SITES} sites");
            self.faults.push(Fault::new(&entry.place, many));
        }
        for site in &self.sites {
            for plane in ["data-plane", "control-plane"] {
                let title = format!("{} {}", site.title, plane.replace('-', " "));
                self.components.push(Named { name: format!("{}.{plane}", site.name), title });
            }
        }
        self.components.push(Named { name: "replication".into(), title: "Replication".into() });
        for entry in entries(self.root, "components") {
            let taken = ["replication", "data-plane", "control-plane"].contains(&entry.key.as_str())
                || self.sites.iter().any(|site| site.name == entry.key);
            if taken {
                self.faults
                    .push(Fault::new(&entry.place, format!("`{}` is already the name of a component", entry.key)));
            }
            self.components.push(named(entry));
        }
    }

    fn run(&mut self) -> Run {
        let table = table(self.root, "run");
        let whole = |key, otherwise| match table.get(key).map(|node| &node.value) {
            Some(Value::Integer(number)) => u64::try_from(*number).unwrap_or(otherwise),
            _ => otherwise,
        };
        let horizon = self.time(table, "horizon").unwrap_or(Time::YEAR);
        if let (Some(node), true) = (table.get("horizon"), horizon > Time(Time::YEAR.0 * 10_000)) {
            self.faults.push(Fault::new(&node.place, "a horizon is at most 10,000 years"));
        }
        Run { histories: whole("histories", 1), horizon, seed: whole("seed", 1) }
    }

    fn workload(&mut self) -> Workload {
        let table = table(self.root, "workload");
        let home = table.get("home").and_then(|node| self.site(node)).unwrap_or(SiteId(0));
        Workload {
            home,
            data: table.get("data").and_then(|node| value::size(node).ok()).unwrap_or(0.0),
            write_rate: table.get("write_rate").and_then(|node| value::rate(node).ok()).unwrap_or(0.0),
            required_capacity: self.number(table, "required_capacity", 1.0),
            needs: self.needs(table),
        }
    }

    fn objectives(&mut self, key: &str, general: Option<&Objectives>) -> Objectives {
        let mut table = Some(self::table(self.root, "objectives"));
        if general.is_some() {
            table = table.and_then(|table| table.table(key));
        }
        let table = table.unwrap_or(&EMPTY);
        Objectives {
            rto: self.time(table, "rto").or(general.and_then(|general| general.rto)),
            rpo: self.time(table, "rpo").or(general.and_then(|general| general.rpo)),
            attainment: self.number(table, "attainment", general.map_or(0.95, |general| general.attainment)),
        }
    }

    fn check_objectives(&mut self) {
        let hazards: Vec<&str> = entries(self.root, "hazards").iter().map(|entry| entry.key.as_str()).collect();
        for entry in entries(self.root, "objectives") {
            let own = ["rto", "rpo", "attainment"].contains(&entry.key.as_str());
            if !own && !hazards.contains(&entry.key.as_str()) {
                let words = hazards.iter().copied().chain(["rto", "rpo", "attainment"]);
                self.faults.push(
                    Fault::new(&entry.place, format!("there is no hazard `{}`", entry.key)).allowed(&entry.key, words),
                );
            }
        }
    }

    fn costs(&mut self) -> Costs {
        let costs = table(self.root, "costs");
        let infrastructure = table(costs, "infrastructure");
        Costs {
            currency: costs.text("currency").unwrap_or("USD").into(),
            downtime_per_hour: self.bands(costs),
            data_loss_per_hour: self.number(costs, "data_loss_per_hour", 0.0),
            per_incident: self.number(costs, "per_incident", 0.0),
            per_failover: self.number(costs, "per_failover", 0.0),
            per_drill: self.number(costs, "per_drill", 0.0),
            per_backup: self.number(costs, "per_backup", 0.0),
            per_conflict: self.number(costs, "per_conflict", 0.0),
            unrecoverable_loss: self.number(costs, "unrecoverable_loss", 0.0),
            compute_per_hour: self.number(infrastructure, "compute_per_hour", 0.0),
            database_per_hour: self.number(infrastructure, "database_per_hour", 0.0),
            storage_per_gib_month: self.number(infrastructure, "storage_per_gib_month", 0.0),
            backup_per_gib_month: self.number(infrastructure, "backup_per_gib_month", 0.0),
            transfer_per_gib: self.number(infrastructure, "transfer_per_gib", 0.0),
        }
    }

    fn bands(&mut self, costs: &Table) -> Vec<(Time, f64)> {
        let Some(node) = costs.get("downtime_per_hour") else { return vec![(Time::ZERO, 0.0)] };
        let Value::List(items) = &node.value else { return vec![(Time::ZERO, node.number().unwrap_or(0.0))] };
        let mut bands: Vec<(Time, f64)> = Vec::new();
        for item in items {
            let table = item.table().unwrap_or(&EMPTY);
            let from = self.time(table, "from").unwrap_or(Time::ZERO);
            match bands.last() {
                None if from > Time::ZERO => {
                    self.faults.push(
                        Fault::new(&item.place, "the first band begins at \"0s\"")
                            .help("for example: { from = \"0s\", per_hour = 60_000 }"),
                    );
                }
                Some((last, _)) if from <= *last => {
                    self.faults.push(Fault::new(&item.place, "bands go from the shortest outage to the longest"));
                }
                None | Some(_) => {}
            }
            bands.push((from, self.number(table, "per_hour", 0.0)));
        }
        if bands.is_empty() {
            self.faults.push(Fault::new(&node.place, "a list of prices has at least one band"));
            bands.push((Time::ZERO, 0.0));
        }
        bands
    }

    /// The size of the data and the write rate must be known where a step or a price uses them.
    fn need_sizes(&mut self, hazards: &[crate::model::Hazard], strategies: &[crate::model::Strategy], costs: &Costs) {
        let workload = table(self.root, "workload");
        let place = self.root.entry("workload").map(|entry| entry.place.clone()).unwrap_or_default();
        let bad_data = hazards.iter().any(|hazard| {
            hazard.corruption.is_some() || hazard.outage.as_ref().is_some_and(|outage| outage.destroys_data > 0.0)
        });
        let step = strategies.iter().find_map(|strategy| {
            let restore = strategy.restore.iter().filter(|_| bad_data);
            let step = strategy.failover.iter().chain(restore).find(|step| step.throughput.is_some())?;
            Some(format!("the throughput of step `{}` of `{}`", step.name, strategy.name))
        });
        let priced = [
            (costs.storage_per_gib_month, "costs.infrastructure.storage_per_gib_month"),
            (costs.backup_per_gib_month, "costs.infrastructure.backup_per_gib_month"),
        ];
        let price = priced.iter().find(|(price, _)| *price > 0.0).map(|(_, name)| format!("`{name}`"));
        if let (Some(user), false) = (step.or(price), workload.has("data")) {
            self.faults.push(
                Fault::new(&place, format!("{user} needs `workload.data`")).help("for example: data = \"2 TiB\""),
            );
        }
        let written = [
            (costs.transfer_per_gib, "costs.infrastructure.transfer_per_gib"),
            (costs.backup_per_gib_month, "costs.infrastructure.backup_per_gib_month"),
        ];
        if let (Some((_, name)), false) = (written.iter().find(|(price, _)| *price > 0.0), workload.has("write_rate")) {
            self.faults.push(
                Fault::new(&place, format!("`{name}` needs `workload.write_rate`"))
                    .help("for example: write_rate = \"40 GiB/h\""),
            );
        }
    }

    fn needs(&mut self, table: &Table) -> Vec<Need> {
        let mut needs = Vec::new();
        for node in list(table, "needs") {
            match node.text() {
                Some("control-plane") => needs.push(Need::ControlPlane),
                Some("data-plane") => needs.push(Need::DataPlane),
                Some(_) => needs.extend(self.component(node, true).into_iter().map(Need::Component)),
                None => {}
            }
        }
        needs
    }

    /// The components that a name stands for; none, and a fault, if it is unknown.
    fn component(&mut self, node: &Node, relative: bool) -> Vec<ComponentId> {
        let Some(name) = node.text() else { return Vec::new() };
        if let Some(site) = self.sites.iter().position(|site| site.name == name) {
            return vec![SiteId(site).data_plane(), SiteId(site).control_plane()];
        }
        if let Some(index) = self.components.iter().position(|component| component.name == name) {
            return vec![ComponentId(index)];
        }
        let planes = if relative { &["control-plane", "data-plane"][..] } else { &[] };
        let names =
            self.sites.iter().chain(&self.components).map(|named| named.name.as_str()).chain(planes.iter().copied());
        let fault = Fault::new(&node.place, format!("there is no component `{name}`")).allowed(name, names);
        self.faults.push(fault);
        Vec::new()
    }

    fn site(&mut self, node: &Node) -> Option<SiteId> {
        let name = node.text()?;
        let found = self.sites.iter().position(|site| site.name == name).map(SiteId);
        if found.is_none() {
            let names = self.sites.iter().map(|site| site.name.as_str());
            self.faults.push(Fault::new(&node.place, format!("there is no site `{name}`")).allowed(name, names));
        }
        found
    }

    fn number(&self, table: &Table, key: &str, otherwise: f64) -> f64 {
        table.get(key).and_then(Node::number).filter(|number| number.is_finite() && *number >= 0.0).unwrap_or(otherwise)
    }

    fn time(&self, table: &Table, key: &str) -> Option<Time> {
        table.get(key).and_then(|node| value::duration(node).ok()).map(Time::from_seconds)
    }

    fn dist(&self, table: &Table, key: &str, of: Quantity) -> Option<Dist> {
        table.get(key).and_then(|node| value::dist(node, of, self.files).ok())
    }

    /// The distribution of a duration; nothing where it is absent.
    fn seconds(&self, table: &Table, key: &str) -> Dist {
        self.dist(table, key, Quantity::Duration).unwrap_or_else(nothing)
    }

    fn fault(&mut self, place: &Place, message: impl Into<String>) {
        self.faults.push(Fault::new(place, message));
    }
}

/// No time at all.
fn nothing() -> Dist {
    Dist::constant(0.0).expect("0 is a duration")
}

static EMPTY: Table = Table { entries: Vec::new() };

fn table<'a>(of: &'a Table, key: &str) -> &'a Table {
    of.table(key).unwrap_or(&EMPTY)
}

fn entries<'a>(of: &'a Table, key: &str) -> &'a [Entry] {
    &table(of, key).entries
}

fn list<'a>(of: &'a Table, key: &str) -> &'a [Node] {
    if let Some(Node { value: Value::List(items), .. }) = of.get(key) { items } else { &[] }
}

fn flag(of: &Table, key: &str) -> bool {
    matches!(of.get(key), Some(Node { value: Value::Bool(true), .. }))
}
