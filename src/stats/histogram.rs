//! Counts of whole numbers in buckets of bounded relative width.
//!
//! Log-linear: each octave has `2^BITS` buckets of equal width, and numbers below that have a bucket each. The middle of
//! a bucket is off by at most one part in `2^(BITS + 1)`. Blocks of buckets are allocated when they are first hit.

use serde::{Deserialize, Serialize};

/// Off by at most 0.05%.
pub const FINE: u32 = 10;
/// Off by at most 0.4%.
pub const COARSE: u32 = 7;

/// Buckets in a block.
const BLOCK: usize = 64;

/// How often each number was counted, to a bounded relative error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<(usize, u64)>", into = "Vec<(usize, u64)>")]
pub struct Histogram<const BITS: u32> {
    blocks: Vec<Option<Box<[u64; BLOCK]>>>,
    count: u64,
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
        let block = bucket / BLOCK;
        if self.blocks.len() <= block {
            self.blocks.resize(block + 1, None);
        }
        self.blocks[block].get_or_insert_with(|| Box::new([0; BLOCK]))[bucket % BLOCK] += times;
        self.count += times;
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        if self.blocks.len() < other.blocks.len() {
            self.blocks.resize(other.blocks.len(), None);
        }
        for (mine, theirs) in self.blocks.iter_mut().zip(&other.blocks) {
            match (mine, theirs) {
                (_, None) => {}
                (mine @ None, Some(theirs)) => *mine = Some(theirs.clone()),
                (Some(mine), Some(theirs)) => mine.iter_mut().zip(theirs.iter()).for_each(|(sum, part)| *sum += part),
            }
        }
        self.count += other.count;
    }

    /// Buckets hit, ascending: the middle of the bucket and its count.
    pub fn buckets(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.hit().map(|(bucket, count)| (Self::middle(bucket), count))
    }

    /// Buckets hit, ascending: their numbers and counts.
    fn hit(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.blocks.iter().enumerate().flat_map(|(block, counts)| {
            let counts = counts.iter().flat_map(|counts| counts.iter().enumerate());
            counts.filter(|(_, count)| **count > 0).map(move |(k, count)| (block * BLOCK + k, *count))
        })
    }

    /// The middle of the bucket of the `rank`-th smallest number, counted from 1; `None` where there are not so many.
    pub fn at_rank(&self, rank: u64) -> Option<u64> {
        let mut up_to = 0;
        self.buckets()
            .find(|(_, count)| {
                up_to += count;
                up_to >= rank
            })
            .map(|(value, _)| value)
    }

    /// Buckets hit, ascending: the number of the bucket and its count.
    pub(super) fn counts(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.buckets().map(|(middle, count)| (Self::bucket(middle), count))
    }

    /// The bucket that counts `value`.
    #[inline]
    pub(super) fn bucket(value: u64) -> usize {
        let octave = value.max(1).ilog2();
        if octave < BITS {
            return value as usize;
        }
        let shift = octave - BITS;
        ((shift as usize) << BITS) + (value >> shift) as usize
    }

    /// The middle of a bucket.
    pub(super) fn middle(bucket: usize) -> u64 {
        let shift = (bucket >> BITS).saturating_sub(1);
        let low = ((bucket - (shift << BITS)) as u64) << shift;
        low + ((1_u64 << shift) - 1) / 2
    }
}

/// The buckets that were hit, by number.
impl<const BITS: u32> From<Histogram<BITS>> for Vec<(usize, u64)> {
    fn from(histogram: Histogram<BITS>) -> Self {
        histogram.hit().collect()
    }
}

impl<const BITS: u32> From<Vec<(usize, u64)>> for Histogram<BITS> {
    fn from(hit: Vec<(usize, u64)>) -> Self {
        let mut histogram = Histogram::default();
        hit.into_iter().for_each(|(bucket, count)| histogram.add_to(bucket, count));
        histogram
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
    }
}
