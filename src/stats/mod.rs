//! Statistics of what histories yield: exact sums and counts that merge in any order, and intervals made from them.
//!
//! Times are whole microseconds and money is whole millionths, so sums and sums of squares are exact integers. Quantiles come from
//! histograms whose buckets are at most 0.1% wide. Nothing here grows with the number of histories.

mod histogram;
mod interval;
mod moments;
mod partial;
mod path;
mod tally;

pub use histogram::{COARSE, FINE, Histogram};
pub use interval::{
    Estimate, enough_for_quantile, mean_interval, never_seen_bound, quantile_ranks, share_interval, unseen_events_bound,
};
pub use moments::{Moments, Ratio};
pub use partial::{Difference, HazardTally, Longest, PRICES, Partial, Stored, StrategyTally, met};
pub use path::{Bad, Path, PathParts, Phase, REPAIR, RESUME, WAITING};
pub use tally::Tally;
