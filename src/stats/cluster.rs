//! What the incidents, or the years, of one history have in common: sums that give the design effect of a share, or of a
//! quantile, exactly as if the sum of every history had been kept.
//!
//! Let a history have `n` of something, `c` of which count. A ratio estimator needs the sums over histories of `c^2`,
//! `c n` and `n^2` (Cochran, *Sampling Techniques*, 6.4). Kept is only by how much they exceed what single ones would
//! give, the sums of `c (c - 1)`, `c (n - 1)` and `n (n - 1)`: a history with a single incident adds nothing and costs
//! nothing. That `c` values of a history lie beyond a threshold makes `c (c - 1) / 2` pairs, each of which has its lesser value
//! beyond it; so the pairs counted by their lesser value give the sum for every threshold at once (the cluster-robust
//! form of Woodruff's interval, 1952).

use super::histogram::{COARSE, Histogram, Ranked};
use super::moments::{SumOfSquares, product};
use super::row::Row;
use ethnum::I256;
use serde::{Deserialize, Serialize};

/// Shares of incidents: within the recovery time objective, the recovery point objective, both; by how they ended; those
/// that needed the control plane.
pub(super) const SHARES: usize = 9;

/// Buckets of 3%: fine enough for a variance.
const ROUGH: u32 = 5;

/// How many times larger the variance of a share is than that of independent ones, at least 1.
fn design_effect(of: f64, share: f64, squares: f64, cross: f64, sizes: f64) -> f64 {
    let independent = of * share * (1.0 - share);
    if independent <= 0.0 {
        return 1.0;
    }
    (1.0 + (squares - 2.0 * share * cross + share * share * sizes) / independent).max(1.0)
}

/// The excess sums of nine shares of the same incidents: those of the verdict, the ends, the control plane.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shares {
    sizes: u64,
    squares: [u64; SHARES],
    cross: [u64; SHARES],
}

impl Shares {
    /// Of some incidents of one history: which shares each of them counts for, bit by bit.
    pub(super) fn of(incidents: impl ExactSizeIterator<Item = u32> + Clone) -> Shares {
        let others = (incidents.len() as u64).saturating_sub(1);
        if others == 0 {
            return Shares::default();
        }
        let counts = counts(incidents);
        Shares {
            sizes: others * (others + 1),
            squares: counts.map(|count| count * count.saturating_sub(1)),
            cross: counts.map(|count| count * others),
        }
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Shares) {
        self.sizes += other.sizes;
        self.squares.iter_mut().zip(other.squares).for_each(|(sum, part)| *sum += part);
        self.cross.iter_mut().zip(other.cross).for_each(|(sum, part)| *sum += part);
    }

    /// Takes away what incidents that are among these have in common.
    pub(super) fn take_away(&mut self, part: &Shares) {
        self.sizes -= part.sizes;
        self.squares.iter_mut().zip(part.squares).for_each(|(sum, part)| *sum -= part);
        self.cross.iter_mut().zip(part.cross).for_each(|(sum, part)| *sum -= part);
    }

    /// Of a share that `seen` of `of` count for. Where that is none or all, nothing tells how alike those of one history
    /// are: they are then taken to be equal.
    pub fn design_effect(&self, kind: usize, seen: u64, of: u64) -> f64 {
        let (n, sizes) = (of as f64, self.sizes as f64);
        if seen == 0 || seen == of {
            return 1.0 + sizes / n.max(1.0);
        }
        design_effect(n, seen as f64 / n, self.squares[kind] as f64, self.cross[kind] as f64, sizes)
    }
}

/// How many of `sets` have each bit.
fn counts(sets: impl ExactSizeIterator<Item = u32> + Clone) -> [u64; SHARES] {
    if sets.len() > LANE as usize {
        return std::array::from_fn(|kind| sets.clone().map(|bits| u64::from(bits >> kind & 1)).sum());
    }
    let lanes: u64 = sets.map(|bits| LANES[bits as usize % LANES.len()]).sum();
    std::array::from_fn(|kind| lanes >> (LANE_BITS * kind) & LANE)
}

/// Bits of a counter of which there are [`SHARES`] in a word, and all of them set.
const LANE_BITS: usize = 7;
const LANE: u64 = (1 << LANE_BITS) - 1;

/// By set of bits: 1 in the counter of each bit.
static LANES: [u64; 1 << SHARES] = {
    let mut lanes = [0; 1 << SHARES];
    let mut set = 0;
    while set < lanes.len() {
        let mut kind = 0;
        while kind < SHARES {
            lanes[set] |= (set as u64 >> kind & 1) << (LANE_BITS * kind);
            kind += 1;
        }
        set += 1;
    }
    lanes
};

/// The excess sums of values beyond any threshold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thresholds {
    sizes: u64,
    /// By bucket of the value: twice the pairs of which it is the lesser, and the others of its history.
    buckets: Row<[u64; 2]>,
}

impl Thresholds {
    /// Where a value is counted.
    #[inline]
    pub(super) fn bucket(value: u64) -> i16 {
        // The last one is below 2000.
        Histogram::<ROUGH>::bucket(value) as i16
    }

    /// Adds the values of one history by their buckets, the greatest first.
    #[inline]
    pub(super) fn add(&mut self, greatest_first: impl ExactSizeIterator<Item = i16>) {
        self.add_or_take_away(greatest_first, 1);
    }

    /// Takes away what values that are among those of a history have in common.
    #[inline]
    pub(super) fn take_away(&mut self, greatest_first: impl ExactSizeIterator<Item = i16>) {
        self.add_or_take_away(greatest_first, -1);
    }

    #[inline]
    fn add_or_take_away(&mut self, greatest_first: impl ExactSizeIterator<Item = i16>, sign: i64) {
        let signed = |number: u64| (number as i64 * sign) as u64;
        let count = greatest_first.len() as u64;
        let others = count.saturating_sub(1);
        if others == 0 {
            return;
        }
        self.sizes = self.sizes.wrapping_add(signed(count * others));
        for (greater, bucket) in (0..).zip(greatest_first) {
            let [pairs, all] = self.buckets.at(bucket as usize);
            *pairs = pairs.wrapping_add(signed(2 * greater));
            *all = all.wrapping_add(signed(others));
        }
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Thresholds) {
        self.sizes += other.sizes;
        self.buckets.merge(&other.buckets, |sum, part| *sum = [sum[0] + part[0], sum[1] + part[1]]);
    }

    /// Of the share beyond `value`, where those of `counted` were and so many of the value `last`: the larger one of the
    /// design effects at the ends of its bucket.
    pub(super) fn design_effect<const BITS: u32>(
        &self,
        value: u64,
        counted: &Ranked<BITS>,
        (last, count): (u64, u64),
    ) -> f64 {
        let (at, last) = (Histogram::<ROUGH>::bucket(value), Histogram::<ROUGH>::bucket(last));
        let beyond = |from: usize| counted.beyond::<ROUGH>(from) + if last >= from { count } else { 0 };
        let all = beyond(0);
        let effect = |from: usize| {
            let sums =
                self.buckets.values_from(from).iter().fold([0, 0], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
            let share = beyond(from) as f64 / all as f64;
            design_effect(all as f64, share, sums[0] as f64, sums[1] as f64, self.sizes as f64)
        };
        effect(at).max(effect(at + 1))
    }
}

/// Costs of the years of histories that have equally many: what [`Thresholds`] are for values, and the sums that the
/// excess beyond a threshold needs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Years {
    /// By bucket of the cost.
    buckets: Row<Pairs>,
}

/// Pairs of years of one history by their cheaper year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Pairs {
    count: u64,
    /// What the dearer years cost.
    dearer: i128,
}

impl Pairs {
    fn add(&mut self, more: &Pairs) {
        self.count += more.count;
        self.dearer += more.dearer;
    }
}

impl Years {
    /// Adds the years of a history: what some of them cost, ascending, and what each of the others costs, with their
    /// number.
    pub(super) fn add(&mut self, ascending: &[u64], (cost, alike): (u64, u64)) {
        // Hardly any year costs less than the others, in which nothing happened.
        let cheaper = ascending.iter().take_while(|other| **other < cost).count();
        let mut dearer = Pairs::default();
        ascending[cheaper..].iter().rev().for_each(|one| self.add_run(*one, 1, &mut dearer));
        if alike > 0 {
            self.add_run(cost, alike, &mut dearer);
        }
        ascending[..cheaper].iter().rev().for_each(|one| self.add_run(*one, 1, &mut dearer));
    }

    /// Adds so many years that cost the same to those that were `dearer`: how many, and what they cost together.
    #[inline]
    fn add_run(&mut self, cost: u64, length: u64, dearer: &mut Pairs) {
        let within = length * (length - 1) / 2;
        let pairs = Pairs {
            count: dearer.count * length + within,
            dearer: dearer.dearer * i128::from(length) + i128::from(cost) * i128::from(within),
        };
        if pairs.count > 0 {
            self.buckets.at(Histogram::<COARSE>::bucket(cost)).add(&pairs);
        }
        dearer.add(&Pairs { count: length, dearer: i128::from(cost) * i128::from(length) });
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Years) {
        self.buckets.merge(&other.buckets, Pairs::add);
    }

    /// Of the share of years beyond `cost`, `beyond` of `of`, each history having `years`.
    fn effect(&self, from: usize, beyond: u64, of: u64, years: u64) -> f64 {
        let pairs: u64 = self.buckets.values_from(from).iter().map(|pairs| pairs.count).sum();
        let (n, others) = (of as f64, (years - 1) as f64);
        design_effect(n, beyond as f64 / n, 2.0 * pairs as f64, beyond as f64 * others, n * others)
    }

    /// Of the share of years beyond `cost`, each history having `years`, where these costs were `counted`: the larger
    /// one of the design effects at the ends of its bucket.
    pub(super) fn design_effect<const BITS: u32>(&self, cost: u64, years: u64, counted: &Ranked<BITS>) -> f64 {
        let at = Histogram::<COARSE>::bucket(cost);
        let all = counted.beyond::<COARSE>(0);
        let effect = |from: usize| self.effect(from, counted.beyond::<COARSE>(from), all, years);
        effect(at).max(effect(at + 1))
    }

    /// Twice the sum over pairs of the product of what both cost beyond `threshold`.
    pub(super) fn products_beyond(&self, threshold: f64) -> f64 {
        let products = self.buckets.iter().map(|(bucket, pairs)| {
            let cheaper = Histogram::<COARSE>::middle(bucket) as f64 - threshold;
            if cheaper > 0.0 { 2.0 * cheaper * (pairs.dearer as f64 - pairs.count as f64 * threshold) } else { 0.0 }
        });
        products.sum()
    }
}

/// Squares of the differences between two strategies, history by history, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Squares(SumOfSquares);

impl Squares {
    #[inline]
    pub(super) fn add(&mut self, difference: i128) {
        self.0.add(difference);
    }

    pub(super) fn merge(&mut self, other: Squares) {
        self.0.merge(&other.0);
    }

    /// Standard error of the mean difference of so many histories, the differences adding up to `sum`; exactly 0 where
    /// all are the same.
    pub fn error(self, sum: i128, histories: u64) -> Option<f64> {
        let numerator = I256::from(histories) * self.0.whole() - product(sum, sum);
        let n = histories as f64;
        (histories > 1).then(|| (numerator.as_f64().max(0.0) / n / n / (n - 1.0)).sqrt())
    }

    /// Whether no history showed any difference.
    pub fn is_zero(self) -> bool {
        self.0 == SumOfSquares::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert_eq, proptest};
    use std::collections::BTreeMap;

    fn greatest_first(values: &[i16]) -> impl ExactSizeIterator<Item = i16> {
        let mut values = values.to_vec();
        values.sort_unstable();
        values.into_iter().rev()
    }

    proptest! {
        #[test]
        fn thresholds_tell_pairs_of_different_groups(
            values in prop::collection::vec((0_i16..300, 0_usize..3), 0..12),
        ) {
            let mut across = Thresholds::default();
            across.add(greatest_first(&values.iter().map(|value| value.0).collect::<Vec<_>>()));
            for group in 0..3 {
                let own: Vec<i16> = values.iter().filter(|value| value.1 == group).map(|value| value.0).collect();
                across.take_away(greatest_first(&own));
            }
            let pairs = |beyond: i16, both: bool| {
                let firsts = values.iter().filter(move |one| one.0 >= beyond);
                let others = |one: &(i16, usize)| {
                    values.iter().filter(|other| other.1 != one.1 && (!both || other.0 >= beyond)).count() as u64
                };
                firsts.map(others).sum::<u64>()
            };
            prop_assert_eq!(across.sizes, pairs(0, false));
            for beyond in [0, 1, 50, 150, 250] {
                let held = across.buckets.values_from(beyond as usize);
                let sums = held.iter().fold([0, 0], |sum, part| [sum[0] + part[0], sum[1] + part[1]]);
                prop_assert_eq!(sums, [pairs(beyond, true), pairs(beyond, false)]);
            }
        }

        #[test]
        fn years_are_paired_with_those_that_cost_more(
            mut costs in prop::collection::vec(0_u64..2000, 0..8),
            cost in 0_u64..2000,
            alike in 0_u64..4,
        ) {
            costs.sort_unstable();
            let mut years = Years::default();
            years.add(&costs, (cost, alike));
            costs.extend((0..alike).map(|_| cost));
            costs.sort_unstable();
            let mut expected: BTreeMap<usize, Pairs> = BTreeMap::new();
            for (index, cheaper) in costs.iter().enumerate() {
                for dearer in &costs[index + 1..] {
                    let pair = Pairs { count: 1, dearer: i128::from(*dearer) };
                    expected.entry(Histogram::<COARSE>::bucket(*cheaper)).or_default().add(&pair);
                }
            }
            let paired = years.buckets.iter().filter(|(_, pairs)| pairs.count > 0);
            prop_assert_eq!(paired.map(|(bucket, pairs)| (bucket, *pairs)).collect::<BTreeMap<_, _>>(), expected);
        }
    }
}
