//! The reference model of `../reference.toml`, two regions for ten years, as the limit and the peers simulate it.
//!
//! Disasters come as a Poisson process and wait for nothing; each takes the home region down until it is repaired. A plan
//! of seven steps recovers in the other region; two of them need its control plane, which fails and comes back all the
//! time, and are held while it is down. What was lost is the age of the last finished hourly backup. Disasters during a
//! recovery are absorbed. Times are in minutes.

pub mod draws;
pub mod limit;
pub mod plan;
mod stream;

pub use stream::Stream;

use std::time::Instant;

/// Ten years.
pub const HORIZON: f64 = 10.0 * 525_600.0;
/// Mean time between disasters: two years.
pub const DISASTER_MEAN: f64 = 2.0 * 525_600.0;
/// Mean time to failure of the control plane: sixty days.
pub const CONTROL_UP_MEAN: f64 = 60.0 * 1440.0;
/// Time to repair of the control plane: median and sigma of a lognormal.
pub const CONTROL_DOWN: (f64, f64) = (120.0, 0.8);
/// Time to repair of the region: shape and scale of a Weibull.
pub const REPAIR: (f64, f64) = (1.5, 4320.0);
/// Median and sigma.
pub const DETECT: (f64, f64) = (5.0, 0.5);
/// Low, mode, high of a triangular.
pub const DECIDE: (f64, f64, f64) = (5.0, 15.0, 60.0);
/// The restore takes the size of the data over the throughput: medians and sigmas.
pub const SIZE: (f64, f64) = (500.0, 0.3);
pub const THROUGHPUT: (f64, f64) = (5.0, 0.4);
/// Shape and scale of a gamma.
pub const PROVISION: (f64, f64) = (3.0, 10.0);
pub const DEPLOY: (f64, f64) = (2.0, 5.0);
/// Low, mode, high.
pub const VALIDATE: (f64, f64, f64) = (5.0, 10.0, 30.0);
/// Traffic has shifted after a uniform time up to this one.
pub const TIME_TO_LIVE: f64 = 60.0;
/// A backup starts every hour, and takes a lognormal time.
pub const BACKUP_EVERY: f64 = 60.0;
pub const BACKUP_TAKES: (f64, f64) = (10.0, 0.5);
/// The way home, once the region is repaired.
pub const FAILBACK: (f64, f64) = (240.0, 0.5);
/// Cost a minute: always, while the other region runs, while the service is down; and for a minute of lost data.
pub const COST_ALWAYS: f64 = 2.0;
pub const COST_RUNNING: f64 = 5.0;
pub const COST_DOWN: f64 = 1000.0;
pub const COST_LOSS: f64 = 50.0;

/// Sums over histories.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Tally {
    pub histories: u64,
    pub disasters: u64,
    pub recoveries: u64,
    pub recovery_time: f64,
    pub data_loss: f64,
    pub downtime: f64,
    pub cost: f64,
}

impl Tally {
    /// One history more.
    pub fn add(&mut self, history: Tally) {
        self.histories += history.histories;
        self.disasters += history.disasters;
        self.recoveries += history.recoveries;
        self.recovery_time += history.recovery_time;
        self.data_loss += history.data_loss;
        self.downtime += history.downtime;
        self.cost += history.cost;
    }
}

/// How many histories the command line asks for, and whether that is a word in it.
pub fn arguments() -> (u64, Option<String>) {
    let mut arguments = std::env::args().skip(1);
    let histories = arguments.next().and_then(|number| number.parse().ok()).expect("a number of histories");
    (histories, arguments.next())
}

/// Times `history` for every number below `histories` and prints, with tabs between: nanoseconds a history, mean
/// recovery time, mean data loss.
pub fn time(histories: u64, mut history: impl FnMut(u64) -> Tally) {
    let start = Instant::now();
    let mut tally = Tally::default();
    for number in 0..histories {
        tally.add(history(number));
    }
    let nanoseconds = start.elapsed().as_secs_f64() * 1e9 / histories as f64;
    // All sums are used, so that no compiler leaves one out.
    assert!(tally.cost > 0.0 && tally.downtime >= tally.recovery_time && tally.histories == histories);
    let recovery_time = tally.recovery_time / tally.recoveries as f64;
    println!("{nanoseconds}\t{recovery_time}\t{}", tally.data_loss / tally.disasters as f64);
}
