//! The result of a range of histories under every strategy, as exact counts and sums.
//!
//! Merging is exact, so any split of the histories over any number of workers, merged in any order, is the same value.

use super::histogram::{COARSE, FINE, Histogram};
use super::moments::{Moments, Ratio};
use super::path::{Path, PathParts};
use super::tally::Tally;
use crate::cost::{Bill, Money, Parts};
use crate::model::{Objectives, Scenario};
use crate::outcome::{Incident, Outcome};
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// How many prices of downtime a cost curve has.
pub const PRICES: usize = 17;
/// Times the scenario's own price: three decades in even steps of the logarithm.
const FACTORS: [f64; PRICES] = [
    0.0316228, 0.0486968, 0.0749894, 0.115478, 0.177828, 0.273842, 0.421697, 0.649382, 1.0, 1.53993, 2.37137, 3.65174,
    5.62341, 8.65964, 13.3352, 20.5353, 31.6228,
];
/// Stands in where the scenario puts no price on downtime.
const PRICE_WITHOUT_ONE: f64 = 10_000.0;

/// Durations that are tallied of each hazard.
const TALLIES: usize = 5;

/// All that the results are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Partial {
    histories: u64,
    baseline: usize,
    period: Period,
    objectives: Vec<Objectives>,
    strategies: Vec<StrategyTally>,
    scratch: Scratch,
}

/// What a [`Partial`] is made of, but for what its scenario says: to be written down and read again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    histories: u64,
    strategies: Vec<StrategyTally>,
}

/// Room for what is known of the history under way; empty between two.
#[derive(Clone, Debug, Default, PartialEq)]
struct Scratch {
    /// Years with a breach under one strategy.
    missed: Vec<usize>,
    /// What is compared between strategies.
    compared: Vec<[i128; 3]>,
}

/// How a horizon is divided, and what an hour of downtime costs.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Period {
    /// Whole years in the horizon; a shorter horizon is one period.
    count: usize,
    /// Of one period, in years: 1 unless the horizon is shorter.
    years: f64,
    /// What the factors of the cost curve apply to.
    price: f64,
    /// Whether the bills put no price on downtime.
    unpriced: bool,
}

impl Period {
    /// What an amount of one period is in a year.
    fn a_year(&self, amount: Money) -> Money {
        if self.years < 1.0 { Money::new(amount.amount() / self.years) } else { amount }
    }
}

/// What one strategy yielded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyTally {
    /// By hazard.
    hazards: Vec<HazardTally>,
    /// Durations of one history over all hazards, in the order of [`HazardTally::tallies`].
    clusters: [Ratio; TALLIES],
    path_parts: PathParts,
    /// Per history, microseconds of full outage, planned apart.
    pub downtime: Moments,
    /// Per history, microseconds of planned outage.
    pub planned_downtime: Moments,
    /// Per history.
    pub incidents: Moments,
    /// Per history, incidents that missed an objective.
    pub breaches: Moments,
    /// Per history, microseconds of full outage that are charged for, planned ones and those past the horizon too.
    pub charged: Moments,
    /// Per history, millionths: infrastructure, downtime, data loss, other.
    pub parts: [Moments; 4],
    /// Per history, millionths.
    pub cost: Moments,
    /// Periods with at least one breach.
    pub periods_with_breach: u64,
    /// Per period, millionths.
    pub yearly: Moments,
    /// Per period, millionths.
    pub yearly_costs: Histogram<FINE>,
    /// Per period without downtime to be charged, millionths: the same at every price.
    quiet: Histogram<COARSE>,
    /// Per period with downtime, by price, millionths.
    priced: Vec<Histogram<COARSE>>,
    /// This strategy less the baseline, per history: full outage (microseconds), breaches, cost (millionths).
    pub differences: [Difference; 3],
}

/// A quantity under a strategy less the same under the baseline, history by history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// Of the differences.
    pub moments: Moments,
    /// Histories with less of it than under the baseline.
    pub better: u64,
    /// Histories with more.
    pub worse: u64,
}

/// Incidents of one hazard, or of all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HazardTally {
    /// Achieved recovery time.
    pub rto: Tally,
    /// The same from the declaration, where there was one.
    pub rto_from_declaration: Tally,
    /// Achieved data loss.
    pub rpo: Tally,
    /// Of corruptions, from the onset to the stop.
    pub exposure: Tally,
    /// Waiting for components on the critical path.
    pub waited: Tally,
    /// Incidents within the recovery time objective of their hazard.
    pub met_rto: u64,
    /// Incidents within the recovery point objective.
    pub met_rpo: u64,
    /// Incidents within both.
    pub met_both: u64,
    /// Incidents by how they ended, in the order of `Ended::ALL`.
    pub ended: [u64; 5],
    /// Incidents whose restoration needed the target's control plane.
    pub control_plane_needed: u64,
    /// Where their recovery time went.
    pub path: Path,
    /// The incident with the longest recovery time.
    pub longest: Option<Longest>,
}

/// The longest recovery time, and the first history in which it occurred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Longest {
    /// Achieved recovery time; never where unresolved.
    pub rto: Time,
    /// Number of the history.
    pub history: u64,
}

impl Longest {
    /// The longer of two; of equal ones, that of the earlier history.
    fn join(one: Option<Longest>, other: Option<Longest>) -> Option<Longest> {
        let key = |longest: &Longest| (longest.rto, std::cmp::Reverse(longest.history));
        one.into_iter().chain(other).max_by_key(key)
    }
}

impl Partial {
    /// Of no history yet; `baseline` is the index of the strategy that the others are compared with.
    pub fn new(scenario: &Scenario, baseline: usize) -> Partial {
        let rates = scenario.costs.downtime_per_hour.iter().map(|band| band.1);
        let first = rates.clone().next().filter(|rate| *rate > 0.0);
        let price = first.unwrap_or(rates.fold(0.0, f64::max));
        let unpriced = price == 0.0;
        let years = scenario.run.horizon.years();
        let period = Period {
            count: (years.floor() as usize).max(1),
            years: years.min(1.0),
            price: if unpriced { PRICE_WITHOUT_ONE } else { price },
            unpriced,
        };
        Partial {
            histories: 0,
            baseline,
            period,
            objectives: scenario.hazards.iter().map(|hazard| hazard.objectives).collect(),
            strategies: (0..scenario.strategies.len()).map(|index| StrategyTally::new(scenario, index)).collect(),
            scratch: Scratch::default(),
        }
    }

    /// Adds the history with this number: its outcome and its bill for each strategy, in the order of the scenario.
    pub fn add_history(&mut self, number: u64, outcomes: &[Outcome], bills: &[Bill]) {
        assert!(outcomes.len() == self.strategies.len() && bills.len() == outcomes.len(), "one for each strategy");
        self.histories += 1;
        let Scratch { missed, compared } = &mut self.scratch;
        for (tally, (outcome, bill)) in self.strategies.iter_mut().zip(outcomes.iter().zip(bills)) {
            compared.push(tally.add(number, outcome, bill, &self.objectives, &self.period, missed));
        }
        let base = compared[self.baseline];
        for (tally, own) in self.strategies.iter_mut().zip(compared.drain(..)) {
            for (difference, (own, base)) in tally.differences.iter_mut().zip(own.into_iter().zip(base)) {
                difference.add(own - base);
            }
        }
    }

    /// All of it but for what the scenario says.
    pub fn into_stored(self) -> Stored {
        Stored { histories: self.histories, strategies: self.strategies }
    }

    /// The partial again, given the same scenario and baseline; `None` where it is of another scenario.
    pub fn from_stored(scenario: &Scenario, baseline: usize, stored: Stored) -> Option<Partial> {
        let empty = Partial::new(scenario, baseline);
        let shape = |strategies: &[StrategyTally]| strategies.iter().map(|one| one.hazards.len()).collect::<Vec<_>>();
        let same = shape(&empty.strategies) == shape(&stored.strategies);
        same.then_some(Partial { histories: stored.histories, strategies: stored.strategies, ..empty })
    }

    /// Adds the histories of `other`, a partial of the same scenario.
    pub fn merge(&mut self, other: &Partial) {
        assert!(
            self.strategies.len() == other.strategies.len() && self.baseline == other.baseline,
            "partials of one scenario"
        );
        self.histories += other.histories;
        self.strategies.iter_mut().zip(&other.strategies).for_each(|(sum, part)| sum.merge(part));
    }

    /// How many histories were added.
    pub fn histories(&self) -> u64 {
        self.histories
    }

    /// Index of the strategy that the others are compared with.
    pub fn baseline(&self) -> usize {
        self.baseline
    }

    /// In the order of the scenario.
    pub fn strategies(&self) -> &[StrategyTally] {
        &self.strategies
    }

    /// How many periods (whole years, or shorter horizons) all histories have together.
    pub fn periods(&self) -> u64 {
        self.histories * self.period.count as u64
    }

    /// Length of a period in years, at most 1.
    pub fn period_years(&self) -> f64 {
        self.period.years
    }

    /// The `index`-th price of a cost curve, as a factor of the scenario's own.
    pub fn price_factor(&self, index: usize) -> f64 {
        FACTORS[index]
    }

    /// The prices of an hour of downtime that cost curves are drawn over.
    pub fn price(&self, index: usize) -> f64 {
        self.period.price * FACTORS[index]
    }

    /// Whether the scenario puts no price on downtime, so that the prices of cost curves are only examples.
    pub fn is_unpriced(&self) -> bool {
        self.period.unpriced
    }
}

/// Whether an incident is within the recovery time and the recovery point objective; there being none is met.
pub fn met(incident: &Incident, objectives: &Objectives) -> (bool, bool) {
    (
        objectives.rto.is_none_or(|objective| incident.rto <= objective),
        objectives.rpo.is_none_or(|objective| incident.rpo <= objective),
    )
}

impl StrategyTally {
    fn new(scenario: &Scenario, index: usize) -> StrategyTally {
        let path_parts = PathParts::new(&scenario.strategies[index]);
        let hazard = HazardTally { path: Path::new(&path_parts), ..HazardTally::default() };
        StrategyTally {
            hazards: vec![hazard; scenario.hazards.len()],
            clusters: [Ratio::default(); TALLIES],
            path_parts,
            downtime: Moments::default(),
            planned_downtime: Moments::default(),
            incidents: Moments::default(),
            breaches: Moments::default(),
            charged: Moments::default(),
            parts: [Moments::default(); 4],
            cost: Moments::default(),
            periods_with_breach: 0,
            yearly: Moments::default(),
            yearly_costs: Histogram::default(),
            quiet: Histogram::default(),
            priced: vec![Histogram::default(); PRICES],
            differences: [Difference::default(); 3],
        }
    }

    /// What recovery time is divided into.
    pub fn path_parts(&self) -> &PathParts {
        &self.path_parts
    }

    /// Incidents of the hazard with this index.
    pub fn hazard(&self, index: usize) -> &HazardTally {
        &self.hazards[index]
    }

    /// Incidents of all hazards, added up.
    pub fn all(&self) -> HazardTally {
        let (first, others) = self.hazards.split_first().map_or((None, &[][..]), |(first, rest)| (Some(first), rest));
        let mut all = first.cloned().unwrap_or_default();
        others.iter().for_each(|hazard| all.merge(hazard));
        for (tally, clusters) in all.tallies().into_iter().zip(self.clusters) {
            *tally = std::mem::take(tally).clustered(clusters);
        }
        all
    }

    /// Cost a year at the `index`-th price, millionths, over periods.
    pub fn costs_at_price(&self, index: usize) -> Histogram<COARSE> {
        let mut all = self.quiet.clone();
        all.merge(&self.priced[index]);
        all
    }

    /// Returns what is compared between strategies: full outage, breaches, cost.
    fn add(
        &mut self,
        number: u64,
        outcome: &Outcome,
        bill: &Bill,
        objectives: &[Objectives],
        period: &Period,
        missed: &mut Vec<usize>,
    ) -> [i128; 3] {
        for incident in &outcome.incidents {
            let hazard = &mut self.hazards[incident.hazard];
            if !hazard.add(incident, &objectives[incident.hazard], &self.path_parts) {
                missed.push((incident.onset.0.max(0) / Time::YEAR.0) as usize);
            }
            // Almost always shorter: the compare is all that this costs.
            if hazard.longest.is_none_or(|longest| incident.rto >= longest.rto) {
                hazard.longest = Longest::join(hazard.longest, Some(Longest { rto: incident.rto, history: number }));
            }
        }
        self.end_history(outcome);
        let breaches = missed.len() as i128;
        self.downtime.add(outcome.downtime.0.into());
        self.planned_downtime.add(outcome.planned_downtime.0.into());
        self.incidents.add(outcome.incidents.len() as i128);
        self.breaches.add(breaches);
        missed.sort_unstable();
        missed.dedup();
        self.periods_with_breach += missed.iter().filter(|year| **year < period.count).count() as u64;
        missed.clear();
        [outcome.downtime.0.into(), breaches, self.add_bill(bill, period)]
    }

    /// Closes the clusters of durations of the history under way.
    fn end_history(&mut self, outcome: &Outcome) {
        let mut open = [(0, 0); TALLIES];
        for incident in &outcome.incidents {
            for (tally, (sum, count)) in self.hazards[incident.hazard].tallies().into_iter().zip(&mut open) {
                let more = tally.end_history();
                (*sum, *count) = (*sum + more.0, *count + more.1);
            }
        }
        for (clusters, (sum, count)) in self.clusters.iter_mut().zip(open).filter(|(_, open)| open.1 > 0) {
            clusters.add(sum, count);
        }
    }

    /// Returns the cost of the history.
    fn add_bill(&mut self, bill: &Bill, period: &Period) -> i128 {
        let parts = bill.parts();
        let amounts = [parts.infrastructure, parts.downtime, parts.data_loss, parts.other];
        self.charged.add(bill.charged.iter().map(|time| time.0).sum::<i64>().into());
        self.parts.iter_mut().zip(amounts).for_each(|(moments, amount)| moments.add(amount.0));
        let cost = parts.total().0;
        self.cost.add(cost);
        // Most years are as quiet as the one before and cost the same: those are added at one go.
        let (mut quiet, mut like_it) = (Money::ZERO, 0);
        for (year, charged) in bill.years.iter().zip(&bill.charged).take(period.count) {
            let total = period.a_year(year.total());
            if *charged != Time::ZERO {
                self.yearly.add(total.0);
                self.yearly_costs.add(counted(total));
                self.add_priced(total, year, *charged, period);
            } else if total == quiet {
                like_it += 1;
            } else {
                self.add_quiet(quiet, like_it);
                (quiet, like_it) = (total, 1);
            }
        }
        self.add_quiet(quiet, like_it);
        cost
    }

    /// Periods without downtime that cost the same.
    fn add_quiet(&mut self, total: Money, periods: u64) {
        if periods > 0 {
            self.yearly.add_many(total.0, periods);
            self.yearly_costs.add_many(counted(total), periods);
            self.quiet.add_many(counted(total), periods);
        }
    }

    /// A period with downtime, at every price.
    fn add_priced(&mut self, total: Money, year: &Parts, charged: Time, period: &Period) {
        let downtime = period.a_year(year.downtime);
        let rest = (total - downtime).0 as f64;
        let unpriced = charged.hours() * period.price * Money::SCALE / period.years;
        let priced = if period.unpriced { unpriced } else { downtime.0 as f64 };
        for (histogram, factor) in self.priced.iter_mut().zip(FACTORS) {
            histogram.add((rest + priced * factor) as u64); // what is negative is 0
        }
    }

    fn merge(&mut self, other: &StrategyTally) {
        self.hazards.iter_mut().zip(&other.hazards).for_each(|(sum, part)| sum.merge(part));
        self.clusters.iter_mut().zip(&other.clusters).for_each(|(sum, part)| sum.merge(part));
        self.downtime.merge(&other.downtime);
        self.planned_downtime.merge(&other.planned_downtime);
        self.incidents.merge(&other.incidents);
        self.breaches.merge(&other.breaches);
        self.charged.merge(&other.charged);
        self.parts.iter_mut().zip(&other.parts).for_each(|(sum, part)| sum.merge(part));
        self.cost.merge(&other.cost);
        self.periods_with_breach += other.periods_with_breach;
        self.yearly.merge(&other.yearly);
        self.yearly_costs.merge(&other.yearly_costs);
        self.quiet.merge(&other.quiet);
        self.priced.iter_mut().zip(&other.priced).for_each(|(sum, part)| sum.merge(part));
        for (sum, part) in self.differences.iter_mut().zip(&other.differences) {
            sum.moments.merge(&part.moments);
            sum.better += part.better;
            sum.worse += part.worse;
        }
    }
}

/// Histograms hold what is not negative.
fn counted(amount: Money) -> u64 {
    u64::try_from(amount.0.max(0)).unwrap_or(u64::MAX)
}

impl Difference {
    fn add(&mut self, difference: i128) {
        self.moments.add(difference);
        self.better += u64::from(difference < 0);
        self.worse += u64::from(difference > 0);
    }
}

impl HazardTally {
    /// Whether the objectives are met.
    fn add(&mut self, incident: &Incident, objectives: &Objectives, parts: &PathParts) -> bool {
        self.rto.add(incident.rto);
        self.rpo.add(incident.rpo);
        self.waited.add(incident.waited);
        incident.rto_from_declaration.into_iter().for_each(|time| self.rto_from_declaration.add(time));
        incident.exposure.into_iter().for_each(|time| self.exposure.add(time));
        let (rto, rpo) = met(incident, objectives);
        self.met_rto += u64::from(rto);
        self.met_rpo += u64::from(rpo);
        self.met_both += u64::from(rto && rpo);
        self.ended[incident.ended as usize] += 1;
        self.control_plane_needed += u64::from(incident.control_plane_needed);
        let met = rto && rpo;
        if !incident.rto.is_never() {
            self.path.add(incident, parts);
        }
        met
    }

    /// How many incidents.
    pub fn count(&self) -> u64 {
        self.rto.count()
    }

    fn tallies(&mut self) -> [&mut Tally; TALLIES] {
        [&mut self.rto, &mut self.rto_from_declaration, &mut self.rpo, &mut self.exposure, &mut self.waited]
    }

    fn merge(&mut self, other: &HazardTally) {
        self.rto.merge(&other.rto);
        self.rto_from_declaration.merge(&other.rto_from_declaration);
        self.rpo.merge(&other.rpo);
        self.exposure.merge(&other.exposure);
        self.waited.merge(&other.waited);
        self.met_rto += other.met_rto;
        self.met_rpo += other.met_rpo;
        self.met_both += other.met_both;
        self.ended.iter_mut().zip(other.ended).for_each(|(sum, part)| *sum += part);
        self.control_plane_needed += other.control_plane_needed;
        self.path.merge(&other.path);
        self.longest = Longest::join(self.longest, other.longest);
    }
}
