//! One life of the system under one strategy: its state, its clock, and what is booked as time passes.

use super::block::Prepared;
use super::incident::{Open, Phase};
use super::points::Copies;
use super::queue::Queue;
use super::run::{Progress, Run, Waits};
use super::served::{Flow, Late};
use super::sites::Sites;
use super::straight::Room;
use super::world::{LONG_AGO, World};
use crate::hazard::{Change, ChangeKind, Event, Watch};
use crate::model::{ComponentId, Hazard, Scenario, SiteId};
use crate::outcome::{Ended, Outcome, Year};
use crate::plan::Program;
use crate::rng::Cause;
use crate::rng::name_hash;
use crate::trace::{Happening, Note};
use crate::units::Time;
use std::collections::VecDeque;

/// The state of one strategy in one history.
#[derive(Clone, Debug)]
pub(super) struct Life<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) program: &'a Program,
    hazard_names: Vec<u64>,
    pub(super) history: u64,
    pub(super) now: Time,
    pub(super) world: World,
    /// By component: the sites that could not serve without it.
    relying: Vec<Sites>,
    /// By hazard: all that it touches is what plans wait for.
    idle: Vec<bool>,
    /// Hazards that sleep until a plan waits for what they take down.
    pub(super) sleepers: Vec<Watch<'a>>,
    pub(super) queue: Queue<Due>,

    /// Sites whose data plane and all that the workload needs there are up.
    pub(super) serving: Sites,
    all_sites: Sites,
    /// Sites that traffic is normally routed to.
    pub(super) planned_members: Sites,
    /// By site: traffic is routed there.
    pub(super) member: Sites,
    /// By site: the service stopped there and must be restarted.
    pub(super) lost: Sites,
    /// By site: the live data there are destroyed.
    pub(super) ruined: Sites,
    /// Capacity that stands ready by site, capacity losses apart: now, and as the strategy plans it.
    pub(super) capacity: Vec<f64>,
    pub(super) nominal: Vec<f64>,
    /// Traffic goes to all members alike, not by the planned shares.
    pub(super) pooled: bool,
    /// Bad data have stopped the service everywhere.
    pub(super) stopped: bool,
    /// A planned outage is under way.
    pub(super) planned: bool,
    /// Where the service belongs; without a failback that is where it was moved last.
    pub(super) home: SiteId,
    /// The site that makes the copies: the active one; of active/active, the one that takes global writes.
    pub(super) writer: SiteId,
    /// The service runs away from home and is to return.
    pub(super) away: bool,
    /// Users who arrive late.
    pub(super) late: Option<Late>,
    pub(super) flow: Flow,
    /// What it is when a history begins, and whether that is as much as required, once that was asked.
    first_flow: Option<(Flow, bool)>,
    /// Something that the flow depends on has changed.
    pub(super) stale: bool,
    /// Up to when is booked what was served.
    booked: Time,
    /// At least the required capacity is served.
    pub(super) above: bool,

    pub(super) copies: Copies<'a>,
    /// By site: its live copy.
    pub(super) replicas: Vec<Replica>,
    /// Corruptions that nobody has found, with their onsets.
    pub(super) hidden: Vec<(Event, Time)>,
    /// Those found during an incident, in order: onset, and whether copies are destroyed.
    pub(super) found: VecDeque<(Event, Time, bool)>,
    /// By plan and step: when its latent faults were last removed by a recovery.
    pub(super) mended: [Vec<Time>; 2],
    /// The event that caused the last failover, and the spell of home being up after which the service returns.
    pub(super) moved_by: Event,
    pub(super) home_up: Spell,

    pub(super) incident: Option<Open>,
    /// By site: how far its live copy was behind when the incident opened, beyond the usual lag; empty without live copies.
    pub(super) backlog: Vec<Time>,
    /// The last incident is closed, but not all of the load is served yet.
    pub(super) trailing: bool,
    /// The incident's plan, and plans of closed incidents with steps left over.
    pub(super) runs: Vec<Run>,
    pub(super) runs_begun: u32,
    /// What was waited since the incident opened.
    pub(super) waits: Waits,
    pub(super) served_stamp: u32,
    pub(super) resume_stamp: u32,
    pub(super) failback_stamp: u32,
    pub(super) failback_due: Time,
    /// Nothing is under way: a change that touches no serving site changes nothing.
    pub(super) steady: bool,
    pub(super) outcome: Outcome,
    /// Room of the steps of plans that are over.
    pub(super) spare_steps: Vec<Vec<Progress>>,
    /// Where outages that nothing disturbs are worked out, if they may be lived through in one go.
    pub(super) room: Option<Box<Room>>,
    /// What happened, if that is asked for.
    pub(super) notes: Option<Vec<Note>>,
}

/// The live copy of the data at a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct Replica {
    /// It follows the source.
    pub(super) live: bool,
    /// What lay there is destroyed.
    pub(super) emptied: bool,
    /// When it stopped following.
    pub(super) since: Time,
    /// The spell of both data planes being up together, after which it follows again.
    pub(super) together: Spell,
    /// The spell of the site being up, after which it takes its share of active/active again.
    pub(super) back: Spell,
    /// When it will follow again, if nothing changes.
    pub(super) due: Time,
    /// When a site that returns to active/active takes its share.
    pub(super) returns: Time,
    pub(super) stamp: u32,
}

/// What a stretch of time counts as.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Standing {
    /// When the incident opened that what is missing counts for, if any.
    pub(super) opened: Option<Time>,
    /// The service runs away from home and is to return.
    pub(super) away: bool,
    /// It is a planned outage.
    pub(super) planned: bool,
}

impl Standing {
    pub(super) fn incident(opened: Time) -> Standing {
        Standing { opened: Some(opened), ..Standing::default() }
    }
}

/// A stretch of time that something must last without a break; each new stretch draws its length anew.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    /// Draws are keyed by it.
    pub(super) because: Event,
    /// When the present stretch began, and how long it must be.
    pub(super) since: Time,
    pub(super) length: Time,
    /// How many stretches there were.
    pub(super) count: u32,
}

impl Spell {
    pub(super) fn new(because: Event) -> Spell {
        Spell { because, since: Time::NEVER, length: Time::NEVER, count: 0 }
    }
}

/// What is due. A stamp that is no longer current makes it void.
#[derive(Clone, Copy, Debug)]
pub(super) enum Due {
    /// What to do about the open incident is decided.
    Response,
    /// A step ends an attempt or begins the next.
    Step {
        run: u32,
        step: usize,
        stamp: u32,
    },
    /// The service has been restarted where it was.
    Resumed {
        stamp: u32,
    },
    /// What is served has grown to a level that matters.
    Served {
        stamp: u32,
    },
    /// A live copy follows again, or a site takes its share again.
    Replica {
        site: usize,
        stamp: u32,
    },
    /// The planned return home begins, and ends.
    Failback {
        stamp: u32,
    },
    Returned {
        stamp: u32,
    },
}

const NO_EVENT: Event = Event { hazard: usize::MAX, number: 0 };

impl<'a> Life<'a> {
    /// `sleepers` are the hazards that the timeline leaves out and that this strategy may have to wait for.
    pub(super) fn new(scenario: &'a Scenario, program: &'a Program, sleepers: Vec<Watch<'a>>) -> Life<'a> {
        let sites = scenario.sites.len();
        let home = scenario.workload.home;
        let replica = Replica {
            live: true,
            emptied: false,
            since: Time::ZERO,
            together: Spell::new(NO_EVENT),
            back: Spell::new(NO_EVENT),
            due: Time::NEVER,
            returns: Time::NEVER,
            stamp: 0,
        };
        Life {
            scenario,
            program,
            hazard_names: scenario.hazards.iter().map(|hazard| name_hash(&hazard.name)).collect(),
            history: 0,
            now: Time::ZERO,
            world: World::new(scenario.components.len(), sites),
            relying: relying(scenario),
            idle: idle(scenario),
            sleepers,
            queue: Queue::new(),
            serving: Sites::first(sites),
            all_sites: Sites::first(sites),
            planned_members: Sites::first(sites).filter(|site| program.shares[site.0] > 0.0).collect(),
            member: Sites::NONE,
            lost: Sites::NONE,
            ruined: Sites::NONE,
            capacity: program.capacity.clone(),
            nominal: program.capacity.clone(),
            pooled: false,
            stopped: false,
            planned: false,
            home,
            writer: home,
            away: false,
            late: None,
            flow: Flow::constant(1.0, Time::ZERO),
            first_flow: None,
            stale: false,
            booked: Time::ZERO,
            above: true,
            copies: Copies::new(program),
            replicas: vec![replica; sites],
            hidden: Vec::new(),
            found: VecDeque::new(),
            mended: [&program.failover, &program.restore].map(|plan| vec![LONG_AGO; plan.steps.len()]),
            moved_by: NO_EVENT,
            home_up: Spell::new(NO_EVENT),
            incident: None,
            backlog: Vec::new(),
            trailing: false,
            runs: Vec::new(),
            runs_begun: 0,
            waits: Waits::default(),
            served_stamp: 0,
            resume_stamp: 0,
            failback_stamp: 0,
            failback_due: Time::NEVER,
            steady: true,
            outcome: Outcome::default(),
            spare_steps: Vec::new(),
            room: None,
            notes: None,
        }
    }

    /// Everything is up, with age 0, and the service runs at home.
    fn reset(&mut self, history: u64) {
        let program = self.program;
        let home = self.scenario.workload.home;
        self.history = history;
        self.now = Time::ZERO;
        self.world.reset();
        self.sleepers.iter_mut().for_each(|sleeper| sleeper.start(history));
        self.queue.clear();
        self.serving = self.all_sites;
        self.member = self.planned_members;
        self.lost = Sites::NONE;
        self.ruined = Sites::NONE;
        self.nominal.copy_from_slice(&program.capacity);
        self.capacity.copy_from_slice(&program.capacity);
        self.pooled = program.writes.is_none();
        (self.stopped, self.planned, self.away, self.trailing) = (false, false, false, false);
        (self.home, self.writer) = (home, home);
        self.late = None;
        self.keep_runs(|_| false);
        // Every history begins alike.
        if let Some((flow, above)) = &self.first_flow {
            (self.flow, self.above) = (*flow, *above);
        } else {
            self.flow = self.make_flow();
            self.above = self.flow.reaches(self.required(), self.now);
            self.first_flow = Some((self.flow, self.above));
        }
        (self.stale, self.booked) = (false, Time::ZERO);
        self.copies.reset(history, home, self.room.as_ref().and_then(|room| room.phase(history)));
        for replica in &mut self.replicas {
            replica.live = true;
            (replica.due, replica.returns) = (Time::NEVER, Time::NEVER);
        }
        self.hidden.clear();
        self.found.clear();
        for mended in &mut self.mended {
            mended.fill(LONG_AGO);
        }
        self.incident = None;
        self.failback_due = Time::NEVER;
        self.steady = true;
        let years = self.horizon().0.div_euclid(Time::YEAR.0) + i64::from(self.horizon().0 % Time::YEAR.0 != 0);
        (self.outcome.downtime, self.outcome.planned_downtime) = (Time::ZERO, Time::ZERO);
        self.outcome.years.clear();
        self.outcome.years.resize(years as usize, Year::default());
        self.outcome.incidents.clear();
    }

    /// Lives history `number` from its beginning to its horizon, and on to the end of an incident that is open then.
    /// What comes of it replaces `outcome`.
    pub(super) fn live(&mut self, number: u64, prepared: &mut Prepared, outcome: &mut Outcome) {
        std::mem::swap(&mut self.outcome, outcome);
        self.reset(number);
        let (horizon, last) = (self.horizon(), self.horizon() + self.horizon());
        let stride = Time((horizon.0 / 16).max(1));
        let (mut next, mut outages) = (0, 0);
        loop {
            let end = if self.incident.is_some() || self.trailing { last } else { horizon };
            let due = self.queue.next_at();
            let change = prepared.timeline.get(next);
            if change.is_none() && prepared.timeline.known() < due.min(end) {
                prepared.timeline.extend((prepared.timeline.known() + stride).min(last));
                continue;
            }
            let sleeper = if self.runs.is_empty() { None } else { self.next_of_sleepers(change, due.min(end)) };
            let slept;
            let change = match sleeper {
                Some(sleeper) => {
                    slept = self.sleepers[sleeper].peek(Time::NEVER);
                    slept.as_ref()
                }
                None => change,
            };
            let at = due.min(change.map_or(Time::NEVER, |change| change.at));
            if at > end {
                self.note_growth(end);
                self.now = end.max(self.now);
                self.book();
                break;
            }
            self.note_growth(at);
            self.now = at;
            // At one instant changes of components come first, then the rest in order of arrival.
            match change.filter(|change| change.at <= due) {
                Some(change) => {
                    let lived = match sleeper {
                        Some(sleeper) => {
                            self.sleepers[sleeper].pop();
                            None
                        }
                        None => {
                            next += 1;
                            let begins = matches!(change.kind, ChangeKind::Down { .. });
                            outages += usize::from(begins);
                            if begins { self.live_through(change, prepared, outages - 1) } else { None }
                        }
                    };
                    match lived {
                        Some(changes) => next += changes,
                        None => self.change(change),
                    }
                }
                None => {
                    let what = self.queue.pop().expect("something is due");
                    self.due(what);
                }
            }
        }
        if self.incident.is_some() {
            self.close(Ended::Unresolved);
        }
        std::mem::swap(&mut self.outcome, outcome);
    }

    /// Which of the sleepers comes next, before `change` and by then.
    fn next_of_sleepers(&mut self, change: Option<&Change>, by: Time) -> Option<usize> {
        let mut first = change.copied();
        let mut found = None;
        for (index, sleeper) in self.sleepers.iter_mut().enumerate() {
            let by = first.map_or(by, |first| first.at.min(by));
            if sleeper.next_at() <= by
                && let Some(next) = sleeper.peek(by)
                && first.is_none_or(|first| next.order() < first.order())
            {
                (first, found) = (Some(next), Some(index));
            }
        }
        found
    }

    /// Ends all plans under way but those to `keep`.
    #[inline]
    pub(super) fn keep_runs(&mut self, keep: impl Fn(&Run) -> bool) {
        if self.runs.is_empty() {
            return;
        }
        let spare = &mut self.spare_steps;
        self.runs.retain_mut(|run| {
            let kept = keep(run);
            if !kept {
                spare.push(std::mem::take(&mut run.steps));
            }
            kept
        });
    }

    /// A plan begins: what sleepers have taken down by now is down.
    pub(super) fn wake_sleepers(&mut self) {
        if !self.runs.is_empty() {
            return;
        }
        for index in 0..self.sleepers.len() {
            while let Some(change) = self.sleepers[index].catch_up(self.now) {
                let (components, down) = touched(self.scenario, &change);
                for &component in components {
                    match down {
                        true => self.world.take_down(component, change.event, change.at, None),
                        false => self.world.bring_up(component, change.event, change.at, None),
                    }
                }
            }
        }
    }

    /// Notes what happens, if that is asked for.
    #[inline]
    pub(super) fn note(&mut self, what: Happening) {
        let at = self.now;
        if let Some(notes) = &mut self.notes {
            notes.push(Note { at, what });
        }
    }

    pub(super) fn horizon(&self) -> Time {
        self.scenario.run.horizon
    }

    /// Into how many bands the outage of an incident is divided.
    pub(super) fn bands(&self) -> usize {
        self.scenario.costs.downtime_per_hour.len().max(1)
    }

    pub(super) fn required(&self) -> f64 {
        self.scenario.workload.required_capacity
    }

    pub(super) fn catch_up(&self) -> Option<f64> {
        self.program.strategy.replication.as_ref().map(|replication| replication.catch_up)
    }

    /// What draws caused by `event` are keyed with.
    pub(super) fn key(&self, event: Event) -> Cause {
        Cause::new(self.history, self.hazard_names[event.hazard], event.number)
    }

    /// All of them.
    #[inline]
    pub(super) fn sites(&self) -> Sites {
        self.all_sites
    }

    pub(super) fn schedule(&mut self, at: Time, what: Due) {
        if at.is_never() {
            return;
        }
        self.queue.push(at, what);
    }

    fn due(&mut self, what: Due) {
        if let Due::Step { run, step, stamp } = what {
            self.step_due(run, step, stamp);
            return self.settle_if_stale(None);
        }
        self.book();
        match what {
            Due::Step { .. } => unreachable!("seen above"),
            Due::Response => self.respond(),
            Due::Resumed { stamp } if stamp == self.resume_stamp => self.resumed(),
            Due::Failback { stamp } if stamp == self.failback_stamp => self.start_failback(),
            Due::Returned { stamp } if stamp == self.failback_stamp => self.end_failback(),
            Due::Replica { site, stamp } if stamp == self.replicas[site].stamp => self.replica_due(site),
            Due::Served { stamp } if stamp == self.served_stamp => {}
            Due::Resumed { .. }
            | Due::Failback { .. }
            | Due::Returned { .. }
            | Due::Replica { .. }
            | Due::Served { .. } => return,
        }
        self.settle(None);
    }

    /// Something changes.
    fn change(&mut self, change: &Change) {
        let scenario = self.scenario;
        let Change { event, kind, .. } = *change;
        let hazard = &scenario.hazards[event.hazard];
        let outage = || hazard.outage.as_ref().expect("it takes something down");
        let idle = self.idle[event.hazard];
        if !idle {
            self.book();
        }
        let touched = match kind {
            ChangeKind::Down { share, destroys_data } => {
                let outage = outage();
                for &site in outage.capacity_loss.iter().flat_map(|loss| &loss.sites) {
                    self.world.lose_capacity(site, share, event);
                    self.watch();
                    self.note(Happening::CapacityLost(site, share, event));
                }
                if destroys_data {
                    self.destroy(&outage.takes_down, event);
                }
                self.take_down(&outage.takes_down, event) || outage.capacity_loss.is_some()
            }
            ChangeKind::Up => self.repair(event),
            ChangeKind::SpreadDown(index) => self.take_down(&outage().spreads_to[index].components, event),
            ChangeKind::SpreadUp(index) => self.bring_up(&outage().spreads_to[index].components, event),
            ChangeKind::Corrupted => {
                self.hidden.push((event, self.now));
                self.note(Happening::Corrupted(event));
                false
            }
            ChangeKind::Found { onset, destroys_backups } => self.found(event, onset, destroys_backups),
        };
        let cause = matches!(kind, ChangeKind::Down { .. } | ChangeKind::SpreadDown(_)).then_some(event);
        if idle {
            self.refresh_runs();
            self.settle_if_stale(cause);
        } else if touched || !self.steady {
            self.settle(cause);
        }
    }

    /// What the event took down itself is back; whether a site that serves is touched.
    fn repair(&mut self, event: Event) -> bool {
        let outage = self.scenario.hazards[event.hazard].outage.as_ref().expect("it took something down");
        self.world.regain_capacity(event, self.now);
        if outage.capacity_loss.is_some() {
            self.watch();
            self.note(Happening::CapacityBack(event));
        }
        self.bring_up(&outage.takes_down, event) || outage.capacity_loss.is_some()
    }

    /// Most steps only make way for the next, and most outages elsewhere only keep steps waiting: nothing follows.
    fn settle_if_stale(&mut self, cause: Option<Event>) {
        if self.stale {
            self.settle(cause);
        }
    }

    /// Whether a site that serves is touched.
    pub(super) fn take_down(&mut self, components: &[ComponentId], event: Event) -> bool {
        let catch_up = self.catch_up();
        let mut struck = Sites::NONE;
        for &component in components {
            self.world.take_down(component, event, self.now, catch_up);
            struck = struck.or(self.relying[component.0]);
            self.note(Happening::Down(component, event));
        }
        if struck.is_empty() {
            return false;
        }
        self.strike(components, event);
        self.serve_at(self.serving.without(struck))
    }

    fn bring_up(&mut self, components: &[ComponentId], event: Event) -> bool {
        let catch_up = self.catch_up();
        let mut helped = Sites::NONE;
        for &component in components {
            self.world.bring_up(component, event, self.now, catch_up);
            helped = helped.or(self.relying[component.0]);
            self.note(Happening::Up(component, event));
        }
        let needs = &self.scenario.workload.needs;
        !helped.is_empty() && {
            let back = helped.filter(|&site| self.world.can_serve(site, needs));
            self.serve_at(self.serving.or(back.collect()))
        }
    }

    /// Other sites than before are able to serve; whether one of those is touched that traffic is routed to.
    fn serve_at(&mut self, serving: Sites) -> bool {
        let before = std::mem::replace(&mut self.serving, serving);
        self.watch();
        self.serving.and(self.member) != before.and(self.member)
    }

    /// What is stored at the sites whose data planes are among `components` is gone.
    fn destroy(&mut self, components: &[ComponentId], event: Event) {
        let sites = self.replicas.len();
        for site in components.iter().filter_map(|component| component.site_of_data_plane(sites)) {
            self.world.sites[site.0].destroyed = self.now;
            self.note(Happening::Destroyed(site, event));
            if self.member.has(site) {
                self.ruined.put(site, true);
            } else {
                self.stop_replica(site, event, true);
                self.steady = false; // it is to be made anew
            }
        }
    }

    /// Brings everything that follows from the last change up to date.
    fn settle(&mut self, cause: Option<Event>) {
        self.book();
        loop {
            self.refresh_runs();
            self.note_lost_sites(cause);
            self.check_resume();
            self.refresh_flow();
            if !self.close_or_open(cause) {
                break;
            }
        }
        let past = self.now >= self.horizon() && !self.above;
        if self.trailing && (self.flow.reaches(1.0, self.now) || self.incident.is_some() || past) {
            self.trailing = false;
        }
        self.schedule_served();
        self.schedule_returns();
        self.stale = false;
        self.steady = self.incident.is_none()
            && !self.trailing
            && self.runs.is_empty()
            && !self.away
            && !self.planned
            && self.pooled == self.program.writes.is_none()
            && (!self.keeps_replicas() || self.sites().without(self.member).all(|site| self.replicas[site.0].live));
    }

    /// Whether there are live copies to be made anew, or sites that take their share again.
    pub(super) fn keeps_replicas(&self) -> bool {
        self.program.strategy.replication.is_some() || self.program.writes.is_some()
    }

    /// When what is served will have grown to the next level that matters.
    fn schedule_served(&mut self) {
        self.served_stamp += 1;
        if !self.flow.grows() || (self.incident.is_none() && !self.trailing) {
            return;
        }
        let level = if self.above { 1.0 } else { self.required() };
        let at = self.flow.reach(level, self.now);
        if at > self.now {
            let stamp = self.served_stamp;
            self.schedule(at, Due::Served { stamp });
        }
    }

    fn refresh_flow(&mut self) {
        let before = self.flow;
        self.flow = self.make_flow();
        if self.notes.is_some() {
            let (was, is) = (before.at(self.now), self.flow.at(self.now));
            if was != is || self.flow.grows() != before.grows() {
                self.note(Happening::Served(is, self.flow.grows()));
            }
        }
        let above = self.flow.reaches(self.required(), self.now);
        if above != self.above {
            self.above = above;
            if let Some(incident) = &mut self.incident {
                incident.restored = above.then_some(self.now);
                if above {
                    self.note(Happening::Restored);
                }
            }
        }
    }

    pub(super) fn make_flow(&mut self) -> Flow {
        let mut flow = Flow::constant(0.0, self.now);
        let serving = self.member.without(self.lost).and(self.serving);
        if self.stopped || self.planned || (serving.is_empty() && self.late.is_none()) {
            return flow;
        }
        let planned: f64 = self.member.map(|site| self.capacity_now(site)).sum();
        for site in serving {
            let left = self.world.left(site);
            let capacity = self.capacity_now(site);
            let share = if self.pooled { f64::INFINITY } else { self.program.shares[site.0] };
            if capacity * left < share {
                flow.base += capacity * left;
                flow.slope += self.growth(site) * left;
            } else {
                flow.base += share;
            }
            flow.ceiling += match self.pooled {
                false => share,
                true if planned > 0.0 => capacity / planned,
                true => 1.0,
            };
        }
        // Shares that add up to 1 but for the last bit are all of it.
        for sum in [&mut flow.ceiling, &mut flow.base] {
            if (*sum - 1.0).abs() < 1e-12 {
                *sum = 1.0;
            }
        }
        flow.ceiling = flow.ceiling.min(1.0);
        self.late = self.late.filter(|late| !late.over(self.now));
        flow.late = self.late;
        flow
    }

    /// Books what was served since that was last done; before the flow changes, or what it counts as.
    #[inline]
    pub(super) fn book(&mut self) {
        let from = std::mem::replace(&mut self.booked, self.now);
        if from < self.now && !(self.flow.full() && !self.away && !self.planned) {
            self.book_from(from);
        }
    }

    #[inline(never)]
    fn book_from(&mut self, from: Time) {
        let open = self.incident.as_ref().map(|open| open.record.opened);
        let opened = open.or_else(|| self.outcome.incidents.last().filter(|_| self.trailing).map(|last| last.opened));
        let (flow, standing) = (self.flow, Standing { opened, away: self.away, planned: self.planned });
        self.account_flow(from, self.now, &flow, standing);
    }

    /// Up to `at` all is booked.
    pub(super) fn done_until(&mut self, at: Time) {
        self.booked = at;
    }

    /// Puts down that `served` of the load was served over `[from, to]`.
    #[inline]
    pub(super) fn account(&mut self, from: Time, to: Time, served: f64, standing: Standing) {
        if from < to {
            self.account_share(from, to, served, standing);
        }
    }

    #[inline(always)] // what a stretch counts as is known where this is called
    fn account_share(&mut self, from: Time, to: Time, served: f64, standing: Standing) {
        let year = from.0 / Time::YEAR.0;
        let bands = self.scenario.costs.downtime_per_hour.len();
        if to > self.horizon().min(Time((year + 1) * Time::YEAR.0)) || bands > 1 {
            return self.account_flow(from, to, &Flow::constant(served, from), standing);
        }
        let missing = Flow::missing_of(1.0 - served, from, to);
        self.account_piece(to - from, missing, Some(year as usize), standing.opened.map(|_| 0), standing);
    }

    /// Puts down that all was served over `[from, to]`, away from home.
    #[inline]
    pub(super) fn account_away(&mut self, mut from: Time, to: Time) {
        let to = to.min(self.horizon());
        while from < to {
            let year = from.0 / Time::YEAR.0;
            let cut = to.min(Time((year + 1) * Time::YEAR.0));
            self.outcome.years[year as usize].away += cut - from;
            from = cut;
        }
    }

    /// Puts down what was served over `[from, to]`, year by year and band by band.
    #[inline(never)]
    pub(super) fn account_flow(&mut self, mut from: Time, to: Time, flow: &Flow, standing: Standing) {
        let horizon = self.horizon();
        while from < to {
            // Past the horizon nothing is counted by year.
            let year = (from < horizon).then_some(from.0 / Time::YEAR.0);
            let mut cut = year.map_or(to, |year| to.min(horizon).min(Time((year + 1) * Time::YEAR.0)));
            let band = standing.opened.map(|opened| {
                let (band, ends) = self.band(from - opened);
                cut = cut.min(opened + ends);
                band
            });
            self.account_piece(cut - from, flow.missing(from, cut), year.map(|year| year as usize), band, standing);
            from = cut;
        }
    }

    /// In which band of the price of downtime an incident is at this age, and at which age that ends.
    fn band(&self, age: Time) -> (usize, Time) {
        match &self.scenario.costs.downtime_per_hour[..] {
            [] | [_] => (0, Time::NEVER),
            bands => {
                let next = bands.partition_point(|band| band.0 <= age).max(1);
                (next - 1, bands.get(next).map_or(Time::NEVER, |next| next.0))
            }
        }
    }

    /// Points of the curve along which the service grows until `to`.
    fn note_growth(&mut self, to: Time) {
        const POINTS: i64 = 24;
        if let Some(notes) = &mut self.notes
            && self.flow.grows()
        {
            let (from, length) = (self.now, to - self.now);
            let points =
                (1..=POINTS).map(|point| Time(from.0 + length.0 / POINTS * point + length.0 % POINTS * point / POINTS));
            notes.extend(points.map(|at| Note { at, what: Happening::Growing(self.flow.at(at)) }));
        }
    }

    /// Within one year and one band.
    #[inline]
    fn account_piece(
        &mut self,
        length: Time,
        missing: Time,
        year: Option<usize>,
        band: Option<usize>,
        standing: Standing,
    ) {
        if let Some(band) = band
            && !standing.planned
        {
            let trailing = self.outcome.incidents.last_mut();
            let record = self.incident.as_mut().map(|open| &mut open.record).or(trailing).expect("it has a band");
            record.outage[band] += missing;
        }
        let Some(year) = year else { return };
        let year = &mut self.outcome.years[year];
        if standing.away {
            year.away += length;
        }
        if standing.planned {
            year.planned += missing;
            self.outcome.planned_downtime += missing;
            return;
        }
        self.outcome.downtime += missing;
        if band.is_none() {
            year.dips += missing;
        }
    }

    /// The incident that just closed still counts what is missing.
    pub(super) fn trail(&mut self) {
        self.trailing = !self.flow.reaches(1.0, self.now);
    }

    pub(super) fn phase(&self) -> Option<Phase> {
        self.incident.as_ref().map(|open| open.phase)
    }
}

/// By component, the sites that could not serve without it: its own, of a data plane, and those that the workload needs
/// it at.
fn relying(scenario: &Scenario) -> Vec<Sites> {
    let mut relying = vec![Sites::NONE; scenario.components.len()];
    for site in (0..scenario.sites.len()).map(SiteId) {
        scenario.needed_at(site).for_each(|needed| relying[needed.0].put(site, true));
    }
    relying
}

/// Which hazards can do no more than keep steps of a plan waiting.
pub(super) fn idle(scenario: &Scenario) -> Vec<bool> {
    scenario.hazards.iter().map(|hazard| scenario.only_delays(hazard)).collect()
}

/// Of which hazards all that they spread to can do no more than that.
pub(super) fn idle_spreads(scenario: &Scenario) -> Vec<bool> {
    let spreads = |hazard: &Hazard| {
        let outage = hazard.outage.iter();
        let mut held = outage.flat_map(|outage| &outage.spreads_to).flat_map(|spread| &spread.components);
        !held.any(|&held| scenario.relies_on(held))
    };
    scenario.hazards.iter().map(spreads).collect()
}

/// Whether a step of the strategy may wait for what the hazard takes down.
pub(super) fn keeps_waiting(scenario: &Scenario, program: &Program, hazard: &Hazard) -> bool {
    let steps = program.failover.steps.iter().chain(&program.restore.steps);
    let mut needs = steps.flat_map(|task| &task.step.needs);
    let sites = || (0..scenario.sites.len()).map(SiteId);
    needs.any(|&need| hazard.components().any(|held| sites().any(|site| need.at(site) == held)))
}

/// What a change of an idle hazard touches, and whether it goes down.
fn touched<'a>(scenario: &'a Scenario, change: &Change) -> (&'a [ComponentId], bool) {
    let outage = scenario.hazards[change.event.hazard].outage.as_ref().expect("it takes something down");
    match change.kind {
        ChangeKind::Down { .. } => (&outage.takes_down, true),
        ChangeKind::Up => (&outage.takes_down, false),
        ChangeKind::SpreadDown(index) => (&outage.spreads_to[index].components, true),
        ChangeKind::SpreadUp(index) => (&outage.spreads_to[index].components, false),
        ChangeKind::Corrupted | ChangeKind::Found { .. } => unreachable!("it touches no data"),
    }
}
