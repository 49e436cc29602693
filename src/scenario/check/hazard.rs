//! Hazards.

use super::plan::says_nothing;
use super::{Checker, entries, list, nothing, table};
use crate::dist::Dist;
use crate::model::{CapacityLoss, ComponentId, Corruption, Hazard, Objectives, Onset, Outage, Response, Spread};
use crate::scenario::diagnostic::Fault;
use crate::scenario::format::Quantity;
use crate::scenario::tree::{Entry, Table};
use crate::scenario::value;
use crate::units::Time;

const ONSETS: [&str; 4] = ["rate", "mttf", "time_to_failure", "at"];

impl Checker<'_> {
    pub(super) fn hazards(&mut self, general: &Objectives) -> Vec<Hazard> {
        let root = self.root;
        let written = entries(root, "hazards");
        written.iter().filter_map(|entry| Some(self.hazard(entry, entry.node.table()?, general))).collect()
    }

    fn hazard(&mut self, entry: &Entry, hazard: &Table, general: &Objectives) -> Hazard {
        if entry.key == "all" {
            self.fault(&entry.place, "`all` means all hazards in the results: call it otherwise");
        }
        if !hazard.has("takes_down") && !hazard.has("corrupts") {
            self.fault(
                &entry.place,
                format!("`hazards.{}` does nothing: it has neither `takes_down` nor `corrupts`", entry.key),
            );
        }
        self.belong_together(entry, hazard);
        Hazard {
            name: entry.key.clone(),
            title: hazard.text("title").unwrap_or(&entry.key).into(),
            source: hazard.text("source").unwrap_or_default().into(),
            onset: self.onset(entry, hazard),
            outage: hazard.has("takes_down").then(|| self.outage(hazard)),
            corruption: hazard.has("corrupts").then(|| Corruption {
                time_to_detect: self.seconds(hazard, "time_to_detect"),
                destroys_backups: self.number(hazard, "destroys_backups", 0.0),
            }),
            response: if hazard.text("response") == Some("wait") { Response::Wait } else { Response::FailOver },
            objectives: self.objectives(&entry.key, Some(general)),
        }
    }

    /// Keys that need each other, and keys that mean nothing alone.
    fn belong_together(&mut self, entry: &Entry, hazard: &Table) {
        let pairs = [
            ("takes_down", "time_to_repair", "for example: time_to_repair = \"30m to 6h\""),
            ("corrupts", "time_to_detect", "for example: time_to_detect = \"1h to 5d\""),
        ];
        for (cause, needed, help) in pairs {
            if hazard.has(cause) && !hazard.has(needed) {
                let message = format!("`hazards.{}` has `{cause}` but no `{needed}`", entry.key);
                self.faults.push(Fault::new(&entry.place, message).help(help));
            }
        }
        let alone = [
            ("time_to_repair", "takes_down"),
            ("capacity_lost", "takes_down"),
            ("spreads_to", "takes_down"),
            ("destroys_data", "takes_down"),
            ("time_to_detect", "corrupts"),
            ("destroys_backups", "corrupts"),
        ];
        for (key, cause) in alone {
            let written = hazard.entry(key).filter(|found| !says_nothing(&found.node));
            if let (Some(found), false) = (written, hazard.has(cause)) {
                self.fault(&found.place, format!("`{key}` means nothing without `{cause}`"));
            }
        }
    }

    fn onset(&mut self, entry: &Entry, hazard: &Table) -> Onset {
        let given: Vec<&Entry> = ONSETS.iter().filter_map(|key| hazard.entry(key)).collect();
        let [onset] = given.as_slice() else {
            let fault = match given.last() {
                None => Fault::new(&entry.place, format!("`hazards.{}` does not say when it strikes", entry.key))
                    .help("for example: rate = \"0.25/y\""),
                Some(last) => Fault::new(&last.place, format!("`hazards.{}` says twice when it strikes", entry.key))
                    .label("and this too"),
            };
            self.faults.push(fault.help("one of: rate, mttf, time_to_failure, at"));
            return Onset::At(Vec::new());
        };
        let dist = match onset.key.as_str() {
            "rate" => match value::event_rate(&onset.node) {
                Ok(rate) if rate > 0.0 => Dist::exponential(1.0 / rate).ok(),
                _ => return Onset::At(Vec::new()),
            },
            "mttf" => self.time(hazard, "mttf").and_then(|mean| Dist::exponential(mean.seconds()).ok()),
            "time_to_failure" => self.dist(hazard, "time_to_failure", Quantity::Duration),
            _ => return self.fixed(hazard),
        };
        let gap = dist.unwrap_or_else(|| Dist::constant(1e12).expect("a duration"));
        self.not_too_many(onset, &gap);
        Onset::Renewal(gap)
    }

    fn fixed(&mut self, hazard: &Table) -> Onset {
        let mut times: Vec<Time> = Vec::new();
        for node in list(hazard, "at") {
            let Ok(seconds) = value::duration(node) else { continue };
            let time = Time::from_seconds(seconds);
            if times.last().is_some_and(|last| *last >= time) {
                self.faults
                    .push(Fault::new(&node.place, "onsets are in ascending order").label("not after the one before"));
            }
            times.push(time);
        }
        Onset::At(times)
    }

    fn not_too_many(&mut self, onset: &Entry, gap: &Dist) {
        let horizon = self.time(table(self.root, "run"), "horizon").unwrap_or(Time::YEAR);
        let events = horizon.seconds() / gap.mean();
        if events > 1e6 {
            let fault = Fault::new(&onset.node.place, "strikes more than a million times in a history");
            self.faults.push(fault.label(format!("every {:.3} s in the mean", gap.mean())));
        }
    }

    fn outage(&mut self, hazard: &Table) -> Outage {
        let mut components: Vec<ComponentId> = Vec::new();
        for node in list(hazard, "takes_down") {
            for component in self.component(node, false) {
                if components.contains(&component) {
                    self.fault(&node.place, "this is named twice");
                } else {
                    components.push(component);
                }
            }
        }
        if let (Some(entry), true) = (hazard.entry("takes_down"), list(hazard, "takes_down").is_empty()) {
            self.fault(&entry.place, "`takes_down` names at least one component");
        }
        let sites = self.sites.len();
        let hit: Vec<_> = components.iter().filter_map(|component| component.site_of_data_plane(sites)).collect();
        let capacity_loss = hazard.get("capacity_lost").map(|node| {
            if hit.is_empty() {
                self.fault(&node.place, "`capacity_lost` needs a data plane in `takes_down`");
            }
            let share = self.dist(hazard, "capacity_lost", Quantity::Share).unwrap_or_else(nothing);
            CapacityLoss { sites: hit.clone(), share }
        });
        if capacity_loss.is_some() {
            components.retain(|component| component.site_of_data_plane(sites).is_none());
        }
        let destroys_data = self.number(hazard, "destroys_data", 0.0);
        let whole = capacity_loss.is_none() && !hit.is_empty();
        if let (Some(node), true) = (hazard.get("destroys_data"), destroys_data > 0.0 && !whole) {
            self.fault(&node.place, "`destroys_data` needs a site that is taken down in full");
        }
        Outage {
            takes_down: components,
            capacity_loss,
            time_to_repair: self.seconds(hazard, "time_to_repair"),
            spreads_to: self.spreads(hazard),
            destroys_data,
        }
    }

    fn spreads(&mut self, hazard: &Table) -> Vec<Spread> {
        let mut spreads = Vec::new();
        for table in list(hazard, "spreads_to").iter().filter_map(|node| node.table()) {
            let components = table.get("component").map(|node| self.component(node, false)).unwrap_or_default();
            spreads.push(Spread {
                components,
                probability: self.number(table, "probability", 1.0),
                delay: self.seconds(table, "delay"),
                time_to_repair: self.seconds(table, "time_to_repair"),
            });
        }
        spreads
    }
}
