//! Where recovery time goes: what each part of the critical path took, and what recovery would have taken without it.
//!
//! A part is a step, waiting for a component, its repair that was waited for, or the restart after it; the parts of an
//! incident add up to its recovery time. Incidents that were never resolved have no parts. Does not look for what would
//! have become critical instead: what it says of a recovery without a part is the most that can be gained.

use super::histogram::{COARSE, Histogram, rank_among};
use super::interval::enough_for_quantile;
use super::row::Row;
use super::tally::Tally;
use crate::model::{ComponentId, Named, Need, Scenario, SiteId, Step};
use crate::outcome::{Incident, PlanKind};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Microseconds in a second.
const TICKS: f64 = 1e6;
/// What is said of bad incidents is of those beyond this share.
const BAD: f64 = 0.95;

/// The critical path stood still, because the component named after it was down.
pub const WAITING: &str = "waiting";
/// No step of a plan was on the critical path: the component named after it was repaired.
pub const REPAIR: &str = "repair";
/// The restart and check of a site after its repair.
pub const RESUME: &str = "resume";

/// [`WAITING`] or [`REPAIR`], and the component, where a part is one of these; none is the empty name.
pub fn waited_for(part: &str) -> Option<(&'static str, &str)> {
    let (kind, component) = part.split_once(": ").unwrap_or((part, ""));
    [WAITING, REPAIR].into_iter().find(|name| *name == kind).map(|name| (name, component))
}

/// The parts of the critical path under one strategy: steps by name, then what is no step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PathParts {
    names: Vec<String>,
    failover: Vec<usize>,
    restore: Vec<usize>,
    waiting: Waiting,
    repair: Waiting,
}

/// Waiting, by the component that was down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Waiting {
    /// The part for none.
    rest: usize,
    /// By component; those that are never waited for have none of their own.
    of: Vec<usize>,
}

impl PathParts {
    /// Steps of one name are one part, also where both plans have such a step: no incident runs both.
    pub(super) fn new(scenario: &Scenario, strategy: usize) -> PathParts {
        let strategy = &scenario.strategies[strategy];
        let mut names: Vec<String> = Vec::new();
        for plan in [&strategy.failover, &strategy.restore] {
            let known = |names: &[String], step: &Step| names.iter().position(|name| *name == step.name);
            // A step that only the second plan has comes after the one that it follows there, the first ones before what
            // they lead to.
            let mut next = plan.iter().find_map(|step| known(&names, step)).unwrap_or(names.len());
            for step in plan {
                next = 1 + known(&names, step).unwrap_or_else(|| {
                    names.insert(next, step.name.clone());
                    next
                });
            }
        }
        let index = |step: &Step| names.iter().position(|name| *name == step.name).expect("every step has a part");
        let (failover, restore) =
            (strategy.failover.iter().map(index).collect(), strategy.restore.iter().map(index).collect());
        let at_sites = |needs: &[Need]| -> Vec<ComponentId> {
            let at = |site: SiteId| needs.iter().map(move |need| need.at(site)).chain([site.data_plane()]);
            (0..scenario.sites.len()).map(SiteId).flat_map(at).collect()
        };
        let steps = strategy.failover.iter().chain(&strategy.restore).flat_map(|step| at_sites(&step.needs));
        let of_service = at_sites(&scenario.workload.needs);
        let of_steps: Vec<ComponentId> = steps.chain(of_service.iter().copied()).collect();
        let waiting = Waiting::new(WAITING, &of_steps, scenario, &mut names);
        let repair = Waiting::new(REPAIR, &of_service, scenario, &mut names);
        names.push(RESUME.into());
        PathParts { names, failover, restore, waiting, repair }
    }

    /// Steps in the order of the plans; [`WAITING`] for no component, then `waiting: NAME` for each that it may be;
    /// [`REPAIR`] likewise; [`RESUME`].
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// By step of a plan.
    fn steps(&self, plan: PlanKind) -> &[usize] {
        match plan {
            PlanKind::Failover => &self.failover,
            PlanKind::Restore => &self.restore,
        }
    }
}

impl Waiting {
    /// Adds its parts to `names`: one for each of `components` that anything takes down.
    fn new(name: &str, components: &[ComponentId], scenario: &Scenario, names: &mut Vec<String>) -> Waiting {
        let rest = names.len();
        names.push(name.into());
        let part = |(index, component): (usize, &Named)| {
            let id = ComponentId(index);
            let fails = scenario.hazards.iter().any(|hazard| hazard.components().any(|held| held == id));
            if !(fails && components.contains(&id)) {
                return rest;
            }
            names.push(format!("{name}: {}", component.name));
            names.len() - 1
        };
        Waiting { rest, of: scenario.components.iter().enumerate().map(part).collect() }
    }
}

/// Parts of the critical path, over incidents with a finite recovery time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    phases: Vec<Phase>,
    /// By bucket of the recovery time: each part's share in those incidents.
    by_rto: Row<Option<Box<[Spent]>>>,
}

/// Time in one part of the critical path, microseconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// The longest.
    max: u64,
    /// Its distribution.
    times: Histogram<COARSE>,
    /// What the recovery time would have been without it.
    without: Histogram<COARSE>,
}

/// What a part had of the incidents with one recovery time: above, how many there were with the part, below, the
/// microseconds that they spent in it. One addition adds both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Spent(u128);

impl Spent {
    /// Room for 10^13 incidents that take 10^11 years together.
    const TIME_BITS: u32 = 84;

    /// Of one incident, microseconds.
    #[inline]
    fn new(time: u64) -> Spent {
        Spent(1 << Self::TIME_BITS | u128::from(time))
    }

    #[inline]
    fn add(&mut self, more: Spent) {
        self.0 += more.0;
    }

    fn incidents(self) -> u64 {
        (self.0 >> Self::TIME_BITS) as u64
    }

    fn microseconds(self) -> u128 {
        self.0 & ((1 << Self::TIME_BITS) - 1)
    }
}

/// What the incidents with the longest recovery times went through: the worst 5% of those that were resolved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bad {
    /// Mean time in the part, seconds.
    pub mean: f64,
    /// Its share in their recovery time.
    pub share: f64,
}

impl Path {
    pub(super) fn new(parts: &PathParts) -> Path {
        Path { phases: vec![Phase::default(); parts.names.len()], by_rto: Row::default() }
    }

    /// Adds an incident with a finite recovery time.
    pub(super) fn add(&mut self, incident: &Incident, parts: &PathParts) {
        let rto = incident.rto.0 as u64;
        let phases = &mut self.phases[..];
        let count = phases.len();
        let of_rto = self.by_rto.at(Histogram::<COARSE>::bucket(rto));
        let spent = &mut of_rto.get_or_insert_with(|| vec![Spent::default(); count].into())[..count];
        let mut add = move |part: usize, time: Time| {
            debug_assert!(Time::ZERO <= time && time.0 as u64 <= rto, "a part of the recovery time");
            let time = time.0 as u64;
            phases[part].add(time, rto);
            spent[part].add(Spent::new(time));
        };
        let mut rest = incident.rto - incident.waited;
        // All steps on a critical path are of one plan.
        let of_plan = incident.phases.first().map(|first| first.0);
        let steps = of_plan.map_or(&[][..], |plan| parts.steps(plan));
        for &(plan, step, time) in &incident.phases {
            debug_assert!(Some(plan) == of_plan, "steps of two plans");
            add(steps[step], time);
            rest -= time;
        }
        let waiting = if incident.phases.is_empty() { &parts.repair } else { &parts.waiting };
        let mut unnamed = incident.waited;
        for &(component, time) in &incident.waits {
            add(waiting.of[component.0], time);
            unnamed -= time;
        }
        for (part, time) in [(waiting.rest, unnamed), (count - 1, rest)] {
            if time > Time::ZERO {
                add(part, time);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Path) {
        self.phases.iter_mut().zip(&other.phases).for_each(|(sum, part)| sum.merge(part));
        self.by_rto.merge(&other.by_rto, |mine, theirs| match (mine, theirs) {
            (_, None) => {}
            (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
            (Some(mine), Some(theirs)) => mine.iter_mut().zip(theirs.iter()).for_each(|(sum, part)| sum.add(*part)),
        });
    }

    /// In the order of [`PathParts::names`].
    pub fn phases(&self) -> &[Phase] {
        &self.phases
    }

    /// Time in each part, microseconds, of all incidents, exactly; in the order of [`PathParts::names`].
    pub fn sums(&self) -> Vec<u128> {
        let mut sums = vec![0; self.phases.len()];
        for spent in self.by_rto.values().iter().flatten() {
            sums.iter_mut().zip(spent).for_each(|(sum, spent)| *sum += spent.microseconds());
        }
        sums
    }

    /// What each part had of the worst 5% of the incidents, in the order of [`PathParts::names`]; `rto` are their recovery
    /// times. Where only some of the incidents of a bucket belong to them, its times count in proportion. `None` where
    /// the incidents are too few to speak of their p95.
    pub fn bad(&self, rto: &Tally) -> Option<Vec<Bad>> {
        let resolved = rto.count() - rto.never();
        if !enough_for_quantile(resolved, BAD) {
            return None;
        }
        let size = (1.0 - BAD) * resolved as f64;
        let (mut sums, mut wanted) = (vec![0.0; self.phases.len()], size);
        for (bucket, incidents) in rto.coarse().iter().rev().filter(|(_, incidents)| **incidents > 0) {
            if wanted <= 0.0 {
                break;
            }
            let (incidents, spent) = (*incidents as f64, self.by_rto.get(bucket).and_then(Option::as_deref));
            let taken = wanted.min(incidents);
            for (sum, spent) in sums.iter_mut().zip(spent.unwrap_or_default()) {
                *sum += spent.microseconds() as f64 / TICKS * taken / incidents;
            }
            wanted -= taken;
        }
        let total: f64 = sums.iter().sum();
        let share = |sum: f64| if total > 0.0 { sum / total } else { 0.0 };
        Some(sums.into_iter().map(|sum| Bad { mean: sum / size, share: share(sum) }).collect())
    }

    /// For each part the p95 of the recovery time, seconds, had each incident been shorter by its time in that part, all
    /// else equal; `rto` are the recovery times. Incidents that were not resolved stay so. `None` where the incidents are
    /// too few.
    pub fn p95_without_each(&self, rto: &Tally) -> Option<Vec<f64>> {
        let p95 = rto.quantile(BAD)?.value;
        let rank = (BAD * rto.count() as f64).ceil() as u64;
        let at_rank = |counts: &Row<u64>| {
            let bucket = rank_among(counts.iter().map(|(bucket, count)| (bucket, *count)), rank)?;
            Some(Histogram::<COARSE>::middle(bucket) as f64)
        };
        let counts = rto.coarse();
        let with = at_rank(&counts);
        let of_part = |(part, phase): (usize, &Phase)| {
            let mut without = counts.clone();
            for (bucket, spent) in self.by_rto.iter() {
                *without.at(bucket) -= spent.as_ref().map_or(0, |spent| spent[part].incidents());
            }
            phase.without.hit().for_each(|(bucket, count)| *without.at(bucket) += count);
            // Both are off in the same way, so that their ratio is closer than either.
            match (at_rank(&without), with) {
                (Some(without), Some(with)) if with > 0.0 => p95 * without / with,
                (Some(_) | None, Some(_) | None) => p95,
            }
        };
        Some(self.phases.iter().enumerate().map(of_part).collect())
    }
}

impl Phase {
    fn add(&mut self, time: u64, rto: u64) {
        if time > self.max {
            self.max = time;
        }
        self.times.add(time);
        self.without.add(rto.wrapping_sub(time));
    }

    fn merge(&mut self, other: &Phase) {
        self.max = self.max.max(other.max);
        self.times.merge(&other.times);
        self.without.merge(&other.without);
    }

    /// Incidents with the part.
    pub fn count(&self) -> u64 {
        self.times.count()
    }

    /// The 95th percentile in seconds over `incidents`, 0 in those without the part; `None` where they are too few.
    pub fn p95(&self, incidents: u64) -> Option<f64> {
        let without = incidents - self.count();
        let rank = (BAD * incidents as f64).ceil() as u64;
        let ticks = if rank <= without { Some(0) } else { self.times.at_rank(rank - without) };
        ticks.filter(|_| enough_for_quantile(incidents, BAD)).map(|ticks| ticks.min(self.max) as f64 / TICKS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Ended;
    use proptest::prelude::{ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

    /// Both plans have a step `validate`; components 1 and 2 may be waited for.
    fn parts() -> PathParts {
        let names = ["detect", "restore", "validate", WAITING, "waiting: a", "waiting: b", REPAIR, "repair: a", RESUME];
        PathParts {
            names: names.map(String::from).to_vec(),
            failover: vec![0, 2],
            restore: vec![1, 2],
            waiting: Waiting { rest: 3, of: vec![3, 4, 5] },
            repair: Waiting { rest: 6, of: vec![6, 7, 6] },
        }
    }

    /// A tenth of the waiting was for component 1, and, where a plan ran, the half of it for component 2.
    fn incident(phases: Vec<(PlanKind, usize, Time)>, waited: Time, restart: Time) -> Incident {
        let waits = [(ComponentId(1), Time(waited.0 / 10)), (ComponentId(2), Time(waited.0 / 2))];
        let waits = waits[..if phases.is_empty() { 1 } else { 2 }].to_vec();
        let rto = phases.iter().fold(waited + restart, |sum, phase| sum + phase.2);
        Incident {
            hazard: 0,
            onset: Time::ZERO,
            opened: Time::ZERO,
            declared: None,
            rto,
            rto_from_declaration: None,
            rpo: Time::ZERO,
            exposure: None,
            ended: Ended::FailedOver,
            waited,
            waits,
            control_plane_needed: false,
            outage: Vec::new(),
            phases,
        }
    }

    fn collected(incidents: &[Incident]) -> (Path, Tally) {
        let (parts, mut rto) = (parts(), Tally::default());
        let mut path = Path::new(&parts);
        for incident in incidents {
            path.add(incident, &parts);
            rto.add(incident.rto);
            rto.end_history();
        }
        (path, rto)
    }

    /// The time of an incident in a part, from its record.
    fn time_in(incident: &Incident, part: usize) -> f64 {
        let parts = parts();
        let steps = incident.phases.iter().filter(|phase| parts.steps(phase.0)[phase.1] == part);
        let worked: f64 = incident.phases.iter().map(|phase| phase.2.seconds()).sum();
        let wait = |index: usize| incident.waits.get(index).map_or(0.0, |wait| wait.1.seconds());
        match (part, incident.phases.is_empty()) {
            (3, false) | (6, true) => incident.waited.seconds() - wait(0) - wait(1),
            (4, false) | (7, true) => wait(0),
            (5, false) => wait(1),
            (8, _) => incident.rto.seconds() - worked - incident.waited.seconds(),
            (0..=2, _) => steps.map(|phase| phase.2.seconds()).sum(),
            (_, _) => 0.0,
        }
    }

    fn any_incident() -> impl Strategy<Value = Incident> {
        let time = || (0.0..14.0f64).prop_map(|power| Time::from_seconds(power.exp()));
        let failover = (time(), time(), time()).prop_map(|(a, b, waited)| {
            incident(vec![(PlanKind::Failover, 0, a), (PlanKind::Failover, 1, b)], waited, Time::ZERO)
        });
        let restore = time().prop_map(|a| incident(vec![(PlanKind::Restore, 0, a)], Time::ZERO, Time::ZERO));
        let waited = (time(), time()).prop_map(|(waited, restart)| incident(Vec::new(), waited, restart));
        prop_oneof![failover, restore, waited]
    }

    fn p95(mut values: Vec<f64>) -> f64 {
        values.sort_by(f64::total_cmp);
        values[(0.95 * values.len() as f64).ceil() as usize - 1]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_said_of_parts_is_what_the_incidents_say(
            incidents in prop::collection::vec(any_incident(), 59..200),
            cut in 0..59_usize,
        ) {
            let (whole, rto) = collected(&incidents);
            let (mut merged, _) = collected(&incidents[..cut]);
            merged.merge(&collected(&incidents[cut..]).0);
            prop_assert_eq!(&merged, &whole);

            let total: u128 = whole.sums().into_iter().sum();
            prop_assert_eq!(total as i128, rto.finite().sum());
            let bad = whole.bad(&rto).expect("enough");
            prop_assert!((bad.iter().map(|bad| bad.share).sum::<f64>() - 1.0).abs() < 1e-9);
            for part in 0..parts().names().len() {
                let left = incidents.iter().map(|incident| incident.rto.seconds() - time_in(incident, part));
                let (naive, shown) = (p95(left.collect()), whole.p95_without_each(&rto).expect("enough")[part]);
                prop_assert!((shown - naive).abs() <= 0.009 * naive, "{part}: {shown} for {naive}");
                let times = p95(incidents.iter().map(|incident| time_in(incident, part)).collect());
                let own = whole.phases()[part].p95(incidents.len() as u64).expect("enough");
                prop_assert!((own - times).abs() <= times * 0.005 + 1e-5, "{part}: {own} for {times}");
            }
        }
    }

    #[test]
    fn bad_incidents_are_the_longest_and_a_border_counts_in_part() {
        let minutes = |minutes: f64| Time::from_seconds(60.0 * minutes);
        // 100 incidents: in 3 the restore takes 50 minutes, in 4 detection 10, else 1: the worst 5 are those 3 and half
        // of the 4.
        let short = |time| incident(vec![(PlanKind::Failover, 0, time)], Time::ZERO, Time::ZERO);
        let long = incident(vec![(PlanKind::Restore, 0, minutes(50.0))], Time::ZERO, Time::ZERO);
        let mut incidents = vec![long; 3];
        incidents.extend(vec![short(minutes(10.0)); 4]);
        incidents.extend(vec![short(minutes(1.0)); 93]);
        let (path, rto) = collected(&incidents);
        let bad = path.bad(&rto).expect("enough");
        assert!((bad[1].mean - 1800.0).abs() < 1e-6 && (bad[0].mean - 240.0).abs() < 1e-6, "{bad:?}");
        assert!((bad[1].share - 15.0 / 17.0).abs() < 1e-9);
        // The 95th of 100 is one of the 4; without the restore its 3 are the shortest, and the 95th takes 1 minute.
        assert!((path.p95_without_each(&rto).expect("enough")[1] - 60.0).abs() < 0.5);
        assert_eq!(path.p95_without_each(&rto).expect("enough")[0], 0.0);
        assert_eq!(collected(&incidents[..58]).0.bad(&collected(&incidents[..58]).1), None);
    }
}
