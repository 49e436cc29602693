//! An outage that nothing disturbs, lived through in one go instead of event by event.
//!
//! Most often nothing else happens between a failure and the moment at which all is as it was before. Then every instant
//! that matters is known as soon as the draws are: when the steps of the plan end, when traffic moves or the site is
//! back before that, when all is served, when the copy follows again, when the service is home. So they are worked out
//! first; if anything is not that simple, nothing has changed yet, and the outage is left to the events. The draws, and
//! what happens at each of those instants, are those of `incident`, `steps` and `home`.

use super::incident::Phase;
use super::life::{Life, Spell};
use super::run::{Run, State};
use super::served::{Flow, Late};
use super::sites::Sites;
use super::steps::meets_bad_backup;
use crate::hazard::Event;
use crate::model::{OnRepair, Scenario, SiteId};
use crate::outcome::Ended;
use crate::plan::{Plan, Program};
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
    /// When all that its event took down is back.
    pub(super) repaired: Time,
    /// Before this nothing else happens.
    pub(super) until: Time,
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
    fn ends(&self, quiet: Quiet) -> Time {
        let back = match self.back {
            Back::Home(_, at) | Back::Share(at) => at,
            Back::Swapped => self.protected.unwrap_or(self.full),
        };
        back.max(self.full).max(self.closes).max(quiet.repaired)
    }
}

impl Life<'_> {
    /// Lives through the outage that `event` has just begun, until all is as it was before; `false`, and nothing has
    /// happened, if it is not as simple as that.
    pub(super) fn live_through(&mut self, event: Event, quiet: Quiet) -> bool {
        let until = quiet.until.min(self.queue.next_at());
        let quiet = Quiet { until, ..quiet };
        let simple = self.steady && self.flow.full() && self.now < quiet.repaired && quiet.repaired < until;
        if !simple || self.now >= self.horizon() {
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
        let lived = if above { self.dip(event, quiet) } else { self.incident(event, site, quiet) };
        if lived {
            (self.flow, self.above, self.stale) = (Flow::constant(1.0, self.now), true, false);
        } else {
            (self.flow, self.lost) = (before, Sites::NONE);
        }
        lived
    }

    /// Less is served until the repair, but enough: no incident opens.
    fn dip(&mut self, event: Event, quiet: Quiet) -> bool {
        self.pass_to(quiet.repaired);
        self.repair(event);
        true
    }

    /// An incident opens, and closes.
    fn incident(&mut self, event: Event, site: SiteId, quiet: Quiet) -> bool {
        self.open(event, site, self.now, false);
        self.incident.as_mut().expect("just opened").restored = None;
        let lived = match self.failover(event) {
            Err(_) => self.wait_out(event, quiet, None),
            Ok(run) => self.fail_over(run, event, quiet),
        };
        if !lived {
            let open = self.incident.take().expect("it is open");
            self.spare.push(open.record);
        }
        lived
    }

    /// The repair comes first: the service is restarted where it was, if it had stopped there. `run` is the plan that
    /// this ends.
    fn wait_out(&mut self, event: Event, quiet: Quiet, run: Option<&Run>) -> bool {
        let stopped = !self.lost.is_empty();
        let restart = if stopped { self.restart_takes(event, 0) } else { Time::ZERO };
        let back = quiet.repaired + restart;
        if back >= quiet.until || !self.ruined.is_empty() {
            return false;
        }
        if let Some(run) = run {
            self.note_progress(run, quiet.repaired);
        }
        self.now = quiet.repaired;
        self.repair(event);
        self.pass_to(back);
        let open = self.incident.as_mut().expect("it is open");
        open.restored = Some(back);
        open.phase = Phase::Waiting { decided: false };
        if stopped {
            open.record.waited = quiet.repaired - open.record.opened;
            (open.phase, open.over_since) = (Phase::Over(Ended::Resumed), back);
            self.lost = self.lost.without(self.serving);
        }
        self.flow = Flow::constant(1.0, back);
        self.close(Ended::Resumed);
        true
    }

    /// Traffic moves to the target of the run, unless the repair comes first.
    fn fail_over(&mut self, mut run: Run, event: Event, quiet: Quiet) -> bool {
        self.wake_sleepers();
        let plan = &self.program.failover;
        let decision = plan.steps.iter().find(|task| task.step.decision);
        let walked = !self.lost.is_empty()
            && plan.needs.iter().all(|&need| self.world.met(need, run.target))
            && decision.is_none_or(|task| !self.declines(task, event))
            && self.walk(&mut run, plan);
        let moves = plan.traffic.filter(|_| walked).map(|step| run.steps[step].ended);
        let resumes = self.program.strategy.on_repair == OnRepair::Resume && self.ruined.is_empty();
        if resumes && moves.is_some_and(|moves| quiet.repaired <= moves) {
            let lived = self.sleepers_stir() > quiet.repaired && self.wait_out(event, quiet, Some(&run));
            self.spare_steps.push(run.steps);
            return lived;
        }
        let Some(course) = moves.and_then(|moves| self.course(&run, moves, event, quiet)) else {
            self.spare_steps.push(run.steps);
            return false;
        };
        self.follow(run, event, &course, quiet);
        true
    }

    /// Puts down when each step begins and ends; whether none takes for ever.
    fn walk(&self, run: &mut Run, plan: &Plan) -> bool {
        let ready = self.ready(run.target);
        for (step, task) in plan.steps.iter().enumerate() {
            let begins = task.step.after.iter().map(|&before| run.steps[before].ended).fold(self.now, Time::max);
            let ends = if task.plain {
                begins + Time::from_seconds(task.step.takes.draw(|| task.takes.stream(self.history, run.key, 0)))
            } else {
                self.end_of(run, step, begins, ready)
            };
            if ends.is_never() {
                return false;
            }
            let progress = &mut run.steps[step];
            progress.state = State::Done;
            (progress.started, progress.ended) = (begins, ends);
        }
        true
    }

    /// When a step that begins then ends, after all its attempts.
    fn end_of(&self, run: &Run, step: usize, begins: Time, ready: f64) -> Time {
        let task = &self.program.failover.steps[step];
        let mut at = begins;
        if let Some(faults) = &task.step.latent_faults {
            at += self.mend(run, step, faults, begins);
        }
        let (mut attempt, mut bad_met) = (0, 0);
        loop {
            at += self.draw(run, task, attempt, ready);
            if let Some(wait) = self.fails(run, task, attempt) {
                at += wait;
            } else if meets_bad_backup(run, task, bad_met) {
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

    /// What follows when traffic moves; `None` where it is not simple, or something else happens before its end.
    fn course(&self, run: &Run, moves: Time, event: Event, quiet: Quiet) -> Option<Course> {
        let Program { strategy, failover: plan, keys, .. } = self.program;
        let (site, target) = (run.lost, run.target);
        let ready = match plan.capacity {
            Some(step) => run.steps[step].ended <= moves,
            None => self.ready(target) >= 1.0,
        };
        let whole = |site: SiteId| self.world.left(site) == 1.0;
        let down = self.world.sites[site.0].up_since.is_never();
        let ended = run.steps.iter().map(|step| step.ended).max()?;
        let able = self.serving.has(target) && (self.program.writes.is_none() || self.member.has(target));
        if !(ready && able && down && self.sites().all(whole)) || self.sleepers_stir() <= ended {
            return None;
        }
        let tail = plan.traffic.and_then(|step| plan.steps[step].step.tail);
        let late = tail.and_then(|tail| Late::new(self.moved_share(site) * tail.share, moves, tail.mean));
        let flow = Flow { late, ..Flow::constant(1.0, moves) };
        let (restored, full) = (flow.reach(self.required(), moves), flow.reach(1.0, moves));
        let closes = restored.max(ended);
        let lasts = |since, dist, key| self.lasts_until(&mut Spell::new(event), since, dist, key);
        let both_up = quiet.repaired.max(moves);
        let protected = self.keeps_replicas().then(|| lasts(both_up, &strategy.reprotect, keys.reprotect));
        let after =
            |since| strategy.failback.as_ref().map(|back| (lasts(since, &back.after, keys.failback_after), back));
        let back = if self.program.writes.is_some() {
            match (after(both_up), protected) {
                (Some((at, _)), Some(protected)) if self.ruined.has(site) => Back::Share(at.max(protected)),
                (Some((at, _)), _) => Back::Share(at),
                (None, protected) => Back::Share(protected?),
            }
        } else if let Some((at, failback)) = after(quiet.repaired) {
            let begins = at.max(closes).max(protected.unwrap_or(closes));
            Back::Home(begins, begins + self.failback_takes(failback, event))
        } else {
            Back::Swapped
        };
        let course = Course { moves, flow, restored, closes, full, protected, back };
        let all_served = back.at().is_none_or(|at| full.max(closes) <= at);
        (all_served && course.ends(quiet) < quiet.until).then_some(course)
    }

    /// The failover and the way back.
    fn follow(&mut self, mut run: Run, event: Event, course: &Course, quiet: Quiet) {
        let (id, site) = (run.id, run.lost);
        self.note_progress(&run, Time::NEVER);
        if self.program.failover.capacity.is_some() {
            self.capacity[run.target.0] += 1.0 - self.ready(run.target);
        }
        run.left = 0;
        self.runs.push(run);
        if quiet.repaired <= course.moves {
            self.now = quiet.repaired;
            self.repair(event);
        }
        self.pass_to(course.moves);
        self.incident.as_mut().expect("it is open").phase = Phase::Running(id);
        self.shift(id);
        self.flow = course.flow;
        self.pass_to(course.closes);
        self.incident.as_mut().expect("it is open").restored = Some(course.restored);
        self.close(Ended::FailedOver);
        self.pass_to(course.full.max(course.closes));
        (self.trailing, self.late) = (false, None);
        self.flow = Flow::constant(1.0, self.now);
        if quiet.repaired > course.moves {
            self.now = quiet.repaired;
            self.repair(event);
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

    /// What the steps of the run have brought about `before` it ends.
    fn note_progress(&mut self, run: &Run, before: Time) {
        for (step, task) in self.program.failover.steps.iter().enumerate() {
            let progress = &run.steps[step];
            if task.step.latent_faults.is_some() && progress.started < before {
                self.mended[run.plan as usize][step] = progress.started;
            }
            if task.step.decision && progress.ended < before {
                self.incident.as_mut().expect("it is open").record.declared = Some(progress.ended);
            }
        }
    }
}
