//! Durations of incidents, some of them perhaps infinite.

use super::cluster::Thresholds;
use super::histogram::{COARSE, FINE, Histogram, Ranked};
use super::interval::{Estimate, clustered_mean_interval, clustered_quantile_ranks, clustered_share_interval};
use super::moments::{Extremes, Moments, Ratio, SumOfSquares};
use super::row::Row;
use crate::units::Time;
use serde::{Deserialize, Serialize};

/// Microseconds in a second.
const TICKS: f64 = 1e6;

/// The distribution of a duration over the incidents of many histories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Of the finite durations, whose count and sum are those of `clusters`.
    squares: SumOfSquares,
    extremes: Extremes,
    never: u64,
    histogram: Histogram<FINE>,
    /// The finite durations of each history.
    clusters: Ratio,
    thresholds: Thresholds,
    /// Sum and number of the finite durations of the history under way.
    open: (i128, u64),
}

impl Tally {
    /// Adds a duration of the history under way.
    #[inline]
    pub fn add(&mut self, duration: Time) {
        if duration.is_never() {
            self.never += 1;
            return;
        }
        let ticks = Tally::counted(duration);
        self.squares.add_small(ticks);
        self.extremes.add(ticks);
        self.histogram.add(ticks);
        self.open = (self.open.0 + i128::from(ticks), self.open.1 + 1);
    }

    /// Ends the history under way; may be called more than once. Returns the sum and the number of its finite durations.
    #[inline]
    pub fn end_history(&mut self) -> (i128, u64) {
        let open = std::mem::take(&mut self.open);
        self.clusters.add(open.0, open.1);
        open
    }

    /// What the durations of one history have in common.
    #[inline]
    pub(super) fn thresholds(&mut self) -> &mut Thresholds {
        &mut self.thresholds
    }

    /// What a duration is counted as.
    pub(super) fn counted(duration: Time) -> u64 {
        debug_assert!(duration >= Time::ZERO, "a duration");
        duration.min(Time::NEVER).0 as u64
    }

    /// Joins the durations of several hazards, which were added up, with what those of different hazards have in common.
    pub(super) fn join(&mut self, clusters: &Ratio, thresholds: &Thresholds) {
        self.clusters.merge(clusters);
        self.thresholds.merge(thresholds);
    }

    /// Adds all of `other`; neither may have a history under way.
    pub fn merge(&mut self, other: &Tally) {
        debug_assert!(self.open.1 == 0 && other.open.1 == 0, "a history is under way");
        self.squares.merge(&other.squares);
        self.extremes.merge(other.extremes);
        self.never += other.never;
        self.histogram.merge(&other.histogram);
        self.clusters.merge(&other.clusters);
        self.thresholds.merge(&other.thresholds);
    }

    /// How many durations, infinite ones included.
    pub fn count(&self) -> u64 {
        self.clusters.count() + self.never
    }

    /// How many are infinite.
    pub fn never(&self) -> u64 {
        self.never
    }

    /// The finite ones, in microseconds; to be asked when no history is under way, whose durations are only in part among them.
    pub fn finite(&self) -> Moments {
        Moments::of(self.clusters.count(), self.clusters.sum(), self.squares)
    }

    /// How many of the finite ones there are in each bucket of a coarser histogram: its buckets hold whole finer ones.
    pub(super) fn coarse(&self) -> Row<u64> {
        let mut counts = Row::default();
        self.histogram.buckets().for_each(|(middle, count)| *counts.at(Histogram::<COARSE>::bucket(middle)) += count);
        counts
    }

    /// The share of infinite ones.
    pub fn infinite(&self) -> Option<Estimate> {
        clustered_share_interval(
            self.never,
            self.count(),
            self.design_effect(Tally::counted(Time::NEVER), &self.histogram.ranked()),
        )
    }

    /// How many times larger the variance of the share beyond a duration is than that of independent ones.
    fn design_effect(&self, ticks: u64, finite: &Ranked<FINE>) -> f64 {
        self.thresholds.design_effect(ticks, finite, (Tally::counted(Time::NEVER), self.never))
    }

    /// Mean of the finite ones in seconds; incidents of one history may depend on each other, so its interval treats
    /// the histories as what is independent. It has none where they occurred in too few.
    pub fn mean(&self, histories: u64) -> Option<Estimate> {
        let value = self.finite().mean()?;
        let error = self.clusters.error(histories);
        let interval = error.and_then(|error| clustered_mean_interval(value, error, self.clusters.clusters()));
        let interval = interval.map(|(low, high)| (low.max(0.0), high));
        Some(Estimate { value, interval }.scaled(1.0 / TICKS))
    }

    /// Standard deviation of the finite ones in seconds.
    pub fn sd(&self) -> Option<f64> {
        self.finite().variance().map(|variance| variance.sqrt() / TICKS)
    }

    /// The longest, in seconds.
    pub fn max(&self) -> Option<f64> {
        let finite = self.extremes.known().map(|(_, greatest)| greatest as f64 / TICKS);
        if self.never > 0 { Some(f64::INFINITY) } else { finite }
    }

    /// The `p`-quantile in seconds, perhaps infinite; `None` where too few were seen to speak of it. An upper end that
    /// no value bounds is infinite.
    pub fn quantile(&self, p: f64) -> Option<Estimate> {
        let [quantile] = self.quantiles([p]);
        quantile
    }

    /// Several quantiles, as [`Tally::quantile`] each.
    pub fn quantiles<const N: usize>(&self, shares: [f64; N]) -> [Option<Estimate>; N] {
        let (n, finite) = (self.count(), self.histogram.ranked());
        // The infinite ones sort last.
        let seconds = |rank: u64| finite.at_rank(rank).map_or(f64::INFINITY, |ticks| self.within(ticks) / TICKS);
        shares.map(|p| {
            let rank = ((p * n as f64).ceil() as u64).clamp(1, n.max(1));
            let ticks = finite.at_rank(rank).unwrap_or(Tally::counted(Time::NEVER));
            let (low, high) = clustered_quantile_ranks(n, p, self.design_effect(ticks, &finite))?;
            let interval = (low.map_or(0.0, seconds), high.map_or(f64::INFINITY, seconds));
            Some(Estimate { value: seconds(rank), interval: Some(interval) })
        })
    }

    /// The middle of an outermost bucket may lie beyond the extremes, which are known exactly.
    fn within(&self, ticks: u64) -> f64 {
        let (least, greatest) = self.extremes.known().unwrap_or_default();
        ticks.clamp(least, greatest) as f64
    }

    /// The distribution function: `(seconds, share up to it)`, both ascending, at most about `points` of them. Infinite
    /// durations belong to no point, so the last share is below 1 by theirs.
    pub fn curve(&self, points: usize) -> Vec<(f64, f64)> {
        let all = self.count() as f64;
        let (mut up_to, mut shown) = (0, 0.0);
        let mut curve = Vec::new();
        self.histogram.buckets().for_each(|(ticks, count)| {
            let first = up_to == 0;
            up_to += count;
            let share = up_to as f64 / all;
            if first || share - shown >= 1.0 / points as f64 || up_to == self.clusters.count() {
                curve.push((self.within(ticks) / TICKS, share));
                shown = share;
            }
        });
        curve
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(seconds: impl Iterator<Item = f64>) -> Tally {
        let mut tally = Tally::default();
        seconds.for_each(|seconds| {
            tally.add(Time::from_seconds(seconds));
            tally.end_history();
        });
        tally
    }

    #[test]
    fn infinite_values_sort_last_and_stay_out_of_the_mean() {
        let tally = tally((1..=90).map(f64::from).chain([f64::INFINITY; 10]));
        assert_eq!((tally.count(), tally.never()), (100, 10));
        assert_eq!(tally.mean(100).expect("some").value, 45.5);
        assert_eq!(tally.max(), Some(f64::INFINITY));
        assert!((tally.quantile(0.5).expect("enough").value / 50.0 - 1.0).abs() < 5e-4);
        assert_eq!(tally.quantile(0.95).expect("enough").value, f64::INFINITY);
        assert_eq!(tally.quantile(0.99), None);
        assert_eq!(tally.curve(1000).last(), Some(&(90.0, 0.9)));
    }

    #[test]
    fn equal_durations_are_shown_exactly() {
        let tally = tally(std::iter::repeat_n(14_400.0, 100));
        assert_eq!(
            tally.quantile(0.95).expect("enough"),
            Estimate { value: 14_400.0, interval: Some((14_400.0, 14_400.0)) }
        );
        assert_eq!(tally.mean(100), Some(Estimate { value: 14_400.0, interval: Some((14_400.0, 14_400.0)) }));
        assert_eq!(tally.curve(1000), [(14_400.0, 1.0)]);
    }

    #[test]
    fn a_curve_has_no_more_points_than_asked_for() {
        let curve = tally((1..50_000).map(f64::from)).curve(1000);
        assert!(curve.len() <= 1002, "{}", curve.len());
        assert!(curve.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    }
}
