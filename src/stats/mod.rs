//! Statistics of what histories yield: exact sums and counts that merge in any order, and intervals made from them.
//!
//! Times are whole microseconds and money is whole millionths, so sums and sums of squares are exact integers. Quantiles come from
//! histograms whose buckets are at most 0.1% wide. Nothing here grows with the number of histories.

mod cluster;
mod few;
mod histogram;
mod interval;
mod moments;
mod partial;
mod path;
mod row;
mod tally;

pub use cluster::{Shares, Squares, Thresholds, Years};
pub use histogram::{COARSE, FINE, Histogram};
pub use interval::{
    ENOUGH_FOR_SPREAD, Estimate, clustered_mean_interval, clustered_quantile_ranks, clustered_share_interval,
    enough_for_quantile, events_interval, mean_interval, never_seen_bound, quantile_ranks, share_interval,
    simultaneous,
};
pub use moments::{Moments, Ratio};
pub use partial::{COMPARED, Difference, HazardTally, Longest, PRICES, Partial, Periods, Stored, StrategyTally, met};
pub use path::{Bad, Path, PathParts, Phase, REPAIR, RESUME, WAITING, waited_for};
pub use tally::Tally;
