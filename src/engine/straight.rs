//! An outage that nothing disturbs, lived through in one go instead of event by event.
//!
//! Most often nothing else happens between a failure and the moment at which all is as it was before. Then every instant
//! that matters is known as soon as the draws are: when the steps of the plan end, when traffic moves or the site is
//! back before that, when all is served, when the copy follows again, when the service is home. So they are worked out
//! first; if anything is not that simple, nothing has changed yet, and the outage is left to the events. The draws, and
//! the rules, are those of `incident`, `steps` and `home`; work stands still only where the outage itself spreads to what
//! a step needs.

use super::life::Life;
use super::path;
use super::run::{Aim, Wait};
use super::served::Flow;
use super::sites::Sites;
use super::steps::{meets_bad_backup, skipped};
use crate::dist::Dist;
use crate::hazard::Event;
use crate::model::{ComponentId, OnRepair, Scenario, SiteId};
use crate::outcome::{Ended, Incident, PlanKind};
use crate::plan::{Plan, Program, Task};
use crate::rng::{EventKey, Key};
use crate::units::Time;

/// Whether outages may be lived through in one go under this strategy: only the step that makes capacity ready depends
/// on how much there is, and at most one live copy is made anew.
pub(super) fn is_simple(scenario: &Scenario, program: &Program) -> bool {
    let plan = &program.failover;
    let scaled = |step: usize| plan.steps[step].step.scaled_by_missing_capacity;
    let simple = |step: usize| !scaled(step) || plan.capacity == Some(step);
    let copies = program.strategy.replication.is_some() || program.writes.is_some();
    (!copies || scenario.sites.len() == 2) && (0..plan.steps.len()).all(simple)
}

/// How long nothing disturbs an outage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    /// When all that its event took down at once is back.
    pub(super) repaired: Time,
    /// What it spreads to meanwhile.
    pub(super) stall: Option<Stall>,
    /// Before this nothing else happens.
    pub(super) until: Time,
}

/// An outage has spread to components that nothing but the steps of a plan waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    /// Which of the outage's spreads.
    pub(super) spread: usize,
    pub(super) from: Time,
    pub(super) to: Time,
}

impl Stall {
    /// What `work` that begins at `at` waits for `on`, if it does, and when it ends. Components change before steps do
    /// what is due at the same instant.
    fn hold_up(&self, at: Time, work: Time, restarts: bool, on: ComponentId) -> (Option<Wait>, Time) {
        if at + work < self.from || at >= self.to {
            return (None, at + work);
        }
        let from = at.max(self.from);
        let left = if restarts { work } else { work - (from - at) };
        (Some(Wait { on: Some(on), from, to: self.to }), self.to + left)
    }
}

/// An outage that opens an incident now.
#[derive(Clone, Copy, Debug)]
struct Outage {
    event: Event,
    opened: Time,
    /// The site that is struck.
    site: SiteId,
    quiet: Quiet,
}

/// When a step begins and ends.
#[derive(Clone, Copy, Debug, Default)]
struct Span {
    begins: Time,
    ends: Time,
    /// The step before it that ends last, or [`NO_STEP`].
    after: u32,
}

/// Stands in for a step that there is none of.
const NO_STEP: u32 = u32::MAX;

/// The steps of a plan, worked out beforehand.
#[derive(Clone, Debug)]
pub(super) struct Sketch {
    /// By step.
    spans: Box<[Span]>,
    /// Which step waited, and when.
    waits: Vec<(usize, Wait)>,
}

impl Sketch {
    pub(super) fn of(plan: &Plan) -> Sketch {
        Sketch { spans: vec![Span::default(); plan.steps.len()].into(), waits: Vec::new() }
    }
}

/// The instants of a failover and of the way back.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// Traffic moves, and what is served from then on.
    moves: Time,
    flow: Flow,
    /// The required capacity is served; the last step has ended too; all is served.
    restored: Time,
    closes: Time,
    full: Time,
    /// The live copy at the lost site follows again.
    protected: Option<Time>,
    back: Back,
}

/// How the lost site takes part again.
#[derive(Clone, Copy, Debug)]
enum Back {
    /// The planned return home begins and ends.
    Home(Time, Time),
    /// The site of active/active takes its share.
    Share(Time),
    /// The sites have swapped roles.
    Swapped,
}

impl Back {
    /// When its first change comes.
    fn at(self) -> Option<Time> {
        match self {
            Back::Home(at, _) | Back::Share(at) => Some(at),
            Back::Swapped => None,
        }
    }
}

impl Course {
    /// When all is as before, the site itself apart.
    fn ends(&self) -> Time {
        let back = match self.back {
            Back::Home(_, at) | Back::Share(at) => at,
            Back::Swapped => self.protected.unwrap_or(self.full),
        };
        back.max(self.full).max(self.closes)
    }
}

impl Life<'_> {
    /// Lives through the outage that `event` has just begun, until all is as it was before; `false`, and nothing has
    /// happened, if it is not as simple as that.
    pub(super) fn live_through(&mut self, event: Event, quiet: Quiet) -> bool {
        let until = quiet.until.min(self.queue.next_at());
        let quiet = Quiet { until, ..quiet };
        let simple = self.steady && self.flow.full() && self.now < quiet.repaired && quiet.repaired < until;
        if !simple || self.now >= self.horizon() || !self.ruined.is_empty() {
            return false;
        }
        let (lost, site) = (self.just_lost(), self.struck());
        self.lost = lost;
        let flow = self.make_flow();
        let above = flow.reaches(self.required(), self.now);
        if above && !lost.is_empty() {
            self.lost = Sites::NONE;
            return false;
        }
        let before = std::mem::replace(&mut self.flow, flow);
        let outage = Outage { event, opened: self.now, site, quiet };
        let lived = if above { self.dip(&outage) } else { self.incident(&outage) };
        if lived {
            (self.flow, self.above, self.stale, self.trailing) = (Flow::constant(1.0, self.now), true, false, false);
        } else {
            (self.flow, self.lost) = (before, Sites::NONE);
        }
        lived
    }

    /// Less is served until the repair, but enough: no incident opens.
    fn dip(&mut self, outage: &Outage) -> bool {
        self.pass_to(outage.quiet.repaired);
        self.repair(outage.event);
        true
    }

    /// An incident opens, and closes.
    fn incident(&mut self, outage: &Outage) -> bool {
        self.note_backlog();
        let Ok(aim) = self.aim_for(outage.event, outage.site, outage.opened) else {
            let key = self.key(outage.event);
            return self.wait_out(outage, key, None);
        };
        let mut sketch = self.sketch.take().unwrap_or_else(|| Sketch::of(&self.program.failover));
        let lived = self.fail_over(&aim, outage, &mut sketch);
        self.sketch = Some(sketch);
        lived
    }

    /// The repair comes first, perhaps after a decision: the service is restarted where it was, if it had stopped there.
    fn wait_out(&mut self, outage: &Outage, key: EventKey, declared: Option<Time>) -> bool {
        let Outage { opened, site, quiet: Quiet { repaired, until, .. }, .. } = *outage;
        let restart = if self.lost.is_empty() { Time::ZERO } else { self.restart_takes(key, 0) };
        let back = repaired + restart;
        if back >= until {
            return false;
        }
        let (waited, lacking) = (repaired - opened, self.lacks(site));
        let record = self.enter(outage.event);
        (record.ended, record.declared) = (Ended::Resumed, declared);
        (record.rto, record.waited) = (back - opened, waited);
        record.rto_from_declaration = declared.map(|declared| back - declared);
        record.waits.extend(lacking.map(|component| (component, waited)));
        self.now = repaired;
        self.repair(outage.event);
        self.pass_to(back);
        self.lost = self.lost.without(self.serving);
        true
    }

    /// Traffic moves to the target of the run, unless the repair comes first.
    fn fail_over(&mut self, aim: &Aim, outage: &Outage, sketch: &mut Sketch) -> bool {
        self.wake_sleepers();
        let program = self.program;
        let plan = &program.failover;
        let able = !self.lost.is_empty()
            && plan.needs.iter().all(|&need| self.world.met(need, aim.target))
            && plan.decision.is_none_or(|step| !self.declines(&plan.steps[step], aim.key));
        let Some(traffic) = plan.traffic.filter(|_| able) else { return false };
        let Some(ended) = self.walk(aim, outage, sketch) else { return false };
        let spans = &sketch.spans;
        let (moves, repaired) = (spans[traffic].ends, outage.quiet.repaired);
        if program.strategy.on_repair == OnRepair::Resume && repaired <= moves {
            let declared = plan.decision.map(|step| spans[step].ends).filter(|declared| *declared < repaired);
            let lived = self.sleepers_stir() > repaired && self.wait_out(outage, aim.key, declared);
            if lived {
                self.note_mended(plan, spans, repaired);
            }
            return lived;
        }
        let Some(course) = self.course(aim, spans, ended, outage) else { return false };
        self.record(aim, outage, &course, sketch);
        self.note_mended(plan, spans, Time::NEVER);
        self.follow(aim, outage, &course);
        true
    }

    /// Puts down when each step begins and ends; when the last one does, if none takes for ever.
    fn walk(&self, aim: &Aim, outage: &Outage, sketch: &mut Sketch) -> Option<Time> {
        let (ready, stall) = (self.ready(aim.target), outage.quiet.stall);
        let Sketch { spans, waits } = sketch;
        waits.clear();
        let mut last = self.now;
        for (step, task) in self.program.failover.steps.iter().enumerate() {
            let (begins, after) = match task.step.after[..] {
                [] => (self.now, NO_STEP),
                [before] => (spans[before].ends, before as u32),
                [first, ref others @ ..] => {
                    let last =
                        |last: usize, &other: &usize| if spans[other].ends >= spans[last].ends { other } else { last };
                    let last = others.iter().fold(first, last);
                    (spans[last].ends, last as u32)
                }
            };
            let ends = if task.plain && stall.is_none() {
                begins + Time::from_seconds(task.step.takes.draw(|| task.takes.stream(self.history, aim.key, 0)))
            } else {
                let held = stall.and_then(|stall| Some((stall, self.held_up(aim, task, outage.event, stall.spread)?)));
                self.end_of(aim, step, begins, ready, |at, work| {
                    let Some((stall, on)) = held else { return at + work };
                    let (wait, end) = stall.hold_up(at, work, task.step.restarts, on);
                    waits.extend(wait.map(|wait| (step, wait)));
                    end
                })
            };
            last = last.max(ends);
            spans[step] = Span { begins, ends, after };
        }
        (!last.is_never()).then_some(last)
    }

    /// The first component that a step needs of those that the outage spreads to.
    fn held_up(&self, aim: &Aim, task: &Task, event: Event, spread: usize) -> Option<ComponentId> {
        let outage = self.scenario.hazards[event.hazard].outage.as_ref()?;
        let spread = &outage.spreads_to[spread].components;
        let mut needs = task.step.needs.iter().map(|&need| need.at(aim.target));
        needs.find(|component| spread.contains(component)).filter(|_| !skipped(aim, task))
    }

    /// When a step that begins then ends, after all its attempts; `work` tells when work begun then is done.
    fn end_of(
        &self,
        aim: &Aim,
        step: usize,
        begins: Time,
        ready: f64,
        mut work: impl FnMut(Time, Time) -> Time,
    ) -> Time {
        let task = &self.program.failover.steps[step];
        let mut at = begins;
        if let Some(faults) = &task.step.latent_faults {
            at += self.mend(PlanKind::Failover, aim, step, faults, begins);
        }
        let (mut attempt, mut bad_met) = (0, 0);
        loop {
            at = work(at, self.draw(aim, task, attempt, ready));
            if let Some(wait) = self.fails(aim, task, attempt) {
                at += wait;
            } else if meets_bad_backup(aim, task, bad_met) {
                bad_met += 1;
            } else {
                return at;
            }
            attempt += 1;
            if at.is_never() {
                return at;
            }
        }
    }

    /// What follows when traffic moves; `None` where it is not simple, or something else happens before its end. The last
    /// step has then `ended`.
    fn course(&self, aim: &Aim, spans: &[Span], ended: Time, outage: &Outage) -> Option<Course> {
        let Program { strategy, failover: plan, keys, .. } = self.program;
        let (site, target, Quiet { repaired, until, .. }) = (aim.lost, aim.target, outage.quiet);
        let moves = spans[plan.traffic?].ends;
        let ready = match plan.capacity {
            Some(step) => spans[step].ends <= moves,
            None => self.ready(target) >= 1.0,
        };
        let down = self.world.sites[site.0].up_since.is_never();
        let able = self.serving.has(target) && (self.program.writes.is_none() || self.member.has(target));
        if !(ready && able && down && self.world.is_whole()) || self.sleepers_stir() <= ended {
            return None;
        }
        let flow = Flow { late: self.late_from(site, moves), ..Flow::constant(1.0, moves) };
        let (restored, full) = (flow.reach(self.required(), moves), flow.reach(1.0, moves));
        let closes = restored.max(ended);
        let lasts = |since: Time, dist: &Dist, key: Key| {
            since + Time::from_seconds(dist.draw(|| key.stream(self.history, aim.key, 0)))
        };
        let both_up = repaired.max(moves);
        let protected = self.keeps_replicas().then(|| lasts(both_up, &strategy.reprotect, keys.reprotect));
        let back = if self.program.writes.is_some() {
            match &strategy.failback {
                Some(failback) => Back::Share(lasts(both_up, &failback.after, keys.failback_after)),
                None => Back::Share(protected?),
            }
        } else if let Some(failback) = &strategy.failback {
            let at = lasts(repaired, &failback.after, keys.failback_after);
            let begins = at.max(closes).max(protected.unwrap_or(closes));
            Back::Home(begins, begins + self.failback_takes(failback, aim.key))
        } else {
            Back::Swapped
        };
        let course = Course { moves, flow, restored, closes, full, protected, back };
        let all_served = back.at().is_none_or(|at| full.max(closes) <= at);
        (all_served && course.ends().max(repaired) < until).then_some(course)
    }

    /// Puts down what is measured of a failover, but for what is not served meanwhile.
    fn record(&mut self, aim: &Aim, outage: &Outage, course: &Course, sketch: &Sketch) {
        let (opened, restored) = (outage.opened, course.restored);
        let Sketch { spans, waits } = sketch;
        let plan = &self.program.failover;
        let needs = |step: Option<usize>| step.is_some_and(|step| plan.steps[step].control_plane);
        let declared = plan.decision.map(|step| spans[step].ends);
        let needed = needs(plan.traffic) || (needs(plan.capacity) && self.is_short(aim.target, aim.lost));
        let record = self.enter(outage.event);
        (record.ended, record.declared) = (Ended::FailedOver, declared);
        record.rto = restored - opened;
        record.rto_from_declaration = declared.map(|declared| restored - declared).filter(|time| *time >= Time::ZERO);
        record.rpo = aim.point.map_or(Time::NEVER, |point| (opened - point).max(Time::ZERO));
        record.control_plane_needed = needed;
        let (mut at, mut next) = (restored, plan.traffic.map_or(NO_STEP, |step| step as u32));
        while next != NO_STEP {
            let step = next as usize;
            let Span { begins, after, .. } = spans[step];
            if begins < at {
                let own = waits.iter().filter(|wait| wait.0 == step).map(|wait| &wait.1);
                let waited = if waits.is_empty() { Time::ZERO } else { path::book(record, own, begins, at) };
                record.waited += waited;
                record.phases.push((PlanKind::Failover, step, at - begins - waited));
                at = begins;
            }
            next = after;
        }
        record.phases.reverse();
    }

    /// The record of an incident that `event` opens now; what is not served until all is again counts for it.
    fn enter(&mut self, event: Event) -> &mut Incident {
        let record = self.blank(event);
        self.trailing = true;
        let incidents = &mut self.outcome.incidents;
        incidents.push(record);
        incidents.last_mut().expect("it was just put there")
    }

    /// The failover and the way back.
    fn follow(&mut self, aim: &Aim, outage: &Outage, course: &Course) {
        let (site, target, repaired) = (aim.lost, aim.target, outage.quiet.repaired);
        if repaired <= course.moves {
            self.now = repaired;
            self.repair(outage.event);
        }
        self.pass_to(course.moves);
        self.go_back_to(aim.point, !aim.from_copies, outage.opened);
        if self.program.failover.capacity.is_some() {
            self.capacity[target.0] += 1.0 - self.ready(target);
        }
        self.hand_over(target, site, outage.event, outage.opened);
        self.release_capacity();
        self.flow = course.flow;
        self.pass_to(course.full.max(course.closes));
        self.trailing = false;
        self.flow = Flow::constant(1.0, self.now);
        if repaired > course.moves {
            self.now = repaired;
            self.repair(outage.event);
        }
        if let Some(protected) = course.protected
            && course.back.at().is_none_or(|back| protected <= back)
        {
            self.now = protected;
            self.protect(site);
        }
        match course.back {
            Back::Home(begins, ends) => {
                self.pass_to(begins);
                self.leave_for_home();
                self.flow = Flow::constant(0.0, begins);
                self.pass_to(ends);
                self.end_failback();
            }
            Back::Share(at) => {
                self.pass_to(at);
                self.rejoin(site);
            }
            Back::Swapped => {}
        }
    }

    /// Time passes, and what was served in it is booked.
    fn pass_to(&mut self, at: Time) {
        self.now = at;
        self.book();
    }

    /// Steps that began `before` the plan ended have found and mended their latent faults.
    fn note_mended(&mut self, plan: &Plan, spans: &[Span], before: Time) {
        for &step in plan.drifting.iter().filter(|&&step| spans[step].begins < before) {
            self.mended[PlanKind::Failover as usize][step] = spans[step].begins;
        }
    }
}
