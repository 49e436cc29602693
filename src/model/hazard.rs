//! What can fail, how often, and what it does.

use super::{ComponentId, Objectives, SiteId};
use crate::dist::Dist;
use crate::units::Time;

/// An independent source of events; what fails together is one hazard.
#[derive(Clone, Debug)]
pub struct Hazard {
    /// As the scenario calls it; random streams are keyed by it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Where its figures come from.
    pub source: String,
    /// When it strikes.
    pub onset: Onset,
    /// What it takes down, and for how long.
    pub outage: Option<Outage>,
    /// What it does to the data.
    pub corruption: Option<Corruption>,
    /// Whether the failover plan is invoked.
    pub response: Response,
    /// Targets for its incidents: its own, where it has them.
    pub objectives: Objectives,
}

impl Hazard {
    /// What it takes down, itself or by spreading.
    pub fn components(&self) -> impl Iterator<Item = ComponentId> {
        self.outage.iter().flat_map(|outage| {
            let spread = outage.spreads_to.iter().flat_map(|spread| &spread.components);
            outage.takes_down.iter().chain(spread).copied()
        })
    }
}

/// When a hazard strikes.
#[derive(Clone, Debug)]
pub enum Onset {
    /// The gap (seconds) from the end of one event to the next onset; the first counts from time 0.
    Renewal(Dist),
    /// At these instants, ascending.
    At(Vec<Time>),
}

/// Components that go down together.
#[derive(Clone, Debug)]
pub struct Outage {
    /// Down in full.
    pub takes_down: Vec<ComponentId>,
    /// Sites that stay up with less capacity.
    pub capacity_loss: Option<CapacityLoss>,
    /// Seconds.
    pub time_to_repair: Dist,
    /// Further components that may follow.
    pub spreads_to: Vec<Spread>,
    /// Probability that what is stored at the sites taken down in full is gone; drawn once an event.
    pub destroys_data: f64,
}

/// Sites that stay up but lose a share of their capacity.
#[derive(Clone, Debug)]
pub struct CapacityLoss {
    /// Whose data planes are named.
    pub sites: Vec<SiteId>,
    /// The share lost, in [0, 1]; one draw an event.
    pub share: Dist,
}

/// A component that goes down after the onset of another failure.
#[derive(Clone, Debug)]
pub struct Spread {
    /// One component, or both planes of a site.
    pub components: Vec<ComponentId>,
    /// Probability that it happens.
    pub probability: f64,
    /// Seconds after the onset.
    pub delay: Dist,
    /// Seconds.
    pub time_to_repair: Dist,
}

/// Live data and all replicas go bad at the onset.
#[derive(Clone, Debug)]
pub struct Corruption {
    /// Seconds from the onset until it is found and the service is stopped.
    pub time_to_detect: Dist,
    /// Probability that, at the stop, all copies that are not immutable are lost.
    pub destroys_backups: f64,
}

/// What is done when a hazard takes the serving site away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// The failover plan is invoked.
    FailOver,
    /// The repair is waited for.
    Wait,
}
