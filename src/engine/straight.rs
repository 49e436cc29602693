//! A failover that nothing disturbs, walked through in one go instead of event by event.
//!
//! While a plan runs, most often nothing else happens: no component changes, no timer is due. Then the end of every step
//! is known as soon as those before it are, and what a step does to the service can be told from the moment at which
//! traffic moves. The draws, and all that follows from the move, are those of `steps` and `incident`; whatever is not
//! as simple as that is left to them.

use super::life::{Due, Life};
use super::run::{Run, State};
use super::steps::meets_bad_backup;
use crate::model::CapacityEffect;
use crate::plan::{Plan, Program};
use crate::units::Time;

/// Whether the strategy's failover plan may be walked through: the target serves nobody before traffic moves, and only
/// the step that makes capacity ready depends on how much there is.
pub(super) fn is_simple(program: &Program) -> bool {
    let plan = &program.failover;
    let scaled = |step: usize| plan.steps[step].step.scaled_by_missing_capacity;
    let simple = |step: usize| !scaled(step) || plan.capacity == Some(step);
    program.writes.is_none() && plan.traffic.is_some() && (0..plan.steps.len()).all(simple)
}

impl Life<'_> {
    /// Takes the run, which begins now, as far as the move of traffic; gives it back where it is not so simple.
    pub(super) fn go_straight(&mut self, mut run: Run) -> Option<Run> {
        let program = self.program;
        let plan = &program.failover;
        let restarting = self.incident.as_ref().is_some_and(|open| open.resuming.is_some());
        let alone = self.runs.is_empty() && !restarting;
        let simple = self.straight && alone && !self.above && self.flow.all_or_nothing();
        let (Some(traffic), true) = (plan.traffic, simple) else { return Some(run) };
        if !(0..plan.steps.len()).all(|step| self.needs_met(&run, step)) || !self.walk(&mut run, plan) {
            return self.give_back(run);
        }
        let moves = run.steps[traffic].ended;
        let last = (0..plan.steps.len()).max_by_key(|&step| run.steps[step].ended).expect("there is traffic");
        let ends = run.steps[last].ended;
        let ready_in_time = plan.capacity.is_none_or(|step| run.steps[step].ended <= moves);
        let disturbed = self.undisturbed.min(self.queue.next_at()).min(self.sleepers_stir()) <= ends;
        let decision = plan.steps.iter().position(|task| task.step.decision);
        if disturbed || !ready_in_time || decision.is_some_and(|step| self.declines(&plan.steps[step], run.event)) {
            return self.give_back(run);
        }
        for (step, _) in plan.steps.iter().enumerate().filter(|(_, task)| task.step.latent_faults.is_some()) {
            self.mended[run.plan as usize][step] = run.steps[step].started;
        }
        self.make_ready(&run, plan);
        self.incident.as_mut().expect("it is open").record.declared = decision.map(|step| run.steps[step].ended);
        let id = run.id;
        run.left = 0;
        if ends > moves {
            // What is left over goes on after the move: the last step stands for it.
            run.left = 1;
            let progress = &mut run.steps[last];
            progress.state = State::Working;
            (progress.left, progress.since) = (ends - moves, moves);
            self.schedule(ends, Due::Step { run: id, step: last, stamp: progress.stamp });
        }
        self.runs.push(run);
        self.now = moves;
        self.book();
        self.shift(id);
        None
    }

    /// Puts down when each step begins and ends if nothing disturbs it; whether none takes for ever.
    fn walk(&self, run: &mut Run, plan: &Plan) -> bool {
        let ready = self.ready(run.target);
        for (step, task) in plan.steps.iter().enumerate() {
            let begins = task.step.after.iter().map(|&before| run.steps[before].ended).fold(self.now, Time::max);
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
                    break;
                }
                attempt += 1;
                if at.is_never() {
                    return false;
                }
            }
            let progress = &mut run.steps[step];
            (progress.state, progress.attempt, progress.bad_met) = (State::Done, attempt, bad_met);
            (progress.started, progress.ended, progress.since) = (begins, at, at);
        }
        true
    }

    /// The capacity that the plan makes ready.
    fn make_ready(&mut self, run: &Run, plan: &Plan) {
        let target = run.target;
        match plan.capacity.and_then(|step| plan.steps[step].step.capacity) {
            Some(CapacityEffect::Ramp | CapacityEffect::AtEnd) => self.capacity[target.0] += 1.0 - self.ready(target),
            None => {}
        }
    }

    /// The run as it began.
    fn give_back(&self, mut run: Run) -> Option<Run> {
        run.rewind(&self.program.failover);
        Some(run)
    }
}
