//! Counts of whole numbers in buckets of bounded relative width.
//!
//! Log-linear: each octave has `2^BITS` buckets of equal width, and numbers below that have a bucket each. The middle of
//! a bucket is off by at most one part in `2^(BITS + 1)`.
//!
//! Counters are short, so that many of them lie near the processor; what is too large for one is carried elsewhere.

use super::row::{self, Row};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Off by at most 0.05%.
pub const FINE: u32 = 10;
/// Off by at most 0.4%.
pub const COARSE: u32 = 7;

/// Buckets that are added up beforehand where many ranks are asked for.
const BLOCK: usize = 256;

/// Counts what falls into a bucket, modulo 2^16; what it overflows by is carried.
type Counter = u16;

/// How often each number was counted, to a bounded relative error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(usize, u64)>", into = "Vec<(usize, u64)>")]
pub struct Histogram<const BITS: u32> {
    /// Counts, less what is carried.
    counts: Row<Counter>,
    /// By bucket: how many times 2^16 (`1 << Counter::BITS`) is to be added to its counter.
    carried: BTreeMap<usize, u64>,
}

impl<const BITS: u32> Histogram<BITS> {
    /// Counts `value` once.
    #[inline]
    pub fn add(&mut self, value: u64) {
        self.add_many(value, 1);
    }

    /// Counts `value` so many times.
    #[inline]
    pub fn add_many(&mut self, value: u64, times: u64) {
        self.add_to(Self::bucket(value), times);
    }

    #[inline]
    fn add_to(&mut self, bucket: usize, times: u64) {
        match self.counts.get_mut(bucket) {
            Some(count) => {
                if let Some(over) = add(count, times) {
                    carry(&mut self.carried, bucket, over);
                }
            }
            None => self.add_beyond(bucket, times),
        }
    }

    /// Adds to a bucket that is not there yet.
    #[cold]
    #[inline(never)]
    fn add_beyond(&mut self, bucket: usize, times: u64) {
        if let Some(over) = add(self.counts.at(bucket), times) {
            carry(&mut self.carried, bucket, over);
        }
    }

    /// What is carried of a bucket.
    fn carried(&self, bucket: usize) -> u64 {
        if self.carried.is_empty() { 0 } else { self.carried.get(&bucket).map_or(0, |times| times << Counter::BITS) }
    }

    /// Buckets from `first` on whose counters are `counts`: their numbers, and their counts with what is carried.
    fn whole<'a>(&'a self, first: usize, counts: &'a [Counter]) -> impl Iterator<Item = (usize, u64)> + 'a {
        (first..).zip(counts).map(|(bucket, count)| (bucket, u64::from(*count) + self.carried(bucket)))
    }

    /// The `block`-th of the blocks that there are: its first bucket and its counts.
    fn block(&self, block: usize) -> Option<(usize, &[Counter])> {
        let counts = self.counts.values().chunks(BLOCK).nth(block)?;
        Some((self.counts.first() + block * BLOCK, counts))
    }

    /// By block, how many were counted.
    fn block_sums(&self) -> impl Iterator<Item = u64> + '_ {
        let blocks = self.counts.values().chunks(BLOCK).zip((self.counts.first()..).step_by(BLOCK));
        blocks.map(|(counts, first)| {
            let counted: u64 = counts.iter().map(|count| u64::from(*count)).sum();
            let carried = self.carried.range(first..first + BLOCK);
            counted + if self.carried.is_empty() { 0 } else { carried.map(|(_, times)| times << Counter::BITS).sum() }
        })
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.block_sums().sum()
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        self.counts.cover(&other.counts);
        other.hit().for_each(|(bucket, count)| self.add_to(bucket, count));
    }

    /// Buckets hit, ascending: the middle of the bucket and its count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.hit().map(|(bucket, count)| (Self::middle(bucket), count))
    }

    /// Buckets hit, ascending: their numbers and counts.
    pub(super) fn hit(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.whole(self.counts.first(), self.counts.values()).filter(|(_, count)| *count > 0)
    }

    /// The middle of the bucket of the `rank`-th smallest number, counted from 1; `None` where there are not so many.
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        self.ranked().at_rank(rank)
    }

    /// The same counts, made ready for many questions.
    pub(super) fn ranked(&self) -> Ranked<'_, BITS> {
        let mut up_to = 0;
        let before = [0].into_iter().chain(self.block_sums().map(|count| {
            up_to += count;
            up_to
        }));
        Ranked { histogram: self, before: before.collect() }
    }

    /// The bucket that counts `value`.
    #[inline]
    pub(super) fn bucket(value: u64) -> usize {
        // The octaves below the first that is divided into buckets are one with it.
        let shift = (value | 1 << BITS).ilog2() - BITS;
        ((shift as usize) << BITS) + (value >> shift) as usize
    }

    /// The middle of a bucket.
    pub(super) fn middle(bucket: usize) -> u64 {
        let shift = (bucket >> BITS).saturating_sub(1);
        let low = ((bucket - (shift << BITS)) as u64) << shift;
        low + ((1_u64 << shift) - 1) / 2
    }

    /// The least number of a bucket; `None` of one that is beyond all numbers.
    fn least(bucket: usize) -> Option<u64> {
        let shift = (bucket >> BITS).saturating_sub(1);
        u64::try_from(((bucket - (shift << BITS)) as u128) << shift).ok()
    }
}

/// Several histograms in which numbers are counted together, one in each: their counters begin and end at the same
/// buckets, so that one look tells whether all numbers have one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Histogram<BITS>>", into = "Vec<Histogram<BITS>>")]
pub(super) struct Histograms<const BITS: u32, const N: usize> {
    /// Number of the first bucket that has counters.
    first: usize,
    /// How many have.
    width: usize,
    /// Those of the first histogram, then those of the second, and so on; less what is carried.
    counts: Vec<Counter>,
    /// By histogram: where among them the counter of bucket 0 would be, modulo 2^32.
    starts: [u32; N],
    /// By histogram and bucket, as in [`Histogram`].
    carried: BTreeMap<(usize, usize), u64>,
}

impl<const BITS: u32, const N: usize> Default for Histograms<BITS, N> {
    fn default() -> Self {
        Histograms { first: 0, width: 0, counts: Vec::new(), starts: [0; N], carried: BTreeMap::new() }
    }
}

impl<const BITS: u32, const N: usize> Histograms<BITS, N> {
    /// The counters begin and end at a multiple of this, two octaves, so that they seldom grow.
    const GRAIN: usize = {
        assert!(BITS % 2 == 1, "the last bucket of all must be the last one before such a multiple");
        2 << BITS
    };

    /// Counts one number in each, by its whole part; one below 0 as 0. They rise, or fall.
    pub(super) fn add(&mut self, amounts: &[f64; N]) {
        // The exponent and the first binary digits of a number are its bucket, but for where these begin.
        let begin = (f64::MAX_EXP as u32 + BITS - 2) << BITS;
        let leading = |amount: f64| (amount.to_bits() >> (f64::MANTISSA_DIGITS - 1 - BITS)) as u32;
        let mut buckets = amounts.map(|amount| leading(amount).wrapping_sub(begin));
        let held = self.first.max(1 << BITS)..self.first + self.width;
        if !(held.contains(&(buckets[0] as usize)) && held.contains(&(buckets[N - 1] as usize))) {
            buckets = self.reach(amounts);
        }
        let places: [u32; N] = std::array::from_fn(|index| buckets[index].wrapping_add(self.starts[index]));
        let counts = &mut self.counts[..];
        for (index, place) in places.iter().enumerate() {
            let count = &mut counts[*place as usize];
            *count = count.wrapping_add(1);
            if *count == 0 {
                return self.carry_and_go_on(index, &buckets);
            }
        }
    }

    /// The counter of the histogram with this index is full: carries it, and counts in those after it.
    #[cold]
    #[inline(never)]
    fn carry_and_go_on(&mut self, index: usize, buckets: &[u32; N]) {
        carry(&mut self.carried, (index, buckets[index] as usize), 1);
        (index + 1..N).for_each(|later| self.add_to(later, buckets[later] as usize, 1));
    }

    /// The buckets of numbers that may be of any size; lets all of these have counters.
    #[cold]
    #[inline(never)]
    fn reach(&mut self, amounts: &[f64; N]) -> [u32; N] {
        let buckets = amounts.map(|amount| Histogram::<BITS>::bucket(amount as u64) as u32);
        buckets.iter().for_each(|bucket| self.cover(*bucket as usize));
        buckets
    }

    /// Lets a bucket have counters.
    fn cover(&mut self, bucket: usize) {
        if (self.first..self.first + self.width).contains(&bucket) {
            return;
        }
        let low = bucket / Self::GRAIN * Self::GRAIN;
        let high = low + Self::GRAIN;
        let held = if self.width == 0 { low..high } else { self.first..self.first + self.width };
        let (first, width) = (held.start.min(low), held.end.max(high) - held.start.min(low));
        let mut counts = vec![0; N * width];
        for (new, old) in counts.chunks_exact_mut(width).zip(self.counts.chunks_exact(held.len())) {
            new[held.start - first..][..held.len()].copy_from_slice(old);
        }
        (self.first, self.width, self.counts) = (first, width, counts);
        self.starts = std::array::from_fn(|index| ((index * width) as u32).wrapping_sub(first as u32));
    }

    /// Adds all that `other` has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        (0..N).for_each(|index| other.hit(index).for_each(|(bucket, count)| self.add_to(index, bucket, count)));
    }

    /// Counts in one histogram so many times.
    fn add_to(&mut self, index: usize, bucket: usize, times: u64) {
        self.cover(bucket);
        if let Some(over) = add(&mut self.counts[index * self.width + bucket - self.first], times) {
            carry(&mut self.carried, (index, bucket), over);
        }
    }

    /// Buckets of one histogram that were hit, ascending: their numbers and counts.
    fn hit(&self, index: usize) -> impl Iterator<Item = (usize, u64)> + '_ {
        let carried = move |bucket| self.carried.get(&(index, bucket)).map_or(0, |times| times << Counter::BITS);
        let counts = &self.counts[index * self.width..][..self.width];
        let whole =
            (self.first..).zip(counts).map(move |(bucket, count)| (bucket, u64::from(*count) + carried(bucket)));
        whole.filter(|(_, count)| *count > 0)
    }

    /// One of them.
    pub(super) fn one(&self, index: usize) -> Histogram<BITS> {
        let mut one = Histogram::default();
        self.hit(index).for_each(|(bucket, count)| one.add_to(bucket, count));
        one
    }
}

/// Adds to a counter; returns what is to be carried of it, if anything.
#[inline]
fn add(count: &mut Counter, times: u64) -> Option<u64> {
    let (sum, full) = count.overflowing_add(times as Counter);
    *count = sum;
    (full || times > u64::from(Counter::MAX)).then_some((times >> Counter::BITS) + u64::from(full))
}

#[cold]
fn carry<Key: Ord>(carried: &mut BTreeMap<Key, u64>, key: Key, times: u64) {
    *carried.entry(key).or_default() += times;
}

/// A histogram of which many ranks are asked for: each takes a look at one block instead of all of them.
pub(super) struct Ranked<'a, const BITS: u32> {
    histogram: &'a Histogram<BITS>,
    /// How many were counted in all blocks before each, and at the end all.
    before: Vec<u64>,
}

impl<const BITS: u32> Ranked<'_, BITS> {
    /// As [`Histogram::at_rank`].
    pub(super) fn at_rank(&self, rank: u64) -> Option<u64> {
        let rank = rank.max(1);
        let block = self.before.partition_point(|before| *before < rank) - 1;
        let (first, counts) = self.histogram.block(block)?;
        let bucket = rank_among(self.histogram.whole(first, counts), rank - self.before[block])?;
        Some(Histogram::<BITS>::middle(bucket))
    }

    /// How many are in or beyond a bucket of a coarser histogram, whose buckets hold whole ones of this.
    pub(super) fn beyond<const COARSER: u32>(&self, bucket: usize) -> u64 {
        let all = *self.before.last().expect("it ends with all");
        let Some(least) = Histogram::<COARSER>::least(bucket) else { return 0 };
        let first = self.histogram.counts.first();
        let skipped = Histogram::<BITS>::bucket(least).saturating_sub(first);
        let (block, within) = (skipped / BLOCK, skipped % BLOCK);
        let Some((start, counts)) = self.histogram.block(block) else { return 0 };
        all - self.before[block]
            - self.histogram.whole(start, &counts[..within.min(counts.len())]).map(|(_, count)| count).sum::<u64>()
    }
}

/// The first of these buckets, ascending and with their counts, up to which there are `rank`.
pub(super) fn rank_among(mut counts: impl Iterator<Item = (usize, u64)>, rank: u64) -> Option<usize> {
    let mut up_to = 0;
    let reached = |(_, count): &(usize, u64)| {
        up_to += count;
        up_to >= rank
    };
    counts.find(reached).map(|(bucket, _)| bucket)
}

/// The buckets that were hit, by number.
impl<const BITS: u32> From<Histogram<BITS>> for Vec<(usize, u64)> {
    fn from(histogram: Histogram<BITS>) -> Self {
        histogram.hit().collect()
    }
}

impl<const BITS: u32> TryFrom<Vec<(usize, u64)>> for Histogram<BITS> {
    type Error = &'static str;

    fn try_from(hit: Vec<(usize, u64)>) -> Result<Self, &'static str> {
        let mut histogram = Histogram::default();
        for (bucket, count) in hit {
            if bucket > Self::bucket(u64::MAX) {
                return Err(row::BEYOND);
            }
            histogram.add_to(bucket, count);
        }
        Ok(histogram)
    }
}

/// Each of them.
impl<const BITS: u32, const N: usize> From<Histograms<BITS, N>> for Vec<Histogram<BITS>> {
    fn from(histograms: Histograms<BITS, N>) -> Self {
        (0..N).map(|index| histograms.one(index)).collect()
    }
}

impl<const BITS: u32, const N: usize> TryFrom<Vec<Histogram<BITS>>> for Histograms<BITS, N> {
    type Error = &'static str;

    fn try_from(all: Vec<Histogram<BITS>>) -> Result<Self, &'static str> {
        if all.len() != N {
            return Err("not as many histograms");
        }
        let mut histograms = Histograms::default();
        for (index, one) in all.iter().enumerate() {
            one.hit().for_each(|(bucket, count)| histograms.add_to(index, bucket, count));
        }
        Ok(histograms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The value that a histogram holding only `value` reports.
    fn shown<const BITS: u32>(value: u64) -> u64 {
        let mut histogram = Histogram::<BITS>::default();
        histogram.add(value);
        histogram.at_rank(1).expect("one value")
    }

    fn assert_close<const BITS: u32>(value: u64) {
        let error = shown::<BITS>(value).abs_diff(value) as f64;
        let bound = value as f64 / f64::from(1_u32 << (BITS + 1));
        assert!(error <= bound, "{value} is shown as {}", shown::<BITS>(value));
    }

    #[test]
    fn small_numbers_and_the_borders_of_octaves_are_exact_or_close() {
        (0..2048).for_each(|value| assert_eq!(shown::<FINE>(value), value));
        for octave in 11..64 {
            for value in [(1_u64 << octave) - 1, 1 << octave, (1 << octave) + 1] {
                assert_close::<FINE>(value);
                assert_close::<COARSE>(value);
            }
        }
        assert_close::<FINE>(u64::MAX);
    }

    #[test]
    fn counts_beyond_a_counter_are_carried() {
        let mut histogram = Histogram::<FINE>::default();
        let most = u64::from(u32::MAX);
        for times in [most, 1, most, 5 << 32, 3] {
            histogram.add_many(70, times);
        }
        histogram.add_many(71, most);
        let whole = 2 * most + (5 << 32) + 4;
        assert_eq!(histogram.hit().collect::<Vec<_>>(), [(70, whole), (71, most)]);
        assert_eq!(histogram.count(), whole + most);
        assert_eq!(
            [whole, whole + 1, whole + most].map(|rank| histogram.at_rank(rank)),
            [Some(70), Some(71), Some(71)]
        );
        let stored = Histogram::<FINE>::try_from(Vec::from(histogram.clone())).expect("its own buckets");
        assert_eq!(stored, histogram);
        histogram.merge(&stored);
        assert_eq!(histogram.hit().collect::<Vec<_>>(), [(70, 2 * whole), (71, 2 * most)]);
    }

    #[test]
    fn buckets_beyond_all_numbers_are_refused() {
        let last = Histogram::<FINE>::bucket(u64::MAX);
        assert!(Histogram::<FINE>::try_from(vec![(last, 1)]).is_ok());
        assert_eq!(Histogram::<FINE>::try_from(vec![(last + 1, 1)]), Err(row::BEYOND));
    }

    proptest! {
        #[test]
        fn numbers_are_off_by_at_most_the_stated_share(value: u64, shift in 0_u32..64) {
            assert_close::<FINE>(value >> shift);
            assert_close::<COARSE>(value >> shift);
        }

        #[test]
        fn ranks_are_those_of_the_sorted_numbers(mut values in prop::collection::vec(0_u64..2000, 1..50)) {
            let mut histogram = Histogram::<FINE>::default();
            values.iter().for_each(|value| histogram.add(*value));
            values.sort_unstable();
            for (index, value) in values.iter().enumerate() {
                prop_assert_eq!(histogram.at_rank(index as u64 + 1), Some(*value));
            }
            prop_assert_eq!(histogram.at_rank(values.len() as u64 + 1), None);
        }

        /// Rows that begin anywhere, and counts around those at which a counter is full.
        #[test]
        fn counts_are_those_of_a_map(
            added in prop::collection::vec((0_u64.., 40_u32..64, 1_u64..4, -2_i64..3), 1..30),
            others in prop::collection::vec((0_u64.., 0_u32..64, 1_u64..4, -2_i64..3), 0..10),
        ) {
            let mut map = BTreeMap::new();
            let mut counted = |all: Vec<(u64, u32, u64, i64)>| {
                let mut histogram = Histogram::<FINE>::default();
                for (value, shift, full, off) in all {
                    let times = (full << Counter::BITS).saturating_add_signed(off);
                    histogram.add_many(value >> shift, times);
                    *map.entry(Histogram::<FINE>::bucket(value >> shift)).or_insert(0) += times;
                }
                histogram
            };
            let (one, other) = (counted(added), counted(others));
            let (mut sum, mut same) = (one.clone(), other.clone());
            sum.merge(&other);
            same.merge(&one);
            prop_assert_eq!(&sum, &same);
            prop_assert_eq!(sum.hit().collect::<Vec<_>>(), map.clone().into_iter().collect::<Vec<_>>());
            prop_assert_eq!(sum.count(), map.values().sum::<u64>());
            let (ranked, mut up_to) = (sum.ranked(), 0);
            for (bucket, count) in &map {
                for rank in [up_to + 1, up_to + count] {
                    prop_assert_eq!(ranked.at_rank(rank), Some(Histogram::<FINE>::middle(*bucket)));
                }
                up_to += count;
            }
            prop_assert_eq!(ranked.at_rank(up_to + 1), None);
            prop_assert_eq!(Histogram::try_from(Vec::from(sum.clone())), Ok(sum));
        }

        #[test]
        fn amounts_are_counted_as_their_whole_parts(value: u64, shift in 0_u32..64, part in 0.0..1.0_f64, huge: f64) {
            let amount = (value >> shift) as f64 + part;
            for mut amounts in [[-part, part, amount], [amount, amount * 1.5, huge], [amount, huge, f64::INFINITY]] {
                amounts.sort_by(f64::total_cmp);
                let (mut narrow, mut wide) = (Histograms::<COARSE, 3>::default(), Histograms::<COARSE, 3>::default());
                // Where there are counters for all numbers, nothing but the size of the amounts is in the way of the bits.
                [0, u64::MAX].into_iter().for_each(|value| wide.cover(Histogram::<COARSE>::bucket(value)));
                for histograms in [&mut narrow, &mut wide] {
                    histograms.add(&amounts);
                    for (index, amount) in amounts.into_iter().enumerate() {
                        let mut one = Histogram::default();
                        one.add(amount as u64);
                        prop_assert_eq!(histograms.one(index), one, "{}", amount);
                    }
                }
            }
        }

        #[test]
        fn histograms_beside_each_other_are_as_single_ones(
            added in prop::collection::vec((0..80_u32, 0..8_u32, any::<bool>()), 1..20),
        ) {
            let (mut together, mut parts) = (Histograms::<COARSE, 2>::default(), [(); 2].map(|()| Histograms::default()));
            let mut single = [(); 2].map(|()| Histogram::default());
            for (number, (power, more, filled)) in added.into_iter().enumerate() {
                let amounts = [power, power + more].map(|power| f64::from(power).exp2());
                let before = if filled { u64::from(Counter::MAX) } else { 0 };
                for (index, amount) in amounts.into_iter().enumerate() {
                    let bucket = Histogram::<COARSE>::bucket(amount as u64);
                    together.add_to(index, bucket, before);
                    parts[number % 2].add_to(index, bucket, before);
                    single[index].add_to(bucket, before + 1);
                }
                together.add(&amounts);
                parts[number % 2].add(&amounts);
            }
            let [mut merged, part] = parts;
            merged.merge(&part);
            prop_assert_eq!(&merged, &together);
            prop_assert_eq!([0, 1].map(|index| together.one(index)), single);
            prop_assert_eq!(Histograms::try_from(Vec::from(together.clone())), Ok(together));
        }

        #[test]
        fn what_is_beyond_a_coarser_bucket_is_what_the_buckets_say(
            values in prop::collection::vec((0_u64.., 0_u32..64), 1..50),
        ) {
            let mut histogram = Histogram::<FINE>::default();
            values.iter().for_each(|(value, shift)| histogram.add(value >> shift));
            let ranked = histogram.ranked();
            for (value, shift) in values.into_iter().chain([(0, 0), (u64::MAX, 0)]) {
                let at = Histogram::<COARSE>::bucket(value >> shift);
                for bucket in [at, at + 1] {
                    let beyond = histogram.buckets().filter(|(middle, _)| Histogram::<COARSE>::bucket(*middle) >= bucket);
                    prop_assert_eq!(ranked.beyond::<COARSE>(bucket), beyond.map(|(_, count)| count).sum::<u64>());
                }
            }
        }
    }
}
