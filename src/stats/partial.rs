//! The result of a range of histories under every strategy, as exact counts and sums.
//!
//! Merging is exact, so any split of the histories over any number of workers, merged in any order, is the same value.

use super::cluster::{Shares, Squares, Thresholds, Years};
use super::few;
use super::histogram::{COARSE, FINE, Histogram, Histograms};
use super::interval::{Estimate, clustered_mean_interval, clustered_quantile_ranks, clustered_share_interval};
use super::moments::{Extremes, Moments, Ratio};
use super::path::{Path, PathParts};
use super::tally::Tally;
use crate::cost::{Bill, BilledYear, Money};
use crate::model::{Objectives, Scenario};
use crate::outcome::{Ended, Incident, Outcome, YearSet};
use crate::units::Time;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// How many prices of downtime a cost curve has.
pub const PRICES: usize = 7;
/// Times the scenario's own price: three decades, each in two even steps of the logarithm. Between two of them a mean cost is a
/// straight line in the price; a quantile only about, as it bends where years that are dear for another reason take its place.
static FACTORS: [f64; PRICES] = [
    0.031_622_776_601_683_79,
    0.1,
    0.316_227_766_016_837_94,
    1.0,
    3.162_277_660_168_379_5,
    10.0,
    31.622_776_601_683_793,
];
/// Stands in where the scenario puts no price on downtime.
const PRICE_WITHOUT_ONE: f64 = 10_000.0;

/// With fewer periods beyond a quantile, counted as independent ones, the mean of those has no interval.
const ENOUGH_IN_TAIL: u64 = 50;

/// Durations that are tallied of each hazard.
const TALLIES: usize = 5;
/// What is compared between strategies: full outage, breaches, cost.
pub const COMPARED: usize = 3;

/// All that the results are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Partial {
    histories: u64,
    baseline: usize,
    period: Period,
    objectives: Vec<Objectives>,
    strategies: Vec<StrategyTally>,
    /// Of each two strategies, the pairs in the order of [`pair`]: squares of the differences in what is compared.
    pairs: Vec<[Squares; COMPARED]>,
    scratch: Scratch,
}

/// What a [`Partial`] is made of, but for what its scenario says: to be written down and read again.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stored {
    histories: u64,
    strategies: Vec<StrategyTally>,
    pairs: Vec<[Squares; COMPARED]>,
}

/// Room for what is known of the history under way; empty between two.
#[derive(Clone, Debug, Default, PartialEq)]
struct Scratch {
    /// Periods in which an incident began under one strategy that missed an objective.
    missed: YearSet,
    /// What is compared between strategies.
    compared: Vec<[i128; COMPARED]>,
    /// The same by strategy and period.
    by_period: Vec<[i128; COMPARED]>,
    /// By incident.
    counted: Vec<Counted>,
    /// The hazards of the incidents with their numbers, sorted.
    by_hazard: Vec<u64>,
    /// Those incidents that are looked at.
    ranked: Vec<Counted>,
    /// What each period cost in which something happened.
    costs: Vec<u64>,
}

/// What an incident is counted as: its durations' buckets of [`Thresholds`], in the order of [`HazardTally::tallies`];
/// then, bit by bit, which of [`Shares`] it counts for; then nothing.
type Counted = [i16; few::COLUMNS];
/// The bucket of a duration that an incident does not have.
const NONE: i16 = -1;

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
    /// Whether there are several strategies, to be compared period by period.
    compared: bool,
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
    /// What durations of one history have in common that are of different hazards, in the order of
    /// [`HazardTally::tallies`]; what those of one have in common is kept there.
    clusters: [Ratio; TALLIES],
    /// Likewise.
    thresholds: [Thresholds; TALLIES],
    /// What shares of the incidents of one history have in common; likewise.
    shares: Shares,
    path_parts: PathParts,
    /// Per history, microseconds of full outage, planned apart.
    pub downtime: Moments,
    /// Per history, microseconds of planned outage.
    pub planned_downtime: Moments,
    /// Per history.
    pub incidents: Moments,
    /// Per history, incidents that missed an objective.
    pub breaches: Moments,
    /// Over all histories, microseconds of full outage that are charged for, planned ones and those past the horizon too.
    charged: i128,
    /// Per history, millionths: infrastructure, downtime, data loss, other.
    pub parts: [Moments; 4],
    /// Per history, millionths.
    pub cost: Moments,
    /// Histories with an incident or any downtime to be charged.
    pub disturbed: u64,
    /// Periods with at least one breach.
    pub periods_with_breach: Periods,
    /// Per period, millionths.
    pub yearly_costs: Histogram<FINE>,
    /// Of those costs.
    extremes: Extremes,
    /// What the costs of the periods of one history have in common.
    years: Years,
    /// Per period without downtime to be charged, millionths: the same at every price.
    quiet: Histogram<COARSE>,
    /// Per period with downtime, by price, millionths.
    priced: Histograms<COARSE, PRICES>,
    /// Periods in which this strategy has less than the baseline of what is compared.
    pub better: [Periods; COMPARED],
    /// Periods in which it has more.
    pub worse: [Periods; COMPARED],
}

/// Periods of histories that all have equally many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Periods {
    /// How many.
    pub count: u64,
    /// Twice the pairs of one history.
    pairs: u64,
}

impl Periods {
    /// Those of one history.
    fn add(&mut self, count: u64) {
        self.count += count;
        self.pairs += count * count.saturating_sub(1);
    }

    fn merge(&mut self, other: &Periods) {
        self.count += other.count;
        self.pairs += other.pairs;
    }

    /// Their share in all periods of so many histories; those of one history may depend on each other. Where they are
    /// none or all, nothing tells how much: a history then counts as one period.
    pub fn share(&self, histories: u64, periods: u64) -> Option<Estimate> {
        let each = periods.checked_div(histories)?;
        let (n, share, others) = (periods as f64, self.count as f64 / periods as f64, each as f64 - 1.0);
        let design_effect = if self.count == 0 || self.count == periods {
            each as f64
        } else {
            // Each period has the same number of others in its history.
            let excess = self.pairs as f64 - share * n * share * others;
            (1.0 + excess / (n * share * (1.0 - share))).max(1.0)
        };
        clustered_share_interval(self.count, periods, design_effect)
    }
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
    /// What those shares of the incidents of one history have in common.
    shares: Shares,
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
        let strategies = scenario.strategies.len();
        let period = Period {
            count: (years.floor() as usize).max(1),
            years: years.min(1.0),
            price: if unpriced { PRICE_WITHOUT_ONE } else { price },
            unpriced,
            compared: strategies > 1,
        };
        Partial {
            histories: 0,
            baseline,
            period,
            objectives: scenario.hazards.iter().map(|hazard| hazard.objectives).collect(),
            strategies: (0..strategies).map(|index| StrategyTally::new(scenario, index)).collect(),
            pairs: vec![[Squares::default(); COMPARED]; strategies * (strategies - 1) / 2],
            scratch: Scratch { missed: YearSet::none(period.count), ..Scratch::default() },
        }
    }

    /// Adds the history with this number: its outcome and its bill for each strategy, in the order of the scenario.
    pub fn add_history(&mut self, number: u64, outcomes: &[Outcome], bills: &[Bill]) {
        assert!(outcomes.len() == self.strategies.len() && bills.len() == outcomes.len(), "one for each strategy");
        self.histories += 1;
        for (tally, (outcome, bill)) in self.strategies.iter_mut().zip(outcomes.iter().zip(bills)) {
            let compared = tally.add(number, outcome, bill, &self.objectives, &self.period, &mut self.scratch);
            self.scratch.compared.push(compared);
        }
        if self.period.compared {
            self.compare();
        }
        self.scratch.compared.clear();
        self.scratch.by_period.clear();
    }

    /// Compares the strategies in the history under way.
    fn compare(&mut self) {
        let Scratch { compared, by_period, .. } = &self.scratch;
        let others = compared
            .iter()
            .enumerate()
            .flat_map(|(index, one)| compared[..index].iter().map(move |other| (one, other)));
        for (squares, (one, other)) in self.pairs.iter_mut().zip(others) {
            squares.iter_mut().zip(one.iter().zip(other)).for_each(|(sum, (one, other))| sum.add(one - other));
        }
        let periods = self.period.count;
        let base = &by_period[self.baseline * periods..][..periods];
        for (tally, own) in self.strategies.iter_mut().zip(by_period.chunks_exact(periods)) {
            for metric in 0..COMPARED {
                let (mut better, mut worse) = (0, 0);
                for (own, base) in own.iter().zip(base) {
                    better += u64::from(own[metric] < base[metric]);
                    worse += u64::from(own[metric] > base[metric]);
                }
                tally.better[metric].add(better);
                tally.worse[metric].add(worse);
            }
        }
    }

    /// All of it but for what the scenario says.
    pub fn into_stored(self) -> Stored {
        Stored { histories: self.histories, strategies: self.strategies, pairs: self.pairs }
    }

    /// The partial again, given the same scenario and baseline; `None` where it is of another scenario.
    pub fn from_stored(scenario: &Scenario, baseline: usize, stored: Stored) -> Option<Partial> {
        let empty = Partial::new(scenario, baseline);
        let shape = |strategies: &[StrategyTally]| strategies.iter().map(|one| one.hazards.len()).collect::<Vec<_>>();
        let Stored { histories, strategies, pairs } = stored;
        let same = shape(&empty.strategies) == shape(&strategies) && empty.pairs.len() == pairs.len();
        same.then_some(Partial { histories, strategies, pairs, ..empty })
    }

    /// Adds the histories of `other`, a partial of the same scenario; the threads of the current rayon pool share the
    /// strategies.
    pub fn merge(&mut self, other: &Partial) {
        assert!(
            self.strategies.len() == other.strategies.len() && self.baseline == other.baseline,
            "partials of one scenario"
        );
        self.histories += other.histories;
        self.strategies.par_iter_mut().zip(&other.strategies).for_each(|(sum, part)| sum.merge(part));
        for (sums, parts) in self.pairs.iter_mut().zip(&other.pairs) {
            sums.iter_mut().zip(parts).for_each(|(sum, part)| sum.merge(*part));
        }
    }

    /// One strategy less another, history by history, in the `metric`-th of what is compared.
    pub fn difference(&self, one: usize, other: usize, metric: usize) -> Difference {
        let sum = |strategy: usize| self.strategies[strategy].compared()[metric].sum();
        let sum = sum(one) - sum(other);
        let squares = if one == other { Squares::default() } else { self.pairs[pair(one, other)][metric] };
        Difference {
            mean: sum as f64 / self.histories.max(1) as f64,
            error: squares.error(sum, self.histories),
            none: squares.is_zero(),
        }
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

/// Where two different strategies are among all pairs.
fn pair(one: usize, other: usize) -> usize {
    let (low, high) = (one.min(other), one.max(other));
    high * (high - 1) / 2 + low
}

/// A quantity under one strategy less the same under another, history by history.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// Per history.
    pub mean: f64,
    /// Standard error of the mean.
    pub error: Option<f64>,
    /// No history showed any difference.
    pub none: bool,
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
        let path_parts = PathParts::new(scenario, index);
        let hazard = HazardTally { path: Path::new(&path_parts), ..HazardTally::default() };
        StrategyTally {
            hazards: vec![hazard; scenario.hazards.len()],
            clusters: [Ratio::default(); TALLIES],
            thresholds: Default::default(),
            shares: Shares::default(),
            path_parts,
            downtime: Moments::default(),
            planned_downtime: Moments::default(),
            incidents: Moments::default(),
            breaches: Moments::default(),
            charged: 0,
            parts: [Moments::default(); 4],
            cost: Moments::default(),
            disturbed: 0,
            periods_with_breach: Periods::default(),
            yearly_costs: Histogram::default(),
            extremes: Extremes::default(),
            years: Years::default(),
            quiet: Histogram::default(),
            priced: Histograms::default(),
            better: [Periods::default(); COMPARED],
            worse: [Periods::default(); COMPARED],
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
        for (tally, (clusters, across)) in all.tallies().into_iter().zip(self.clusters.iter().zip(&self.thresholds)) {
            tally.join(clusters, across);
        }
        all.shares.merge(&self.shares);
        all
    }

    /// What is compared between strategies, per history: full outage (microseconds), breaches, cost (millionths).
    pub fn compared(&self) -> [&Moments; COMPARED] {
        [&self.downtime, &self.breaches, &self.cost]
    }

    /// The `p`-quantile of the cost of a period, millionths; `None` where too few were seen to speak of it. The years of
    /// a history may depend on each other.
    pub fn cost_quantile(&self, p: f64, histories: u64) -> Option<Estimate> {
        let (costs, n) = (&self.yearly_costs, self.yearly_costs.count());
        // The outermost values are known exactly.
        let (least, most) = self.extremes.known()?;
        let ranked = costs.ranked();
        let at = |rank: u64| ranked.at_rank(rank).map(|ticks| ticks.clamp(least, most) as f64);
        let middle = ranked.at_rank(((p * n as f64).ceil() as u64).max(1))?;
        let design_effect = self.years.design_effect(middle, n / histories.max(1), &ranked);
        let (low, high) = clustered_quantile_ranks(n, p, design_effect)?;
        let ends = (low.and_then(at).unwrap_or(0.0), high.and_then(at).unwrap_or(f64::INFINITY));
        Some(Estimate { value: middle.clamp(least, most) as f64, interval: Some(ends) })
    }

    /// Mean cost of the periods beyond the `p`-quantile, millionths (conditional value at risk: Rockafellar and Uryasev,
    /// 2000); `None` where too few were seen to speak of that quantile. Its error is that of the mean excess over the
    /// quantile (Trindade, Uryasev, Shapiro and Zrazhevsky, 2007), summed by history.
    pub fn cost_beyond(&self, p: f64, histories: u64) -> Option<Estimate> {
        let (costs, n) = (&self.yearly_costs, self.yearly_costs.count() as f64);
        let threshold = self.cost_quantile(p, histories)?.value;
        let (mut sum, mut squares) = (0.0, 0.0);
        let (_, most) = self.extremes.known()?;
        costs.buckets().for_each(|(ticks, count)| {
            let excess = (ticks.min(most) as f64 - threshold).max(0.0);
            sum += count as f64 * excess;
            squares += count as f64 * excess * excess;
        });
        let (tail, clusters) = ((1.0 - p) * n, histories as f64);
        let value = threshold + sum / tail;
        let spread = (squares + self.years.products_beyond(threshold) - sum * sum / clusters).max(0.0);
        let error = (spread * clusters / (clusters - 1.0)).sqrt() / tail;
        // Years of one history that are dear together tell less than as many of different ones.
        let alike = self.years.design_effect(threshold as u64, costs.count() / histories.max(1), &costs.ranked());
        let told = (tail / alike) as u64;
        let enough = told >= ENOUGH_IN_TAIL && histories > 1;
        let interval = clustered_mean_interval(value, error, told).filter(|_| enough);
        Some(Estimate { value, interval })
    }

    /// Mean full-outage time of a history that is charged for, microseconds; 0 of none.
    pub fn charged(&self) -> f64 {
        self.charged as f64 / self.cost.count().max(1) as f64
    }

    /// Cost a year at the `index`-th price, millionths, over periods.
    pub fn costs_at_price(&self, index: usize) -> Histogram<COARSE> {
        let mut all = self.quiet.clone();
        all.merge(&self.priced.one(index));
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
        scratch: &mut Scratch,
    ) -> [i128; COMPARED] {
        let (quiet, first_row) = (bill.quiet_year().0, scratch.by_period.len());
        if period.compared {
            scratch.by_period.extend(std::iter::repeat_n([0, 0, quiet], period.count));
        }
        let by_period = &mut scratch.by_period[first_row..];
        let first = outcome.incidents.first().map(|first| first.hazard);
        let (mut alike, mut breaches) = (true, 0_u64);
        for incident in &outcome.incidents {
            let hazard = &mut self.hazards[incident.hazard];
            let counted = hazard.add(incident, &objectives[incident.hazard], &self.path_parts);
            scratch.counted.push(counted);
            alike &= first == Some(incident.hazard);
            // Nothing foretells which ones do: so that is counted without a branch.
            let breach = shares(&counted) & MET_BOTH == 0;
            breaches += u64::from(breach);
            let year = incident.year();
            if year < period.count {
                scratch.missed.add(year, breach);
                if period.compared {
                    by_period[year][1] += i128::from(breach);
                }
            }
            // Almost always shorter: the compare is all that this costs.
            if hazard.longest.is_none_or(|longest| incident.rto >= longest.rto) {
                hazard.longest = Longest::join(hazard.longest, Some(Longest { rto: incident.rto, history: number }));
            }
        }
        if period.compared {
            for (year, billed) in bill.eventful().filter(|(year, _)| *year < period.count) {
                let planned = outcome.years.get(year).map_or(0, |year| year.planned.0);
                (by_period[year][0], by_period[year][2]) = ((billed.charged.0 - planned).into(), billed.total.0);
            }
        }
        self.periods_with_breach.add(scratch.missed.count());
        match first {
            Some(hazard) if alike => _ = self.hazards[hazard].end_history(&mut scratch.counted),
            Some(_) => self.end_history(&outcome.incidents, scratch),
            None => {}
        }
        scratch.counted.clear();
        scratch.missed.clear();
        self.downtime.add_small(Tally::counted(outcome.downtime));
        self.planned_downtime.add_small(Tally::counted(outcome.planned_downtime));
        self.incidents.add_small(outcome.incidents.len() as u64);
        self.breaches.add_small(breaches);
        let disturbed = !outcome.incidents.is_empty() || bill.charged() != Time::ZERO;
        self.disturbed += u64::from(disturbed);
        [outcome.downtime.0.into(), breaches.into(), self.add_bill(bill, period, &mut scratch.costs)]
    }

    /// Notes what the incidents of a history have in common that are of several hazards.
    fn end_history(&mut self, incidents: &[Incident], scratch: &mut Scratch) {
        let Scratch { counted, by_hazard, ranked, .. } = scratch;
        ranked.clone_from(counted);
        few::sort_columns(ranked);
        self.shares.merge(&Shares::of(ranked.iter().map(shares)));
        self.thresholds.iter_mut().zip(0..).for_each(|(across, at)| across.add(column(ranked, at)));
        by_hazard.extend(incidents.iter().zip(0..).map(|(incident, number)| key(incident.hazard, number)));
        few::sort(by_hazard);
        let mut all = [(0, 0); TALLIES];
        for of_one in by_hazard.chunk_by(|one, other| high(*one) == high(*other)) {
            ranked.clear();
            ranked.extend(of_one.iter().map(|key| counted[low(*key)]));
            let own = self.hazards[high(of_one[0])].end_history(ranked);
            all.iter_mut().zip(own).for_each(|(all, own)| *all = (all.0 + own.0, all.1 + own.1));
            self.take_away(own, ranked);
        }
        self.clusters.iter_mut().zip(all).for_each(|(across, (sum, count))| across.add(sum, count));
        ranked.clear();
        by_hazard.clear();
    }

    /// What durations of one hazard, with these sums and numbers, have in common is kept there and not here.
    fn take_away(&mut self, sums: [(i128, u64); TALLIES], sorted: &[Counted]) {
        self.clusters.iter_mut().zip(sums).for_each(|(across, (sum, count))| across.take_away(sum, count));
        if sorted.len() > 1 {
            self.shares.take_away(&Shares::of(sorted.iter().map(shares)));
            self.thresholds.iter_mut().zip(0..).for_each(|(across, at)| across.take_away(column(sorted, at)));
        }
    }

    /// Returns the cost of the history.
    fn add_bill(&mut self, bill: &Bill, period: &Period, costs: &mut Vec<u64>) -> i128 {
        let parts = bill.parts();
        let amounts = [parts.infrastructure, parts.downtime, parts.data_loss, parts.other];
        self.charged += i128::from(bill.charged().0);
        self.parts.iter_mut().zip(&amounts).for_each(|(moments, amount)| moments.add(amount.0));
        let cost = parts.total().0;
        self.cost.add(cost);
        for (_, year) in bill.eventful().filter(|(year, _)| *year < period.count) {
            let total = period.a_year(year.total);
            if year.charged == Time::ZERO {
                self.quiet.add(counted(total));
            } else {
                self.add_priced(total, year, period);
            }
            costs.push(counted(total));
            self.yearly_costs.add(counted(total));
            self.extremes.add(counted(total));
        }
        let total = period.a_year(bill.quiet_year());
        let quiet = (period.count - costs.len()) as u64;
        if quiet > 0 {
            self.quiet.add_many(counted(total), quiet);
            self.yearly_costs.add_many(counted(total), quiet);
            self.extremes.add(counted(total));
        }
        few::sort(costs);
        self.years.add(costs, (counted(total), quiet));
        costs.clear();
        cost
    }

    /// A period with downtime, at every price.
    fn add_priced(&mut self, total: Money, year: &BilledYear, period: &Period) {
        let downtime = period.a_year(year.downtime);
        let rest = (total - downtime).millionths();
        let priced = match period.unpriced {
            true => year.charged.hours() * period.price * Money::SCALE / period.years,
            false => downtime.millionths(),
        };
        self.priced.add(&FACTORS.map(|factor| rest + priced * factor));
    }

    fn merge(&mut self, other: &StrategyTally) {
        self.hazards.iter_mut().zip(&other.hazards).for_each(|(sum, part)| sum.merge(part));
        self.clusters.iter_mut().zip(&other.clusters).for_each(|(sum, part)| sum.merge(part));
        self.thresholds.iter_mut().zip(&other.thresholds).for_each(|(sum, part)| sum.merge(part));
        self.shares.merge(&other.shares);
        self.downtime.merge(&other.downtime);
        self.planned_downtime.merge(&other.planned_downtime);
        self.incidents.merge(&other.incidents);
        self.breaches.merge(&other.breaches);
        self.charged += other.charged;
        self.parts.iter_mut().zip(&other.parts).for_each(|(sum, part)| sum.merge(part));
        self.cost.merge(&other.cost);
        self.disturbed += other.disturbed;
        self.periods_with_breach.merge(&other.periods_with_breach);
        self.yearly_costs.merge(&other.yearly_costs);
        self.extremes.merge(other.extremes);
        self.years.merge(&other.years);
        self.quiet.merge(&other.quiet);
        self.priced.merge(&other.priced);
        self.better.iter_mut().zip(&other.better).for_each(|(sum, part)| sum.merge(part));
        self.worse.iter_mut().zip(&other.worse).for_each(|(sum, part)| sum.merge(part));
    }
}

/// Histograms hold what is not negative.
fn counted(amount: Money) -> u64 {
    u64::try_from(amount.0.max(0)).unwrap_or(u64::MAX)
}

/// Of incidents whose columns are sorted: the buckets of one column, the greatest first.
#[inline]
fn column(sorted: &[Counted], at: usize) -> impl ExactSizeIterator<Item = i16> + '_ {
    // Most often all have a duration, or none.
    let all_missing = sorted.last().is_some_and(|last| last[at] == NONE);
    let missing = || sorted.iter().take_while(|counted| counted[at] == NONE).count();
    sorted[if all_missing { sorted.len() } else { missing() }..].iter().rev().map(move |counted| counted[at])
}

/// Which of [`Shares`] an incident counts for; of incidents whose columns are sorted, those of another of them.
fn shares(counted: &Counted) -> u32 {
    counted[TALLIES] as u32
}

/// The bit of [`Shares`] of incidents within both objectives.
const MET_BOTH: u32 = 1 << 2;

/// Two numbers in one, sorted by the first and then by the second.
fn key(high: usize, low: usize) -> u64 {
    (high as u64) << 32 | low as u64
}

/// The first of them.
fn high(key: u64) -> usize {
    (key >> 32) as usize
}

/// The second of them.
fn low(key: u64) -> usize {
    key as u32 as usize
}

impl HazardTally {
    fn add(&mut self, incident: &Incident, objectives: &Objectives, parts: &PathParts) -> Counted {
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
        if !incident.rto.is_never() {
            self.path.add(incident, parts);
        }
        let met = u32::from(rto) | u32::from(rpo) << 1 | if rto && rpo { MET_BOTH } else { 0 };
        let shares = met | 1 << (3 + incident.ended as u32) | u32::from(incident.control_plane_needed) << 8;
        let bucket = |duration: Time| Thresholds::bucket(Tally::counted(duration));
        [
            bucket(incident.rto),
            incident.rto_from_declaration.map_or(NONE, bucket),
            bucket(incident.rpo),
            incident.exposure.map_or(NONE, bucket),
            bucket(incident.waited),
            shares as i16,
            0,
            0,
        ]
    }

    /// Ends the history under way, in which these incidents are of this hazard, and sorts each of their columns. Returns
    /// the sums and the numbers of their durations.
    fn end_history(&mut self, incidents: &mut [Counted]) -> [(i128, u64); TALLIES] {
        if incidents.len() > 1 {
            few::sort_columns(incidents);
            self.shares.merge(&Shares::of(incidents.iter().map(shares)));
            let tallies = self.tallies().into_iter().zip(0..);
            tallies.for_each(|(tally, at)| tally.thresholds().add(column(incidents, at)));
        }
        self.tallies().map(Tally::end_history)
    }

    /// How many incidents.
    pub fn count(&self) -> u64 {
        self.rto.count()
    }

    /// Share within the recovery time objective, `None` of no incident. Incidents of one history may depend on each
    /// other; that is so for all shares.
    pub fn rto_attainment(&self) -> Option<Estimate> {
        self.share(0, self.met_rto)
    }

    /// Share within the recovery point objective.
    pub fn rpo_attainment(&self) -> Option<Estimate> {
        self.share(1, self.met_rpo)
    }

    /// Share within both objectives.
    pub fn attainment(&self) -> Option<Estimate> {
        self.share(2, self.met_both)
    }

    /// Share that ended so.
    pub fn ended(&self, how: Ended) -> Option<Estimate> {
        self.share(3 + how as usize, self.ended[how as usize])
    }

    /// Share that needed the target's control plane.
    pub fn needed_control_plane(&self) -> Option<Estimate> {
        self.share(8, self.control_plane_needed)
    }

    fn share(&self, kind: usize, seen: u64) -> Option<Estimate> {
        clustered_share_interval(seen, self.count(), self.shares.design_effect(kind, seen, self.count()))
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
        self.shares.merge(&other.shares);
        self.path.merge(&other.path);
        self.longest = Longest::join(self.longest, other.longest);
    }
}
