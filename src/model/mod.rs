//! A scenario as the simulation understands it: names are indices, quantities have units, everything is filled in.
//!
//! Assumes that `scenario` has checked it: the constructors of the parts hold their own invariants, the reader holds
//! those between parts. Nothing here knows text positions, files or how strategies are called.

mod hazard;
mod strategy;

pub use hazard::{CapacityLoss, Corruption, Hazard, Onset, Outage, Response, Spread};
pub use strategy::{
    ActiveActive, Backups, CapacityEffect, Conflicts, DataSource, Failback, LatentFaults, Need, OnRepair, PointInTime,
    Replication, Step, Strategy, Tail, Writes,
};

use crate::units::Time;

/// Everything that a run needs to know.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// For people.
    pub title: String,
    /// For people; may be empty.
    pub description: String,
    /// How much is simulated.
    pub run: Run,
    /// The service that is protected.
    pub workload: Workload,
    /// Targets where a hazard has none of its own.
    pub objectives: Objectives,
    /// In the order of the file.
    pub sites: Vec<Named>,
    /// What can be down, indexed by [`ComponentId`]: for each site its data plane and control plane, then
    /// `replication`, then the components declared.
    pub components: Vec<Named>,
    /// In the order of the file.
    pub hazards: Vec<Hazard>,
    /// In the order of the file.
    pub strategies: Vec<Strategy>,
    /// Prices.
    pub costs: Costs,
}

impl Scenario {
    /// Whether anything but steps of plans depends on a component: it is the data plane of a site, the link between the data,
    /// or what the workload needs at some site.
    pub fn relies_on(&self, component: ComponentId) -> bool {
        let sites = self.sites.len();
        let needed = |site: usize| self.needed_at(SiteId(site)).any(|needed| needed == component);
        component == ComponentId::replication(sites) || (0..sites).any(needed)
    }

    /// What a site cannot serve without: its data plane, and what the workload needs there.
    pub fn needed_at(&self, site: SiteId) -> impl Iterator<Item = ComponentId> {
        [site.data_plane()].into_iter().chain(self.workload.needs.iter().map(move |need| need.at(site)))
    }

    /// Whether all that a hazard can do is to keep steps of plans waiting: it takes neither capacity nor data, nor a component
    /// on which anything else depends.
    pub fn only_delays(&self, hazard: &Hazard) -> bool {
        let outage = hazard.outage.as_ref().filter(|outage| outage.capacity_loss.is_none());
        outage.is_some() && hazard.corruption.is_none() && !hazard.components().any(|held| self.relies_on(held))
    }
}

/// A name of the file and its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// As scenarios write it, e.g. `recovery` or `recovery.control-plane`.
    pub name: String,
    /// For people.
    pub title: String,
}

/// How much is simulated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Simulated lives of the system, at least 1.
    pub histories: u64,
    /// Length of each, more than 0.
    pub horizon: Time,
    /// Seed of all random streams.
    pub seed: u64,
}

/// The service that is protected.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Where it normally runs.
    pub home: SiteId,
    /// Bytes; 0 where the scenario says nothing and nothing needs it.
    pub data: f64,
    /// New or changed bytes a second; 0 where the scenario says nothing and nothing needs it.
    pub write_rate: f64,
    /// Share of production load at which the service counts as restored, in [0, 1].
    pub required_capacity: f64,
    /// What it needs wherever it runs, besides the data plane of its site.
    pub needs: Vec<Need>,
}

/// Targets for the recovery time and the data loss of an incident.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Objectives {
    /// Recovery time objective.
    pub rto: Option<Time>,
    /// Recovery point objective.
    pub rpo: Option<Time>,
    /// Share of incidents that must meet both, in [0, 1].
    pub attainment: f64,
}

/// Prices, in one currency. Each is 0 where the scenario says nothing.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs {
    /// Shown with every amount.
    pub currency: String,
    /// Price of an hour of full outage by its age: `(from, per hour)`, the first from 0, in ascending order.
    pub downtime_per_hour: Vec<(Time, f64)>,
    /// Price of an hour of lost data.
    pub data_loss_per_hour: f64,
    /// Of each incident.
    pub per_incident: f64,
    /// Of each failover.
    pub per_failover: f64,
    /// Of each drill.
    pub per_drill: f64,
    /// Of each backup taken.
    pub per_backup: f64,
    /// Of each write lost to a conflict.
    pub per_conflict: f64,
    /// In place of the price of lost data when all is lost.
    pub unrecoverable_loss: f64,
    /// The whole production fleet, an hour.
    pub compute_per_hour: f64,
    /// The production database, an hour.
    pub database_per_hour: f64,
    /// Live data, per GiB and month of 730 h.
    pub storage_per_gib_month: f64,
    /// Backups, per GiB and month of 730 h.
    pub backup_per_gib_month: f64,
    /// Data sent to another site, per GiB.
    pub transfer_per_gib: f64,
}

/// Index into [`Scenario::sites`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteId(pub usize);

/// More sites than a scenario can have.
pub const MAX_SITES: usize = 64;

/// Index into [`Scenario::components`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentId(pub usize);

impl SiteId {
    /// What runs at the site.
    pub fn data_plane(self) -> ComponentId {
        ComponentId(2 * self.0)
    }

    /// What creates and changes resources at the site.
    pub fn control_plane(self) -> ComponentId {
        ComponentId(2 * self.0 + 1)
    }
}

impl ComponentId {
    /// The link between the data of the sites, in a scenario with `sites` sites.
    pub fn replication(sites: usize) -> ComponentId {
        ComponentId(2 * sites)
    }

    /// The site whose data plane this is.
    pub fn site_of_data_plane(self, sites: usize) -> Option<SiteId> {
        (self.0 < 2 * sites && self.0.is_multiple_of(2)).then_some(SiteId(self.0 / 2))
    }
}
