//! What periods cost at any price of downtime.
//!
//! A period costs what does not depend on that price (the rest), and its downtime. Kept is how often each pair of the two
//! occurred, to a bounded relative error, so that a period is counted once, whatever the prices that are asked for. Pairs
//! are told apart by the buckets of a histogram; most of those that there could be never occur, so cells are in a hash
//! table.

use super::histogram::{FINE, Histogram};
use super::row;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Rest and downtime are off by at most 0.8%.
const BITS: u32 = 6;
/// Bits of the bucket of one of the two.
const BUCKET_BITS: u32 = 12;
/// Bits of a cell that count; what it overflows by is carried. Those above are its key.
const COUNT_BITS: u32 = u64::BITS - 2 * BUCKET_BITS;
const COUNT: u64 = (1 << COUNT_BITS) - 1;
/// Cells whose downtime is alike lie together: so many of them in one line of the cache.
const NEIGHBOURS: usize = 8;
/// At first.
const CELLS: usize = 256;

/// How often periods cost what.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "Stored", into = "Stored")]
pub struct Costs {
    /// Of periods without downtime: they cost the same at every price.
    fixed: Histogram<FINE>,
    /// Key and count of those with downtime; 0 where there is none. A power of two, at most half of them in use.
    cells: Vec<u64>,
    used: usize,
    /// By key: how many times `1 << COUNT_BITS` is to be added to its count.
    carried: BTreeMap<u64, u64>,
}

/// Periods without downtime, and the others by key, ascending.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Stored {
    fixed: Histogram<FINE>,
    cells: Vec<(u64, u64)>,
}

impl Default for Costs {
    fn default() -> Costs {
        Costs { fixed: Histogram::default(), cells: vec![0; CELLS], used: 0, carried: BTreeMap::new() }
    }
}

/// Whatever came first.
impl PartialEq for Costs {
    fn eq(&self, other: &Costs) -> bool {
        Stored::from(self.clone()) == other.clone().into()
    }
}

impl Costs {
    /// Adds periods without downtime that cost the same.
    #[inline]
    pub(super) fn add_fixed(&mut self, cost: u64, periods: u64) {
        self.fixed.add_many(cost, periods);
    }

    /// Adds a period with downtime.
    #[inline]
    pub(super) fn add(&mut self, rest: u64, downtime: u64) {
        if downtime == 0 {
            return self.add_fixed(rest, 1);
        }
        let bucket = |amount: u64| Histogram::<BITS>::bucket(amount) as u64;
        self.count(bucket(rest) << BUCKET_BITS | bucket(downtime), 1);
    }

    #[inline]
    fn count(&mut self, key: u64, times: u64) {
        let cell = self.cell(key);
        let sum = (*cell & COUNT) + times;
        *cell = key << COUNT_BITS | sum & COUNT;
        if sum > COUNT {
            *self.carried.entry(key).or_default() += sum >> COUNT_BITS;
        }
    }

    /// The cell with this key, which is not 0.
    #[inline]
    fn cell(&mut self, key: u64) -> &mut u64 {
        let index = self.find(key);
        if self.cells[index] == 0 { self.open(key) } else { &mut self.cells[index] }
    }

    /// Where the cell with this key is, or would be.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let last = self.cells.len() - 1;
        // The upper half of the product depends on all of the key (Knuth, 6.4).
        let spread = (key / NEIGHBOURS as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
        let mut index = (spread as usize * NEIGHBOURS + key as usize % NEIGHBOURS) & last;
        while self.cells[index] != 0 && self.cells[index] >> COUNT_BITS != key {
            index = (index + 1) & last;
        }
        index
    }

    /// A cell that there was not.
    #[cold]
    #[inline(never)]
    fn open(&mut self, key: u64) -> &mut u64 {
        self.used += 1;
        if 2 * self.used > self.cells.len() {
            let room = vec![0; 2 * self.cells.len()];
            for cell in std::mem::replace(&mut self.cells, room).into_iter().filter(|cell| *cell != 0) {
                let index = self.find(cell >> COUNT_BITS);
                self.cells[index] = cell;
            }
        }
        let index = self.find(key);
        &mut self.cells[index]
    }

    /// The keys of cells in use, and their counts.
    fn hit(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let whole = |cell: &u64| {
            let key = cell >> COUNT_BITS;
            (key, (cell & COUNT) + self.carried.get(&key).map_or(0, |times| times << COUNT_BITS))
        };
        self.cells.iter().filter(|cell| **cell != 0).map(whole)
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &Costs) {
        self.fixed.merge(&other.fixed);
        other.hit().for_each(|(key, count)| self.count(key, count));
    }

    /// Costs of all periods, were downtime so many times as dear, for each factor: off by at most 0.8%, and half of a bucket
    /// of the result.
    pub(super) fn at<const N: usize>(&self, factors: &[f64; N]) -> [Histogram<FINE>; N] {
        let middle = |bucket: u64| Histogram::<BITS>::middle(bucket as usize) as f64;
        let cell = |(key, count): (u64, u64)| (middle(key >> BUCKET_BITS), middle(key % (1 << BUCKET_BITS)), count);
        let cells: Vec<(f64, f64, u64)> = self.hit().map(cell).collect();
        factors.map(|factor| {
            let mut costs = self.fixed.clone();
            cells.iter().for_each(|(rest, downtime, count)| costs.add_many((rest + downtime * factor) as u64, *count));
            costs
        })
    }
}

impl From<Costs> for Stored {
    fn from(costs: Costs) -> Stored {
        let mut cells: Vec<(u64, u64)> = costs.hit().collect();
        cells.sort_unstable();
        Stored { fixed: costs.fixed, cells }
    }
}

impl TryFrom<Stored> for Costs {
    type Error = &'static str;

    fn try_from(Stored { fixed, cells }: Stored) -> Result<Costs, &'static str> {
        let mut costs = Costs { fixed, ..Costs::default() };
        let last = Histogram::<BITS>::bucket(u64::MAX) as u64;
        for (key, count) in cells {
            let (rest, downtime) = (key >> BUCKET_BITS, key % (1 << BUCKET_BITS));
            if rest > last || downtime > last || downtime == 0 {
                return Err(row::BEYOND);
            }
            costs.count(key, count);
        }
        Ok(costs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{any, prop, prop_assert, prop_assert_eq, proptest};

    fn costs(periods: &[(u64, u64)]) -> Costs {
        let mut costs = Costs::default();
        periods.iter().for_each(|(rest, downtime)| costs.add(*rest, *downtime));
        costs
    }

    #[test]
    fn the_bucket_of_any_amount_has_the_bits_that_there_are_for_it() {
        assert!(Histogram::<BITS>::bucket(u64::MAX) < 1 << BUCKET_BITS);
    }

    #[test]
    fn counts_beyond_a_cell_are_carried() {
        let mut sum = costs(&[(7, 3)]);
        let key = sum.hit().next().expect("one").0;
        sum.count(key, COUNT);
        sum.count(key, 5 * (COUNT + 1) + 2);
        let whole = 6 * (COUNT + 1) + 2;
        assert_eq!(sum.hit().collect::<Vec<_>>(), [(key, whole)]);
        assert_eq!(sum.at(&[2.0])[0].buckets().collect::<Vec<_>>(), [(13, whole)]);
        let stored = Costs::try_from(Stored::from(sum.clone())).expect("its own cells");
        assert_eq!(stored, sum);
        sum.merge(&stored);
        assert_eq!(sum.hit().collect::<Vec<_>>(), [(key, 2 * whole)]);
    }

    #[test]
    fn cells_beyond_all_numbers_are_refused() {
        for key in [0, 5 << BUCKET_BITS, 4095, 4095 << BUCKET_BITS | 1, u64::MAX] {
            let stored = Stored { fixed: Histogram::default(), cells: vec![(key, 1)] };
            assert_eq!(Costs::try_from(stored).err(), Some(row::BEYOND), "{key}");
        }
    }

    proptest! {
        /// Few different amounts and many, close together and far apart.
        #[test]
        fn costs_are_those_of_a_list(
            periods in prop::collection::vec((any::<u64>(), 10_u32..64, any::<u64>(), 10_u32..64), 1..400),
            split in 0_usize..400,
            factor in 0.03..30.0_f64,
        ) {
            let periods: Vec<(u64, u64)> =
                periods.into_iter().map(|(rest, few, downtime, less)| (rest >> few, downtime >> less)).collect();
            let all = costs(&periods);
            let (one, other) = periods.split_at(split.min(periods.len()));
            let (mut sum, other) = (costs(other), costs(one));
            sum.merge(&other);
            prop_assert_eq!(&sum, &all);
            prop_assert_eq!(Costs::try_from(Stored::from(sum)), Ok(all.clone()));

            let [at] = all.at(&[factor]);
            let mut list: Vec<f64> = periods.iter().map(|(rest, down)| *rest as f64 + *down as f64 * factor).collect();
            list.sort_by(f64::total_cmp);
            prop_assert_eq!(at.count(), list.len() as u64);
            for (rank, cost) in (1..).zip(list) {
                let shown = at.at_rank(rank).expect("so many") as f64;
                prop_assert!((shown - cost).abs() <= cost * (1.0 / 128.0 + 1.0 / 1024.0) + 1.0, "{} for {}", shown, cost);
            }
        }
    }
}
