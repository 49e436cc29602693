//! Exact sums, sums of squares and extremes of whole numbers.

use ethnum::{AsI256, I256};
use serde::{Deserialize, Serialize};

/// A sum of squares of numbers below 2^127 in size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "I256", into = "I256")]
pub(super) struct SumOfSquares {
    /// Modulo 2^128; hardly any sum is longer.
    low: u128,
    /// How many times 2^128 is to be added.
    high: i128,
}

impl SumOfSquares {
    /// Adds the square of one number.
    #[inline]
    pub(super) fn add(&mut self, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.add_short((i128::from(value) * i128::from(value)) as u128),
            Err(_) => self.add_long(product(value, value)),
        }
    }

    /// Adds the square of a number that is not negative.
    #[inline]
    pub(super) fn add_small(&mut self, value: u64) {
        self.add_short(u128::from(value) * u128::from(value));
    }

    #[inline]
    fn add_short(&mut self, squares: u128) {
        let (low, full) = self.low.overflowing_add(squares);
        self.low = low;
        if full {
            self.carry();
        }
    }

    #[cold]
    fn carry(&mut self) {
        self.high += 1;
    }

    /// Takes away the square of one number.
    fn take_away(&mut self, value: i128) {
        *self = SumOfSquares::from(self.whole() - product(value, value));
    }

    #[cold]
    #[inline(never)]
    fn add_long(&mut self, squares: I256) {
        *self = SumOfSquares::from(self.whole() + squares);
    }

    /// Adds all of `other`.
    pub(super) fn merge(&mut self, other: &SumOfSquares) {
        self.add_long(other.whole());
    }

    /// The sum.
    pub(super) fn whole(&self) -> I256 {
        (*self).into()
    }
}

impl From<SumOfSquares> for I256 {
    fn from(sum: SumOfSquares) -> I256 {
        I256::from_words(sum.high, sum.low as i128)
    }
}

impl From<I256> for SumOfSquares {
    fn from(whole: I256) -> SumOfSquares {
        let (high, low) = whole.into_words();
        SumOfSquares { low: low as u128, high }
    }
}

/// Count, sum and sum of squares of numbers below 2^100 in size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moments {
    count: u64,
    sum: i128,
    squares: SumOfSquares,
}

impl Moments {
    /// Of so many numbers with these sums.
    pub(super) fn of(count: u64, sum: i128, squares: SumOfSquares) -> Moments {
        Moments { count, sum, squares }
    }

    /// Adds one number.
    #[inline]
    pub fn add(&mut self, value: i128) {
        self.count += 1;
        self.sum += value;
        self.squares.add(value);
    }

    /// Adds a number that is short and not negative.
    #[inline]
    pub(super) fn add_small(&mut self, value: u64) {
        self.count += 1;
        self.sum += i128::from(value);
        self.squares.add_small(value);
    }

    /// Adds all numbers of `other`.
    pub fn merge(&mut self, other: &Moments) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares.merge(&other.squares);
    }

    /// How many.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Exactly.
    pub fn sum(&self) -> i128 {
        self.sum
    }

    /// `None` of nothing.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum as f64 / self.count as f64)
    }

    /// The sample variance, by exact integers up to the last division; `None` of fewer than two numbers.
    pub fn variance(&self) -> Option<f64> {
        let n = self.count as f64;
        let numerator = I256::from(self.count) * self.squares.whole() - product(self.sum, self.sum);
        (self.count > 1).then(|| numerator.as_f64() / n / (n - 1.0))
    }

    /// Standard error of the mean of independent numbers.
    pub fn error(&self) -> Option<f64> {
        self.variance().map(|variance| (variance / self.count as f64).sqrt())
    }
}

/// The least and the greatest of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extremes {
    least: u64,
    greatest: u64,
}

/// Of nothing.
impl Default for Extremes {
    fn default() -> Extremes {
        Extremes { least: u64::MAX, greatest: 0 }
    }
}

impl Extremes {
    /// Adds one number.
    #[inline]
    pub(super) fn add(&mut self, value: u64) {
        self.merge(Extremes { least: value, greatest: value });
    }

    /// Adds all numbers of `other`.
    #[inline]
    pub(super) fn merge(&mut self, other: Extremes) {
        // Extremes are rare: a branch that is hardly ever taken costs less than choosing.
        if other.least < self.least {
            self.least = other.least;
        }
        if other.greatest > self.greatest {
            self.greatest = other.greatest;
        }
    }

    /// `None` of nothing.
    pub(super) fn known(self) -> Option<(u64, u64)> {
        (self.least <= self.greatest).then_some((self.least, self.greatest))
    }
}

/// What the mean of numbers needs that come in clusters (the incidents of one history): the ratio of two sums over
/// independent clusters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ratio {
    sum: i128,
    count: i128,
    sum_squares: SumOfSquares,
    cross: i128,
    count_squares: i128,
    clusters: i64,
}

impl Ratio {
    /// Adds a cluster of `count` numbers with this sum; an empty one is none.
    #[inline]
    pub fn add(&mut self, sum: i128, count: u64) {
        if count == 0 {
            return;
        }
        let count = i128::from(count);
        self.sum += sum;
        self.count += count;
        self.sum_squares.add(sum);
        self.cross += sum * count;
        self.count_squares += count * count;
        self.clusters += 1;
    }

    /// Takes away a part of a cluster: what is left is by how much the sums of the whole exceed those of its parts.
    pub(super) fn take_away(&mut self, sum: i128, count: u64) {
        if count == 0 {
            return;
        }
        let count = i128::from(count);
        self.sum -= sum;
        self.count -= count;
        self.sum_squares.take_away(sum);
        self.cross -= sum * count;
        self.count_squares -= count * count;
        self.clusters -= 1;
    }

    /// Adds all clusters of `other`.
    pub fn merge(&mut self, other: &Ratio) {
        self.sum += other.sum;
        self.count += other.count;
        self.sum_squares.merge(&other.sum_squares);
        self.cross += other.cross;
        self.count_squares += other.count_squares;
        self.clusters += other.clusters;
    }

    /// How many numbers there are in all clusters.
    pub(super) fn count(&self) -> u64 {
        self.count as u64
    }

    /// Their sum.
    pub(super) fn sum(&self) -> i128 {
        self.sum
    }

    /// How many clusters were added.
    pub fn clusters(&self) -> u64 {
        self.clusters as u64
    }

    /// Standard error of the mean, given how many clusters there were, empty ones included: the root of
    /// `sum((y - R n)^2) / (sum n)^2 x clusters / (clusters - 1)` (Cochran, *Sampling Techniques*, 6.4).
    pub fn error(&self, clusters: u64) -> Option<f64> {
        if clusters < 2 || self.count < 2 {
            return None;
        }
        // sum((y - R n)^2) x N^2 in integers; they are too long where sums are huge, then in floating point.
        let n = self.count as f64;
        let exact = || {
            let (s, n) = (self.sum.as_i256(), self.count.as_i256());
            let yy = n.checked_mul(n)?.checked_mul(self.sum_squares.whole())?;
            let yn = I256::from(2).checked_mul(s)?.checked_mul(n)?.checked_mul(self.cross.as_i256())?;
            let nn = s.checked_mul(s)?.checked_mul(self.count_squares.as_i256())?;
            Some(yy.checked_sub(yn)?.checked_add(nn)?.as_f64() / n.as_f64() / n.as_f64())
        };
        let rounded = || {
            let ratio = self.sum as f64 / n;
            let squares = self.sum_squares.whole().as_f64() - 2.0 * ratio * self.cross as f64;
            squares + ratio * ratio * self.count_squares as f64
        };
        let squares = exact().unwrap_or_else(rounded).max(0.0);
        let clusters = clusters as f64;
        Some((squares * clusters / (clusters - 1.0)).sqrt() / n)
    }
}

/// The product of two numbers below 2^127 in size.
#[inline]
pub(super) fn product(a: i128, b: i128) -> I256 {
    match (i64::try_from(a), i64::try_from(b)) {
        (Ok(a), Ok(b)) => (i128::from(a) * i128::from(b)).as_i256(),
        (Err(_), _) | (_, Err(_)) => a.as_i256() * b.as_i256(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(values: &[i128]) -> Moments {
        let mut moments = Moments::default();
        values.iter().for_each(|value| moments.add(*value));
        moments
    }

    #[test]
    fn moments_are_those_of_the_textbook() {
        let known = moments(&[2, 4, 4, 4, 5, 5, 7, 9]);
        assert_eq!(known.mean(), Some(5.0));
        assert!((known.variance().expect("8 values") - 32.0 / 7.0).abs() < 1e-12);
        assert_eq!(moments(&[]).mean(), None);
        assert_eq!(moments(&[3]).variance(), None);
    }

    #[test]
    fn short_numbers_have_the_moments_of_any() {
        for values in [&[][..], &[7], &[5, 1 << 62, 0, u64::MAX, 5]] {
            let mut parts = [Moments::default(); 2];
            values.iter().zip((0..2).cycle()).for_each(|(value, part)| parts[part].add_small(*value));
            let [mut short, other] = parts;
            short.merge(&other);
            let long: Vec<i128> = values.iter().map(|value| i128::from(*value)).collect();
            assert_eq!(short, moments(&long));
        }
    }

    #[test]
    fn extremes_are_those_of_all_parts() {
        for values in [&[][..], &[7], &[0], &[5, 1 << 62, 0, u64::MAX, 5]] {
            let mut parts = [Extremes::default(); 2];
            values.iter().zip((0..2).cycle()).for_each(|(value, part)| parts[part].add(*value));
            let [mut extremes, other] = parts;
            extremes.merge(other);
            assert_eq!(extremes.known(), values.iter().min().copied().zip(values.iter().max().copied()));
        }
    }

    #[test]
    fn equal_numbers_have_no_spread_however_large() {
        assert_eq!(moments(&[i128::from(i64::MAX); 1000]).variance(), Some(0.0));
        assert_eq!(moments(&[1 << 80; 1000]).variance(), Some(0.0));
    }

    #[test]
    fn sums_of_squares_are_exact_however_long() {
        let values = [3, i128::from(i64::MIN), i128::from(i64::MAX), -(1 << 90), 7, i128::from(i64::MIN)];
        let (mut sum, mut merged, mut expected) = (SumOfSquares::default(), SumOfSquares::default(), I256::ZERO);
        for value in values.into_iter().zip([1, 1, 5, 2, 3, 3]).flat_map(|(value, times)| vec![value; times]) {
            sum.add(value);
            let mut part = SumOfSquares::default();
            part.add(value);
            merged.merge(&part);
            expected += value.as_i256() * value.as_i256();
        }
        assert_eq!((sum.whole(), merged), (expected, sum));
    }

    #[test]
    fn clusters_of_one_give_the_usual_error_and_equal_twins_a_larger_one() {
        let values = [3, 1, 4, 1, 5, 9, 2, 6];
        let (mut single, mut twins) = (Ratio::default(), Ratio::default());
        values.iter().for_each(|value| single.add(*value, 1));
        values.iter().for_each(|value| twins.add(2 * value, 2));
        let usual = moments(&values).error();
        assert!((single.error(8).expect("8") - usual.expect("8")).abs() < 1e-12);
        assert!((twins.error(8).expect("8") - usual.expect("8")).abs() < 1e-12);
    }

    #[test]
    fn what_parts_of_a_cluster_have_in_common_is_the_whole_less_the_parts() {
        let (mut whole, mut parts, mut across) = (Ratio::default(), Ratio::default(), Ratio::default());
        let short = [(7, 2), (0, 0), (1 << 70, 3)];
        for cluster in [&short[..], &[(5, 1)], &[(0, 4), (9, 1)]] {
            for (sum, count) in cluster {
                parts.add(*sum, *count);
                across.take_away(*sum, *count);
            }
            let all = cluster.iter().fold((0, 0), |all, part| (all.0 + part.0, all.1 + part.1));
            whole.add(all.0, all.1);
            across.add(all.0, all.1);
        }
        parts.merge(&across);
        assert_eq!(parts, whole);
    }
}
