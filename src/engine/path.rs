//! Where recovery time went: the critical path of a plan, walked backwards from the restoration, and which component's
//! outage kept it waiting.

use super::run::{Progress, Run, Wait, Waits};
use crate::outcome::{Incident, PlanKind};
use crate::plan::Plan;
use crate::units::Time;

/// Puts down the steps on the critical path of run `id` up to `restored`, the time waited, for which components, and
/// whether the restoration depended on the control plane of the target. `short`: capacity that stood by was too little.
pub(super) fn record(
    record: &mut Incident,
    plan: &Plan,
    runs: &[Run],
    id: u32,
    waits: &Waits,
    restored: Time,
    short: bool,
) {
    let Some(run) = runs.iter().find(|run| run.id == id) else { return };
    let last = match run.plan {
        PlanKind::Failover => last_of_failover(plan, run, restored, short),
        PlanKind::Restore => last_ended(run, 0..run.steps.len()),
    };
    let needs = |step: usize| plan.steps[step].control_plane;
    record.control_plane_needed |= match run.plan {
        PlanKind::Failover => plan.traffic.is_some_and(needs) || plan.capacity.is_some_and(|step| short && needs(step)),
        PlanKind::Restore => (0..run.steps.len()).any(needs),
    };
    record.waited = Time::ZERO;
    record.waits.clear();
    record.phases.clear();
    record.phases.reserve(run.steps.len());
    let mut at = restored;
    let mut next = last;
    while let Some(step) = next {
        let progress = &run.steps[step];
        next = last_ended(run, plan.steps[step].step.after.iter().copied());
        if progress.started >= at {
            continue; // the service was restored before the plan came to this step
        }
        let end = progress.ended.min(at);
        let own = waits.steps.iter().filter(|wait| (wait.0, wait.1) == (id, step)).map(|wait| &wait.2);
        let waited = book(record, own, progress.started, end);
        // Late users arrive as part of the shift of traffic: nobody waits for a component then.
        let late = plan.steps[step].step.tail.is_some() && at == restored;
        let arriving = if late { at - end } else { Time::ZERO };
        book(record, &waits.service, end + arriving, at);
        record.waited += (at - end - arriving) + waited;
        record.phases.push((run.plan, step, end + arriving - progress.started - waited));
        at = progress.started;
    }
    book(record, &waits.service, record.opened, at);
    record.waited += at - record.opened;
}

/// Puts down what of `waits` lies between `from` and `to`, by component; how long it is in all.
#[inline]
pub(super) fn book<'a>(record: &mut Incident, waits: impl IntoIterator<Item = &'a Wait>, from: Time, to: Time) -> Time {
    let mut all = Time::ZERO;
    if from >= to {
        return all;
    }
    for wait in waits {
        let length = wait.to.min(to) - wait.from.max(from);
        if length <= Time::ZERO {
            continue;
        }
        all += length;
        if let Some(component) = wait.on {
            match record.waits.iter_mut().find(|part| part.0 == component) {
                Some(part) => part.1 += length,
                None => record.waits.push((component, length)),
            }
        }
    }
    all
}

/// The step whose end (or, of a ramp, whose work) restored the service.
fn last_of_failover(plan: &Plan, run: &Run, restored: Time, short: bool) -> Option<usize> {
    let traffic = plan.traffic?;
    let moved = run.steps[traffic].ended;
    let grew = |progress: &Progress| progress.started <= restored && progress.ended >= restored;
    plan.capacity.filter(|&step| short && restored > moved && grew(&run.steps[step])).or(Some(traffic))
}

fn last_ended(run: &Run, steps: impl Iterator<Item = usize>) -> Option<usize> {
    steps.max_by_key(|&step| run.steps[step].ended)
}
