//! A plan under way: which steps are done, which work, which wait for components.

use crate::hazard::Event;
use crate::model::{ComponentId, SiteId};
use crate::outcome::PlanKind;
use crate::plan::Plan;
use crate::rng::Cause;
use crate::units::Time;

/// One execution of a plan.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) id: u32,
    pub(super) plan: PlanKind,
    pub(super) aim: Aim,
    pub(super) steps: Vec<Progress>,
    /// Steps not yet done.
    pub(super) left: usize,
    /// The service is being restarted where it was: all work rests.
    pub(super) suspended: bool,
    /// Capacity at the target when the ramp began, and what it rises to.
    pub(super) ramp: (f64, f64),
}

/// What a plan is to bring about: where, because of what, and from which data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Aim {
    /// The site where the steps happen.
    pub(super) target: SiteId,
    /// Draws are keyed by it.
    pub(super) event: Event,
    pub(super) key: Cause,
    /// The site whose work is taken over (of a restore plan, the target).
    pub(super) lost: SiteId,
    /// Where the data come back to; `None` where nothing is left.
    pub(super) point: Option<Time>,
    /// Whether that point is among the copies (backups, point in time), not a replica.
    pub(super) from_copies: bool,
    /// How many bad backups each restore tries first.
    pub(super) bad: u32,
    /// The lost site took no writes: there is nothing to promote.
    pub(super) nothing_lost: bool,
}

impl Aim {
    /// Without a recovery point.
    #[inline]
    pub(super) fn new(target: SiteId, lost: SiteId, event: Event, key: Cause) -> Aim {
        Aim { target, event, key, lost, point: None, from_copies: false, bad: 0, nothing_lost: false }
    }
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Progress {
    pub(super) state: State,
    /// Steps before it that are not done.
    pub(super) blocked_by: usize,
    /// Attempts begun before this one.
    pub(super) attempt: u32,
    /// Restores that met a bad backup.
    pub(super) bad_met: u32,
    /// Work of this attempt, and how much of it is left as of `since`.
    pub(super) work: Time,
    pub(super) left: Time,
    /// When the present stretch of work, rest or waiting began.
    pub(super) since: Time,
    pub(super) started: Time,
    pub(super) ended: Time,
    /// Timers with an older stamp are void.
    pub(super) stamp: u32,
}

/// What a step is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Steps before it are not done.
    Blocked,
    /// `left` runs down.
    Working,
    /// This component, which it needs, is down.
    Stalled(ComponentId),
    /// A fault is being mended, or an attempt has failed; `left` runs down until the next attempt.
    Pausing,
    /// The plan is suspended: a stalled or working step rests.
    Resting,
    /// The plan is suspended during a pause.
    RestingPause,
    Done,
}

/// Time in which something stood still.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    /// The component that was down; `None` where a plan rested because the service was being restarted where it was.
    pub(super) on: Option<ComponentId>,
    pub(super) from: Time,
    /// [`Time::NEVER`] while it lasts.
    pub(super) to: Time,
}

/// What stood still since the incident opened.
#[derive(Clone, Debug, Default)]
pub(super) struct Waits {
    /// The service, at the site where it is to come back.
    pub(super) service: Vec<Wait>,
    /// Steps, each with its run.
    pub(super) steps: Vec<(u32, usize, Wait)>,
}

impl Waits {
    pub(super) fn clear(&mut self) {
        self.service.clear();
        self.steps.clear();
    }
}

impl Run {
    /// No step has begun.
    pub(super) fn rewind(&mut self, plan: &Plan) {
        self.steps.clear();
        self.steps.extend(plan.steps.iter().map(|task| Progress::new(task.step.after.len())));
        self.left = plan.steps.len();
    }
}

impl Progress {
    fn new(blocked_by: usize) -> Progress {
        Progress {
            state: State::Blocked,
            blocked_by,
            attempt: 0,
            bad_met: 0,
            work: Time::ZERO,
            left: Time::ZERO,
            since: Time::ZERO,
            started: Time::ZERO,
            ended: Time::NEVER,
            stamp: 0,
        }
    }

    /// Ends the present stretch at `now` and begins another in `state`; gives back the one that ended, if it was a wait.
    #[must_use]
    pub(super) fn turn(&mut self, state: State, now: Time) -> Option<Wait> {
        let ended = |on: Option<ComponentId>| Some(Wait { on, from: self.since, to: now });
        let wait = match self.state {
            State::Stalled(component) => ended(Some(component)),
            State::Resting | State::RestingPause => ended(None),
            State::Working | State::Pausing => {
                self.left -= now - self.since;
                None
            }
            State::Blocked | State::Done => None,
        };
        self.state = state;
        self.since = now;
        self.stamp += 1;
        wait
    }

    /// The share of this attempt's work that is done at `now`.
    pub(super) fn done_share(&self, now: Time) -> f64 {
        let left = if self.state == State::Working { self.left - (now - self.since) } else { self.left };
        if self.work == Time::ZERO { 0.0 } else { ((self.work - left).0 as f64 / self.work.0 as f64).clamp(0.0, 1.0) }
    }
}
