//! Values by the number of a bucket: those from the first bucket in use to the last stand in one row.

use serde::{Deserialize, Serialize};

/// More buckets than any histogram has.
pub(super) const MOST: usize = 1 << 16;
/// What is wrong with a bucket of which no number could fall into it.
pub(super) const BEYOND: &str = "a bucket is beyond all numbers";

/// One value for each bucket, at first the default; buckets beyond either end are there as soon as they are used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Stored<T>")]
pub(super) struct Row<T> {
    first: usize,
    values: Vec<T>,
}

/// A row as it was written down.
#[derive(Deserialize)]
struct Stored<T> {
    first: usize,
    values: Vec<T>,
}

impl<T> TryFrom<Stored<T>> for Row<T> {
    type Error = &'static str;

    fn try_from(Stored { first, values }: Stored<T>) -> Result<Row<T>, &'static str> {
        let there = first.checked_add(values.len()).is_some_and(|end| end <= MOST);
        if there { Ok(Row { first, values }) } else { Err(BEYOND) }
    }
}

impl<T: Clone + Default> Row<T> {
    /// A row begins and ends at a multiple of this, two kilobytes, so that it seldom grows.
    const GRAIN: usize = 2048 / size_of::<T>();

    /// The value of a bucket.
    #[inline]
    pub(super) fn at(&mut self, bucket: usize) -> &mut T {
        let index = bucket.wrapping_sub(self.first);
        if index < self.values.len() { &mut self.values[index] } else { self.reach(bucket) }
    }

    /// The value of a bucket, if it is there.
    #[inline]
    pub(super) fn get_mut(&mut self, bucket: usize) -> Option<&mut T> {
        self.values.get_mut(bucket.wrapping_sub(self.first))
    }

    /// The value of a bucket that is not there yet.
    #[cold]
    #[inline(never)]
    fn reach(&mut self, bucket: usize) -> &mut T {
        let start = bucket / Self::GRAIN * Self::GRAIN;
        let held = if self.values.is_empty() { start..start } else { self.first..self.first + self.values.len() };
        let first = held.start.min(start);
        let mut values = vec![T::default(); held.end.max(start + Self::GRAIN) - first];
        values[held.start - first..][..held.len()].swap_with_slice(&mut self.values);
        *self = Row { first, values };
        &mut self.values[bucket - first]
    }

    /// The value of a bucket, if it is there.
    pub(super) fn get(&self, bucket: usize) -> Option<&T> {
        self.values.get(bucket.checked_sub(self.first)?)
    }

    /// Number of the first bucket that is there.
    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// All that are there.
    pub(super) fn values(&self) -> &[T] {
        &self.values
    }

    /// Those of a bucket and all after it.
    pub(super) fn values_from(&self, bucket: usize) -> &[T] {
        self.values.get(bucket.saturating_sub(self.first)..).unwrap_or_default()
    }

    /// All that are there, with the numbers of their buckets.
    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = (usize, &T)> {
        self.values.iter().enumerate().map(|(index, value)| (self.first + index, value))
    }

    /// Lets all buckets of `other` be there.
    pub(super) fn cover(&mut self, other: &Row<T>) {
        if let Some(last) = other.values.len().checked_sub(1) {
            self.at(other.first + last);
            self.at(other.first);
        }
    }

    /// Adds those of `other`, each by `add`.
    pub(super) fn merge(&mut self, other: &Row<T>, mut add: impl FnMut(&mut T, &T)) {
        self.cover(other);
        let sums = &mut self.values[other.first.saturating_sub(self.first)..];
        sums.iter_mut().zip(&other.values).for_each(|(sum, part)| add(sum, part));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(buckets: &[usize]) -> Row<u64> {
        let mut row = Row::default();
        buckets.iter().for_each(|&bucket| *row.at(bucket) += 1);
        row
    }

    fn used(row: &Row<u64>) -> Vec<(usize, u64)> {
        row.iter().filter(|(_, value)| **value > 0).map(|(bucket, value)| (bucket, *value)).collect()
    }

    #[test]
    fn a_row_grows_both_ways_and_keeps_what_it_has() {
        let row = row(&[1000, 1001, 5000, 3, 1000]);
        assert_eq!(used(&row), [(3, 1), (1000, 2), (1001, 1), (5000, 1)]);
        assert_eq!((row.get(1000), row.get(1002), row.get(99_999)), (Some(&2), Some(&0), None));
        assert_eq!(row.values_from(1001).iter().sum::<u64>(), 2);
        assert_eq!(row.values_from(0).len(), row.values().len());
        assert_eq!(Row::<u64>::default().get(0), None);
    }

    #[test]
    fn a_row_is_read_as_it_was_written_unless_it_lies_beyond_all_numbers() {
        let row = row(&[1000, 5000]);
        let written = serde_json::to_string(&row).expect("a row");
        assert_eq!(serde_json::from_str::<Row<u64>>(&written).expect("the same"), row);
        for first in ["65535", "35184372088832", "18446744073709551615"] {
            let wrong = serde_json::from_str::<Row<u64>>(&format!("{{\"first\":{first},\"values\":[1,1]}}"));
            assert!(wrong.expect_err("too far").to_string().contains(BEYOND));
        }
    }

    #[test]
    fn rows_of_the_same_values_are_equal_whatever_came_first() {
        let whole = row(&[700, 20, 90_000, 700]);
        for (one, other) in
            [(&[700, 20][..], &[700, 90_000][..]), (&[90_000], &[700, 20, 700]), (&[], &[20, 700, 700, 90_000])]
        {
            for (mut sum, part) in [(row(one), row(other)), (row(other), row(one))] {
                sum.merge(&part, |sum, part| *sum += part);
                assert_eq!(sum, whole);
            }
        }
    }
}
