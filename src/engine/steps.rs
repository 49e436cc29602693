//! Steps of a plan: they work while what they need is up, fail and are tried again, and have effects when done.

use super::incident::Phase;
use super::life::{Due, Life};
use super::run::{Aim, Run, State};
use super::sites::Sites;
use crate::model::{CapacityEffect, ComponentId, DataSource, LatentFaults, SiteId};
use crate::outcome::PlanKind;
use crate::plan::{Plan, Task};
use crate::rng::Cause;
use crate::trace::Happening;
use crate::units::Time;
use rand::RngExt;

impl Life<'_> {
    fn run_index(&self, id: u32) -> Option<usize> {
        self.runs.iter().position(|run| run.id == id)
    }

    fn task(&self, run: &Run, step: usize) -> &Task {
        &self.program.plan(run.plan).steps[step]
    }

    /// All steps before `step` are done.
    pub(super) fn begin(&mut self, id: u32, step: usize) {
        let Some(index) = self.run_index(id) else { return };
        let run = &self.runs[index];
        let task = self.task(run, step);
        let mending =
            task.step.latent_faults.as_ref().map(|faults| self.mend(run.plan, &run.aim, step, faults, self.now));
        let plan = run.plan as usize;
        let progress = &mut self.runs[index].steps[step];
        (progress.started, progress.since) = (self.now, self.now);
        let kind = self.runs[index].plan;
        self.note(Happening::StepStarted(kind, step));
        if let Some(mending) = mending {
            self.mended[plan][step] = self.now;
            if mending > Time::ZERO {
                self.note(Happening::FaultFound(kind, step, mending));
            }
            return self.pause(index, step, mending);
        }
        self.attempt(index, step);
    }

    /// What mending the latent fault of a step that begins at `at` takes, if there is one.
    pub(super) fn mend(&self, plan: PlanKind, aim: &Aim, step: usize, faults: &LatentFaults, at: Time) -> Time {
        let task = &self.program.plan(plan).steps[step];
        let event = aim.key;
        let clean = self.mended[plan as usize][step].max(self.drilled(faults, at));
        let exposed = (at - clean.max(self.drift_begins(faults))).0 as f64 / faults.every.0 as f64;
        let present = task.fault.stream(event, 0).random::<f64>() < 1.0 - (-exposed).exp();
        if !present {
            return Time::ZERO;
        }
        Time::from_seconds(faults.fix.draw(|| task.fix.stream(event, 0)))
    }

    /// Assumption: what is never drilled was in order when the history began.
    fn drift_begins(&self, faults: &LatentFaults) -> Time {
        if faults.drilled_every.is_some() { super::world::LONG_AGO } else { Time::ZERO }
    }

    /// The last drill before `at`; its schedule has a random phase and has been running for ever.
    fn drilled(&self, faults: &LatentFaults, at: Time) -> Time {
        let Some(every) = faults.drilled_every else { return super::world::LONG_AGO };
        let share: f64 = self.program.keys.drill_phase.stream(Cause::of_history(self.history), 0).random();
        let phase = Time((share * every.0 as f64) as i64);
        phase + Time((at - phase).0.div_euclid(every.0) * every.0)
    }

    /// A step begins another stretch. What is served follows a ramp.
    fn turn(&mut self, index: usize, step: usize, state: State) {
        let run = &mut self.runs[index];
        if let Some(wait) = run.steps[step].turn(state, self.now) {
            self.waits.steps.push((run.id, step, wait));
        }
        self.stale |= self.program.plan(run.plan).steps[step].ramps();
    }

    /// An attempt of a step begins.
    fn attempt(&mut self, index: usize, step: usize) {
        let run = &self.runs[index];
        let task = self.task(run, step);
        let ready = self.ready(run.aim.target);
        let work = self.draw(&run.aim, task, run.steps[step].attempt, ready);
        let ramp = (self.capacity[run.aim.target.0], self.capacity[run.aim.target.0] + (1.0 - ready));
        let ramps = task.ramps();
        let run = &mut self.runs[index];
        if ramps {
            run.ramp = ramp;
        }
        self.turn(index, step, State::Blocked); // what was left of the stretch before is not left of this attempt
        let progress = &mut self.runs[index].steps[step];
        (progress.work, progress.left) = (work, work);
        self.go_on(index, step);
    }

    /// What an attempt of a step takes; `ready` is the share of the load for which capacity stands ready.
    pub(super) fn draw(&self, aim: &Aim, task: &Task, attempt: u32, ready: f64) -> Time {
        if skipped(aim, task) {
            return Time::ZERO;
        }
        let event = aim.key;
        let step = &task.step;
        let mut seconds = step.takes.draw(|| task.takes.stream(event, attempt));
        if let Some(throughput) = &step.throughput {
            let rate = throughput.draw(|| task.throughput.stream(event, attempt));
            seconds += self.scenario.workload.data / rate;
        }
        if step.scaled_by_missing_capacity {
            seconds *= 1.0 - ready;
        }
        Time::from_seconds(seconds)
    }

    /// Capacity that stands ready to carry the load once traffic has moved to `target`, at most 1.
    pub(super) fn ready(&self, target: SiteId) -> f64 {
        let mut carry = if self.program.writes.is_some() { self.member.without(self.lost) } else { Sites::NONE };
        carry.put(target, true);
        carry.map(|site| self.capacity[site.0]).sum::<f64>().min(1.0)
    }

    /// A step works if what it needs is up, and else waits for it.
    fn go_on(&mut self, index: usize, step: usize) {
        let run = &self.runs[index];
        if run.suspended {
            return self.turn(index, step, State::Resting);
        }
        if let Some(component) = self.unmet(run, step) {
            return self.wait(index, step, component);
        }
        self.run_down(index, step, State::Working);
    }

    fn run_down(&mut self, index: usize, step: usize, state: State) {
        self.turn(index, step, state);
        let progress = &self.runs[index].steps[step];
        let (at, stamp) = (self.now + progress.left, progress.stamp);
        let run = self.runs[index].id;
        self.schedule(at, Due::Step { run, step, stamp });
    }

    /// The first of the components that a step needs, its site's data plane before all others, that is down.
    fn unmet(&self, run: &Run, step: usize) -> Option<ComponentId> {
        let task = self.task(run, step);
        if skipped(&run.aim, task) {
            return None;
        }
        let on_site = task.on_site.then(|| run.aim.target.data_plane());
        let needs = task.step.needs.iter().map(|&need| need.at(run.aim.target));
        on_site.into_iter().chain(needs).find(|&component| !self.world.is_up(component))
    }

    fn wait(&mut self, index: usize, step: usize, component: ComponentId) {
        self.turn(index, step, State::Stalled(component));
        let plan = self.runs[index].plan;
        self.note(Happening::StepWaits(plan, step, component));
    }

    /// Components have changed: work stops or goes on.
    pub(super) fn refresh_runs(&mut self) {
        for index in 0..self.runs.len() {
            if self.runs[index].suspended {
                continue;
            }
            for step in 0..self.runs[index].steps.len() {
                match self.runs[index].steps[step].state {
                    State::Working => self.look_again(index, step, None),
                    State::Stalled(component) => self.look_again(index, step, Some(component)),
                    State::Blocked | State::Pausing | State::Resting | State::RestingPause | State::Done => {}
                }
            }
        }
    }

    /// A step that works, or waits for a component, goes on with that or turns to the other.
    fn look_again(&mut self, index: usize, step: usize, awaited: Option<ComponentId>) {
        match (awaited, self.unmet(&self.runs[index], step)) {
            (None, Some(component)) => self.stall(index, step, component),
            (Some(awaited), Some(component)) if component != awaited => self.wait(index, step, component),
            (Some(_), None) => {
                let plan = self.runs[index].plan;
                self.note(Happening::StepGoesOn(plan, step));
                self.run_down(index, step, State::Working);
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }

    fn stall(&mut self, index: usize, step: usize, component: ComponentId) {
        self.wait(index, step, component);
        if self.task(&self.runs[index], step).step.restarts {
            let progress = &mut self.runs[index].steps[step];
            progress.left = progress.work;
        }
    }

    /// All work of the plan rests while the service is being restarted where it was.
    pub(super) fn suspend(&mut self, run: Option<u32>) {
        let Some(index) = run.and_then(|id| self.run_index(id)) else { return };
        self.runs[index].suspended = true;
        for step in 0..self.runs[index].steps.len() {
            match self.runs[index].steps[step].state {
                State::Working | State::Stalled(_) => self.turn(index, step, State::Resting),
                State::Pausing => self.turn(index, step, State::RestingPause),
                State::Blocked | State::Resting | State::RestingPause | State::Done => {}
            }
        }
    }

    /// The site failed again: the plan goes on where it stopped.
    pub(super) fn unsuspend(&mut self, run: Option<u32>) {
        let Some(index) = run.and_then(|id| self.run_index(id)) else { return };
        self.runs[index].suspended = false;
        for step in 0..self.runs[index].steps.len() {
            match self.runs[index].steps[step].state {
                State::Resting => self.go_on(index, step),
                State::RestingPause => self.run_down(index, step, State::Pausing),
                State::Working | State::Stalled(_) | State::Blocked | State::Pausing | State::Done => {}
            }
        }
    }

    /// A step ends an attempt, or has waited long enough for the next.
    pub(super) fn step_due(&mut self, id: u32, step: usize, stamp: u32) {
        let Some(index) = self.run_index(id) else { return };
        let progress = self.runs[index].steps[step];
        if progress.stamp != stamp {
            return;
        }
        match progress.state {
            State::Working => self.attempt_ends(index, step),
            State::Pausing => self.attempt(index, step),
            State::Blocked | State::Stalled(_) | State::Resting | State::RestingPause | State::Done => {}
        }
    }

    fn attempt_ends(&mut self, index: usize, step: usize) {
        let run = &self.runs[index];
        let task = self.task(run, step);
        if let Some(wait) = self.fails(&run.aim, task, run.steps[step].attempt) {
            let plan = run.plan;
            self.runs[index].steps[step].attempt += 1;
            self.note(Happening::AttemptFailed(plan, step, wait));
            return self.pause(index, step, wait);
        }
        if meets_bad_backup(&run.aim, task, run.steps[step].bad_met) {
            let progress = &mut self.runs[index].steps[step];
            progress.attempt += 1;
            progress.bad_met += 1;
            let plan = self.runs[index].plan;
            self.note(Happening::BackupBad(plan, step));
            return self.attempt(index, step);
        }
        self.done(index, step);
    }

    /// Nothing is worked on for `length`; then comes an attempt.
    fn pause(&mut self, index: usize, step: usize, length: Time) {
        self.turn(index, step, State::Pausing);
        self.runs[index].steps[step].left = length;
        if self.runs[index].suspended {
            return self.turn(index, step, State::RestingPause);
        }
        self.run_down(index, step, State::Pausing);
    }

    /// If this attempt of a step fails, how long it is until the next.
    pub(super) fn fails(&self, aim: &Aim, task: &Task, attempt: u32) -> Option<Time> {
        if task.step.fails == 0.0 || skipped(aim, task) {
            return None;
        }
        let event = aim.key;
        let luck: f64 = task.fails.stream(event, attempt).random();
        let wait = || task.step.retry_after.draw(|| task.retry.stream(event, attempt));
        (luck < task.step.fails).then(|| Time::from_seconds(wait()))
    }

    fn done(&mut self, index: usize, step: usize) {
        let id = self.runs[index].id;
        self.turn(index, step, State::Done);
        self.runs[index].steps[step].ended = self.now;
        self.runs[index].left -= 1;
        let plan = self.runs[index].plan;
        self.note(Happening::StepDone(plan, step));
        if !self.effects(index, step) {
            return;
        }
        let plan = self.runs.iter().find(|run| run.id == id).map(|run| run.plan);
        let Some(plan) = plan else { return };
        let program = self.program;
        for &next in &program.plan(plan).steps[step].next {
            let Some(index) = self.run_index(id) else { return };
            let progress = &mut self.runs[index].steps[next];
            progress.blocked_by -= 1;
            if progress.blocked_by == 0 {
                self.begin(id, next);
            }
        }
        if self.run_index(id).is_some_and(|index| self.runs[index].left == 0) {
            self.plan_done(id);
        }
    }

    /// What the end of a step brings about; `false` if the plan is given up.
    fn effects(&mut self, index: usize, step: usize) -> bool {
        let run = &self.runs[index];
        let (id, plan, event, target) = (run.id, run.plan, run.aim.key, run.aim.target);
        let lost_all = run.aim.point.is_none() && !self.ruined.has(run.aim.lost);
        let program = self.program;
        let task = &program.plan(plan).steps[step];
        let current = self.incident.as_ref().is_some_and(|open| open.runs(id));
        self.stale |= task.step.traffic || task.step.capacity.is_some();
        if task.step.decision && current {
            // Past the point of no return there is nothing to decide against.
            if self.phase() == Some(Phase::Running(id)) && self.declines(task, event) {
                self.note(Happening::Declined);
                self.abandon(id);
                return false;
            }
            self.incident.as_mut().expect("it is current").record.declared = Some(self.now);
        }
        if plan == PlanKind::Failover && task.step.data == Some(DataSource::Copies) && lost_all && current {
            self.abandon(id);
            return false;
        }
        match task.step.capacity {
            Some(CapacityEffect::Ramp) => self.capacity[target.0] = self.runs[index].ramp.1,
            Some(CapacityEffect::AtEnd) => self.capacity[target.0] += 1.0 - self.ready(target),
            None => {}
        }
        if task.step.traffic {
            self.book();
            self.shift(id);
        }
        true
    }

    pub(super) fn declines(&self, task: &Task, event: Cause) -> bool {
        let luck = || task.declines.stream(event, 0).random::<f64>();
        task.step.declines > 0.0 && luck() < task.step.declines
    }

    /// Capacity that is ready at `site` now.
    pub(super) fn capacity_now(&self, site: SiteId) -> f64 {
        match self.ramping(site) {
            Some((run, step)) => run.ramp.0 + (run.ramp.1 - run.ramp.0) * run.steps[step].done_share(self.now),
            None => self.capacity[site.0],
        }
    }

    /// By how much the capacity at `site` grows in a microsecond.
    pub(super) fn growth(&self, site: SiteId) -> f64 {
        match self.ramping(site) {
            Some((run, step)) if run.steps[step].state == State::Working && run.steps[step].work > Time::ZERO => {
                (run.ramp.1 - run.ramp.0) / run.steps[step].work.0 as f64
            }
            Some(_) | None => 0.0,
        }
    }

    /// The ramp at `site` that is neither done nor waiting to be tried again.
    #[inline]
    fn ramping(&self, site: SiteId) -> Option<(&Run, usize)> {
        if self.runs.is_empty() || !self.program.ramps {
            return None;
        }
        self.runs.iter().filter(|run| run.aim.target == site).find_map(|run| {
            let plan: &Plan = self.program.plan(run.plan);
            let step = plan.capacity.filter(|&step| plan.steps[step].ramps())?;
            let state = run.steps[step].state;
            matches!(state, State::Working | State::Stalled(_) | State::Resting).then_some((run, step))
        })
    }
}

/// Nothing is to be done: the lost site took no writes, so there is no copy to promote.
pub(super) fn skipped(aim: &Aim, task: &Task) -> bool {
    aim.nothing_lost && task.step.data == Some(DataSource::Replica)
}

/// Whether the backup that was just restored, after `met` bad ones, shows to be bad and another is tried.
pub(super) fn meets_bad_backup(aim: &Aim, task: &Task, met: u32) -> bool {
    let tries = if aim.point.is_some() { aim.bad } else { aim.bad.saturating_sub(1) };
    task.step.data == Some(DataSource::Copies) && aim.from_copies && met < tries
}
