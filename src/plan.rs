//! A strategy made ready to run: dense arrays, keys of random streams, what comes after what.
//!
//! Assumes that the steps of a plan come after those they depend on. Knows no strategy by name.

use crate::model::{CapacityEffect, DataSource, Need, Scenario, Step, Strategy, Writes};
use crate::outcome::PlanKind;
use crate::rng::Key;
use crate::units::Time;
use std::hint::select_unpredictable;

/// One strategy, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) strategy: Strategy,
    pub(crate) failover: Plan,
    pub(crate) restore: Plan,
    /// Share of the load that each site normally serves; of active/passive, all at home.
    pub(crate) shares: Vec<f64>,
    /// Share of the whole load that each site can carry as it stands.
    pub(crate) capacity: Vec<f64>,
    /// Which sites of active/active take writes; `None` for active/passive, where the active site does.
    pub(crate) writes: Option<Writes>,
    /// Whether a plan has a step that makes capacity ready little by little.
    pub(crate) ramps: bool,
    /// Whether there is nothing that could be lost: no data and no copy of any.
    pub(crate) stateless: bool,
    pub(crate) keys: Keys,
}

/// Purposes that belong to no step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Keys {
    pub(crate) lag: Key,
    pub(crate) point_in_time_lag: Key,
    pub(crate) backup_phase: Key,
    pub(crate) backup_takes: Key,
    pub(crate) backup_usable: Key,
    pub(crate) resume: Key,
    pub(crate) reprotect: Key,
    pub(crate) failback_after: Key,
    pub(crate) failback_takes: Key,
    pub(crate) drill_phase: Key,
}

/// A plan, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) steps: Vec<Task>,
    /// By step, what it comes after.
    pub(crate) before: Vec<Before>,
    /// All steps are plain.
    pub(crate) plain: bool,
    /// The steps that come after no other.
    pub(crate) roots: Vec<usize>,
    /// What the end of the plan comes after: the steps that no other comes after.
    pub(crate) end: Before,
    /// The step that moves traffic.
    pub(crate) traffic: Option<usize>,
    /// The step that makes capacity ready at the target.
    pub(crate) capacity: Option<usize>,
    /// The step that ends with the decision.
    pub(crate) decision: Option<usize>,
    /// Steps that may find a latent fault.
    pub(crate) drifting: Vec<usize>,
    /// Which recovery points count; `None` takes any.
    pub(crate) data: Option<DataSource>,
    /// All that any step needs where it happens.
    pub(crate) needs: Vec<Need>,
}

/// What a step comes after, as marks of its plan: mark 0 is the beginning of the plan, and step `n` ends at mark `n + 1`.
#[derive(Clone, Debug)]
pub(crate) struct Before {
    first: usize,
    /// Most steps come after one mark: then there are none.
    others: Box<[usize]>,
}

impl Before {
    fn new(after: &[usize]) -> Before {
        let mut marks = after.iter().map(|step| step + 1);
        Before { first: marks.next().unwrap_or(0), others: marks.collect() }
    }

    /// The first of these marks and the others.
    #[inline]
    pub(crate) fn marks(&self) -> (usize, impl Iterator<Item = usize> + '_) {
        (self.first, self.others.iter().copied())
    }

    /// The last of these marks, given when each is reached; of equal ones the last in the list.
    #[inline]
    pub(crate) fn last<T: Ord>(&self, reached: &[T]) -> usize {
        let (first, others) = self.marks();
        others.fold(first, |last, other| select_unpredictable(reached[other] >= reached[last], other, last))
    }
}

/// A step, compiled.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) step: Step,
    pub(crate) next: Vec<usize>,
    /// What it takes is one draw, whatever the state of the system, unless there is nothing to promote.
    pub(crate) plain: bool,
    /// Needs the data plane of the site where it happens, whatever else it needs.
    pub(crate) on_site: bool,
    /// It or a step before it needs the control plane of the site where it happens.
    pub(crate) control_plane: bool,
    pub(crate) takes: Key,
    pub(crate) throughput: Key,
    pub(crate) fails: Key,
    pub(crate) retry: Key,
    pub(crate) declines: Key,
    pub(crate) fault: Key,
    pub(crate) fix: Key,
}

impl Program {
    pub(crate) fn new(scenario: &Scenario, strategy: &Strategy) -> Program {
        let seed = scenario.run.seed;
        let home = scenario.workload.home.0;
        let sites = scenario.sites.len();
        let (shares, capacity) = match &strategy.active_active {
            Some(active) => (active.shares.clone(), active.capacity.clone()),
            None => (
                (0..sites).map(|site| f64::from(u8::from(site == home))).collect(),
                (0..sites).map(|site| if site == home { 1.0 } else { strategy.standby_capacity }).collect(),
            ),
        };
        let protected =
            strategy.replication.is_some() || strategy.backups.is_some() || strategy.point_in_time.is_some();
        Program {
            failover: Plan::new(&strategy.failover, PlanKind::Failover, seed),
            restore: Plan::new(&strategy.restore, PlanKind::Restore, seed),
            shares,
            capacity,
            writes: strategy.active_active.as_ref().map(|active| active.writes),
            ramps: strategy
                .failover
                .iter()
                .chain(&strategy.restore)
                .any(|step| step.capacity == Some(CapacityEffect::Ramp)),
            stateless: !protected && scenario.workload.data == 0.0,
            keys: Keys::new(seed),
            strategy: strategy.clone(),
        }
    }

    pub(crate) fn plan(&self, kind: PlanKind) -> &Plan {
        match kind {
            PlanKind::Failover => &self.failover,
            PlanKind::Restore => &self.restore,
        }
    }
}

impl Keys {
    fn new(seed: u64) -> Keys {
        let key = |purpose| Key::new(seed, purpose);
        Keys {
            lag: key("replication.lag"),
            point_in_time_lag: key("point_in_time.lag"),
            backup_phase: key("backups.phase"),
            backup_takes: key("backups.takes"),
            backup_usable: key("backups.usable"),
            resume: key("resume"),
            reprotect: key("reprotect"),
            failback_after: key("failback.after"),
            failback_takes: key("failback.takes"),
            drill_phase: key("drills.phase"),
        }
    }
}

impl Plan {
    /// How long the plan takes whose marks are `reached` so long after it begins.
    #[inline]
    pub(crate) fn lasts(&self, reached: &[Time]) -> Time {
        reached[self.end.last(reached)]
    }

    fn new(steps: &[Step], kind: PlanKind, seed: u64) -> Plan {
        let decision = steps.iter().position(|step| step.decision);
        let mut tasks: Vec<Task> = Vec::with_capacity(steps.len());
        // Steps come after those they depend on, so what holds of all steps before one is known when it is reached.
        let mut decided = vec![false; steps.len()];
        for (index, step) in steps.iter().enumerate() {
            decided[index] = step.after.iter().any(|&before| decided[before] || Some(before) == decision);
            let control_plane = step.needs.contains(&Need::ControlPlane)
                || step.after.iter().any(|&before| tasks[before].control_plane);
            let on_site = kind == PlanKind::Restore || decision.is_none() || decided[index];
            tasks.push(Task::new(step, kind, seed, on_site, control_plane));
            for &before in &step.after {
                tasks[before].next.push(index);
            }
        }
        Plan {
            roots: (0..steps.len()).filter(|&step| steps[step].after.is_empty()).collect(),
            end: Before::new(&(0..steps.len()).filter(|&step| tasks[step].next.is_empty()).collect::<Vec<usize>>()),
            traffic: steps.iter().position(|step| step.traffic),
            capacity: steps.iter().position(|step| step.capacity.is_some()),
            decision,
            drifting: (0..steps.len()).filter(|&step| steps[step].latent_faults.is_some()).collect(),
            data: steps.iter().find_map(|step| step.data),
            before: steps.iter().map(|step| Before::new(&step.after)).collect(),
            plain: tasks.iter().all(|task| task.plain),
            needs: all_needs(&tasks),
            steps: tasks,
        }
    }
}

fn all_needs(tasks: &[Task]) -> Vec<Need> {
    let on_site = tasks.iter().any(|task| task.on_site).then_some(Need::DataPlane);
    let mut needs: Vec<Need> = on_site.into_iter().collect();
    for &need in tasks.iter().flat_map(|task| &task.step.needs) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    needs
}

impl Task {
    fn new(step: &Step, kind: PlanKind, seed: u64, on_site: bool, control_plane: bool) -> Task {
        let plan = match kind {
            PlanKind::Failover => "failover",
            PlanKind::Restore => "restore",
        };
        let key = |purpose: &str| Key::new(seed, &format!("{plan}.{}.{purpose}", step.name));
        Task {
            next: Vec::new(),
            plain: step.latent_faults.is_none()
                && step.fails == 0.0
                && step.data != Some(DataSource::Copies)
                && step.throughput.is_none()
                && !step.scaled_by_missing_capacity,
            on_site,
            control_plane,
            takes: key("takes"),
            throughput: key("throughput"),
            fails: key("fails"),
            retry: key("retry_after"),
            declines: key("declines"),
            fault: key("latent_faults.every"),
            fix: key("latent_faults.fix"),
            step: step.clone(),
        }
    }

    pub(crate) fn ramps(&self) -> bool {
        self.step.capacity == Some(CapacityEffect::Ramp)
    }
}
