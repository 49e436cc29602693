//! One history told event by event: what the engine notes when it is asked to.
//!
//! Notes are facts with indices into the scenario; words and charts are made of them elsewhere. Taking notes changes no
//! result.

use crate::hazard::Event;
use crate::model::{ComponentId, SiteId};
use crate::outcome::{Ended, PlanKind};
use crate::units::Time;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Note {
    /// When.
    pub at: Time,
    /// What.
    pub what: Happening,
}

/// What can happen in a history.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// An event takes a component down.
    Down(ComponentId, Event),
    /// That is over; the component is up unless something else holds it down.
    Up(ComponentId, Event),
    /// A site loses this share of its capacity.
    CapacityLost(SiteId, f64, Event),
    /// The capacity that an event took is back.
    CapacityBack(Event),
    /// What is stored at a site is destroyed.
    Destroyed(SiteId, Event),
    /// The live data and all replicas go bad; nobody knows yet.
    Corrupted(Event),
    /// That is found.
    Found(Event),
    /// An incident opens.
    Opened(Event),
    /// No plan is started: the repair is waited for.
    Waits,
    /// A plan starts at a site, to bring the data back to a point (if any is left).
    PlanStarted(PlanKind, SiteId, Option<Time>),
    /// A step begins.
    StepStarted(PlanKind, usize),
    /// A step stands still: a component that it needs is down.
    StepWaits(PlanKind, usize, ComponentId),
    /// It goes on.
    StepGoesOn(PlanKind, usize),
    /// An attempt has failed; the next comes after this long.
    AttemptFailed(PlanKind, usize, Time),
    /// A drifted configuration is mended first, for this long.
    FaultFound(PlanKind, usize, Time),
    /// The backup just restored is bad; the next older one is tried.
    BackupBad(PlanKind, usize),
    /// A step is done.
    StepDone(PlanKind, usize),
    /// The decision is against the plan.
    Declined,
    /// The lost site is back: the service is being restarted there.
    Restarting,
    /// The site failed again before that was done.
    RestartCutShort,
    /// The service has been restarted.
    Restarted,
    /// Traffic has moved to a site.
    TrafficMoved(SiteId),
    /// This share of the production load is served from now on (growing, if the second is true).
    Served(f64, bool),
    /// So much is served by now, while it grows: points of the curve between two of [`Happening::Served`].
    Growing(f64),
    /// At least the required capacity is served again.
    Restored,
    /// The incident is closed: which of the outcome it is, and how it ended.
    Closed(usize, Ended),
    /// The live copy at a site follows again.
    Protected(SiteId),
    /// A site takes its share of active/active again.
    Rejoined(SiteId),
    /// The planned return home begins.
    FailbackBegins,
    /// It is done.
    FailbackEnds,
}
