//! What is done about failures: copies of the data, capacity that stands by, and two plans of steps.

use super::{ComponentId, SiteId};
use crate::dist::Dist;
use crate::units::Time;

/// A disaster-recovery strategy: a point in one space, never code.
#[derive(Clone, Debug)]
pub struct Strategy {
    /// As the scenario calls it.
    pub name: String,
    /// For people.
    pub title: String,
    /// All sites but none twice, in the order in which they are failed over to.
    pub order: Vec<SiteId>,
    /// Share of production capacity that stands by at each site that does not serve, in [0, 1].
    pub standby_capacity: f64,
    /// Where several sites serve.
    pub active_active: Option<ActiveActive>,
    /// Live copies of the data at the other sites.
    pub replication: Option<Replication>,
    /// Copies made now and then.
    pub backups: Option<Backups>,
    /// Copies of every instant.
    pub point_in_time: Option<PointInTime>,
    /// Seconds to restart and check the service where it was, once that site is back.
    pub resume: Dist,
    /// What becomes of a failover plan when the site is back first.
    pub on_repair: OnRepair,
    /// Seconds that both data planes must have been up together before replication runs again.
    pub reprotect: Dist,
    /// The planned return home; without it the sites swap roles.
    pub failback: Option<Failback>,
    /// Time from one drill to the next.
    pub drills: Option<Time>,
    /// Writes that meet each other (active/active with local writes).
    pub conflicts: Option<Conflicts>,
    /// Money.
    pub extra_per_year: f64,
    /// What is done when a site is lost. Steps come after the steps they depend on.
    pub failover: Vec<Step>,
    /// What is done when the data are bad. Steps come after the steps they depend on; may be empty.
    pub restore: Vec<Step>,
}

/// Several sites serve at once.
#[derive(Clone, Debug)]
pub struct ActiveActive {
    /// Share of the load that each site normally serves, by site; they add up to 1.
    pub shares: Vec<f64>,
    /// Share of the whole load that each site can carry, by site.
    pub capacity: Vec<f64>,
    /// Which sites take writes.
    pub writes: Writes,
}

/// Which sites of active/active take writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Writes {
    /// Every site takes every write; the last writer wins.
    Local,
    /// One site (home) takes them all.
    Global,
    /// Every site takes those of its own keys.
    Partitioned,
}

/// Writes a second and the records they hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conflicts {
    /// Of the whole workload.
    pub writes_per_second: f64,
    /// Records among which the writes are spread evenly.
    pub hot_records: f64,
}

/// Asynchronous copies of the data, live at every other site.
#[derive(Clone, Debug)]
pub struct Replication {
    /// Seconds; one draw an event.
    pub lag: Dist,
    /// Source-seconds a second at which a backlog drains, at least 1.
    pub catch_up: f64,
    /// The lag is that much longer in an outage of the source.
    pub stress: f64,
}

/// Copies made at regular intervals.
#[derive(Clone, Debug)]
pub struct Backups {
    /// From one start to the next.
    pub every: Time,
    /// Seconds from the start until it is usable.
    pub takes: Dist,
    /// From its start until it expires.
    pub kept_for: Time,
    /// Probability that it is intact.
    pub usable: f64,
    /// Whether nobody can destroy it.
    pub immutable: bool,
    /// Whether it lies there, by site.
    pub at: Vec<bool>,
}

/// Copies of every instant.
#[derive(Clone, Debug)]
pub struct PointInTime {
    /// Seconds; one draw an event.
    pub lag: Dist,
    /// How far back.
    pub kept_for: Time,
    /// Whether nobody can destroy it.
    pub immutable: bool,
    /// Whether it lies there, by site.
    pub at: Vec<bool>,
}

/// What becomes of a failover plan when the lost site is back before traffic has moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnRepair {
    /// The service is restarted where it was.
    Resume,
    /// The plan goes on.
    Continue,
}

/// The planned return home.
#[derive(Clone, Debug)]
pub struct Failback {
    /// Seconds that home's data plane must have been up.
    pub after: Dist,
    /// Seconds of planned outage.
    pub takes: Dist,
}

/// A step of a plan.
#[derive(Clone, Debug)]
pub struct Step {
    /// As the scenario calls it; random streams are keyed by it.
    pub name: String,
    /// Indices, all lower than this step's, of the steps that come before it.
    pub after: Vec<usize>,
    /// Seconds.
    pub takes: Dist,
    /// Bytes a second: the data of the workload divided by it is added to the length.
    pub throughput: Option<Dist>,
    /// Whether the length is times (1 - capacity ready at the target).
    pub scaled_by_missing_capacity: bool,
    /// What must be up while it works.
    pub needs: Vec<Need>,
    /// Whether work that was stopped starts over (with the same draw) instead of going on.
    pub restarts: bool,
    /// Probability that an attempt fails, found at its end.
    pub fails: f64,
    /// Seconds until the next attempt.
    pub retry_after: Dist,
    /// Where its data come from.
    pub data: Option<DataSource>,
    /// Probability that the decision is against failing over.
    pub declines: f64,
    /// Whether its end is the declaration.
    pub decision: bool,
    /// Whether its end moves traffic to the target.
    pub traffic: bool,
    /// Users who arrive late.
    pub tail: Option<Tail>,
    /// What it does to the capacity at the target.
    pub capacity: Option<CapacityEffect>,
    /// Drift that only shows when the step is taken.
    pub latent_faults: Option<LatentFaults>,
}

/// What must be up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// This component.
    Component(ComponentId),
    /// The data plane of the site where it happens (a plan's target, the site that serves).
    DataPlane,
    /// The control plane of the site where it happens.
    ControlPlane,
}

impl Need {
    /// What it means at `site`.
    pub fn at(self, site: SiteId) -> ComponentId {
        match self {
            Need::Component(component) => component,
            Need::DataPlane => site.data_plane(),
            Need::ControlPlane => site.control_plane(),
        }
    }
}

/// Which recovery points count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// The live copy at the target is promoted.
    Replica,
    /// Backups or point in time are restored.
    Copies,
}

/// What a step does to the capacity at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityEffect {
    /// It rises linearly from what stands ready to 1 while the step works.
    Ramp,
    /// It is 1 when the step is done.
    AtEnd,
}

/// Users who arrive late after traffic has moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tail {
    /// Of the users who move.
    pub share: f64,
    /// Mean of the exponential delay.
    pub mean: Time,
}

/// Unseen faults that a drill, or a recovery that meets them, removes.
#[derive(Clone, Debug)]
pub struct LatentFaults {
    /// Mean time from one fault to the next.
    pub every: Time,
    /// Seconds to mend what is found, before the step.
    pub fix: Dist,
    /// Time from one drill of this step to the next.
    pub drilled_every: Option<Time>,
}
