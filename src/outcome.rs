//! What happened in one history under one strategy: what the engine makes and everything after it reads.

use crate::model::ComponentId;
use crate::units::Time;

/// One simulated life of the system under one strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// In the order in which they opened; measured whole, also past the horizon.
    pub incidents: Vec<Incident>,
    /// Full-outage time (integral of 1 - served) within the horizon, planned outages apart.
    pub downtime: Time,
    /// Planned outage (failback) within the horizon.
    pub planned_downtime: Time,
    /// By year of the history, the last one perhaps cut by the horizon.
    pub years: Vec<Year>,
}

/// What a year held besides its incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Full-outage time outside incidents, planned outages apart, within the horizon.
    pub dips: Time,
    /// Planned outage within the horizon.
    pub planned: Time,
    /// Time during which the service ran away from home (with a failback to come), within the horizon.
    pub away: Time,
}

/// A disruption and its recovery.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Index of the hazard that opened it.
    pub hazard: usize,
    /// When the failure began; of a corruption, when the data went bad.
    pub onset: Time,
    /// When the clock started: the disruption; of a corruption, the stop.
    pub opened: Time,
    /// The end of the decision.
    pub declared: Option<Time>,
    /// Achieved recovery time; never where unresolved.
    pub rto: Time,
    /// The same from the declaration.
    pub rto_from_declaration: Option<Time>,
    /// Achieved data loss; never where everything is lost.
    pub rpo: Time,
    /// Of a corruption, from its onset to the stop.
    pub exposure: Option<Time>,
    /// How it ended.
    pub ended: Ended,
    /// Time on the critical path in which work stood still.
    pub waited: Time,
    /// Of that, by the component that was down (or, a data plane, short of capacity). The rest: a plan that was suspended,
    /// a restart that was cut short.
    pub waits: Vec<(ComponentId, Time)>,
    /// Whether a step that the restoration depended on needed the target's control plane.
    pub control_plane_needed: bool,
    /// Full-outage time (integral of 1 - served) by age of the incident: one entry for each band of
    /// `Costs::downtime_per_hour`.
    pub outage: Vec<Time>,
    /// Time on the critical path by step, from the last one back to the first: (plan, index of the step in it, time at work).
    pub phases: Vec<(PlanKind, usize, Time)>,
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Traffic moved to another site.
    FailedOver,
    /// The site came back first, or was waited for.
    Resumed,
    /// Good data were restored from copies.
    Restored,
    /// No good data were left.
    Unrecoverable,
    /// Still open one horizon after the horizon.
    Unresolved,
}

/// Which of a strategy's plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanKind {
    /// A site is lost.
    Failover,
    /// The data are bad.
    Restore,
}

impl Ended {
    /// Every way, in the order of the tables.
    pub const ALL: [Ended; 5] =
        [Ended::FailedOver, Ended::Resumed, Ended::Restored, Ended::Unrecoverable, Ended::Unresolved];

    /// As the result files write it.
    pub fn name(self) -> &'static str {
        match self {
            Ended::FailedOver => "failed-over",
            Ended::Resumed => "resumed",
            Ended::Restored => "restored",
            Ended::Unrecoverable => "unrecoverable",
            Ended::Unresolved => "unresolved",
        }
    }
}
