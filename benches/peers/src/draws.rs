//! What one history draws, from one stream: the same distributions for the limit and for every peer.

use crate::*;
use rand::RngExt;
use rand_distr::{Distribution, Exp1, Gamma, StandardNormal};

/// Distributions with their parameters prepared.
#[derive(Clone)]
pub struct Laws {
    provision: Gamma<f64>,
    deploy: Gamma<f64>,
    control_down: Lognormal,
    control_down_met: Lognormal,
    detect: Lognormal,
    size: Lognormal,
    throughput: Lognormal,
    restore: Lognormal,
    backup: Lognormal,
    failback: Lognormal,
    repair_inverse_shape: f64,
}

#[derive(Clone, Copy)]
struct Lognormal {
    mu: f64,
    sigma: f64,
}

impl Lognormal {
    fn new((median, sigma): (f64, f64)) -> Lognormal {
        Lognormal { mu: median.ln(), sigma }
    }

    #[inline(always)]
    fn sample(self, stream: &mut Stream) -> f64 {
        let z: f64 = StandardNormal.sample(stream);
        (self.mu + self.sigma * z).exp()
    }
}

impl Default for Laws {
    fn default() -> Self {
        let down = Lognormal::new(CONTROL_DOWN);
        let (size, throughput) = (Lognormal::new(SIZE), Lognormal::new(THROUGHPUT));
        Laws {
            provision: Gamma::new(PROVISION.0, PROVISION.1).expect("valid"),
            deploy: Gamma::new(DEPLOY.0, DEPLOY.1).expect("valid"),
            control_down: down,
            control_down_met: Lognormal { mu: down.mu + down.sigma * down.sigma, ..down },
            detect: Lognormal::new(DETECT),
            size,
            throughput,
            restore: Lognormal { mu: size.mu - throughput.mu, sigma: size.sigma.hypot(throughput.sigma) },
            backup: Lognormal::new(BACKUP_TAKES),
            failback: Lognormal::new(FAILBACK),
            repair_inverse_shape: 1.0 / REPAIR.0,
        }
    }
}

/// The draws of one history.
#[derive(Clone)]
pub struct Draws<'a> {
    stream: Stream,
    laws: &'a Laws,
}

impl<'a> Draws<'a> {
    /// Of that history.
    #[inline(always)]
    pub fn new(history: u64, laws: &'a Laws) -> Draws<'a> {
        Draws { stream: Stream::new(42, history), laws }
    }

    #[inline(always)]
    fn exponential(&mut self, mean: f64) -> f64 {
        let x: f64 = Exp1.sample(&mut self.stream);
        x * mean
    }

    #[inline(always)]
    fn triangular(&mut self, (low, mode, high): (f64, f64, f64)) -> f64 {
        let u = self.uniform();
        if u < (mode - low) / (high - low) {
            low + (u * (high - low) * (mode - low)).sqrt()
        } else {
            high - ((1.0 - u) * (high - low) * (high - mode)).sqrt()
        }
    }

    /// Between 0 and 1.
    #[inline(always)]
    pub fn uniform(&mut self) -> f64 {
        self.stream.random()
    }

    #[inline(always)]
    pub fn to_disaster(&mut self) -> f64 {
        self.exponential(DISASTER_MEAN)
    }

    #[inline(always)]
    pub fn control_up(&mut self) -> f64 {
        self.exponential(CONTROL_UP_MEAN)
    }

    #[inline(always)]
    pub fn control_down(&mut self) -> f64 {
        self.laws.control_down.sample(&mut self.stream)
    }

    /// A time to repair of the control plane as one meets it at an instant: drawn in proportion to its length.
    #[inline(always)]
    pub fn control_down_met(&mut self) -> f64 {
        self.laws.control_down_met.sample(&mut self.stream)
    }

    #[inline(always)]
    pub fn repair(&mut self) -> f64 {
        let x: f64 = Exp1.sample(&mut self.stream);
        REPAIR.1 * x.powf(self.laws.repair_inverse_shape)
    }

    #[inline(always)]
    pub fn detect(&mut self) -> f64 {
        self.laws.detect.sample(&mut self.stream)
    }

    #[inline(always)]
    pub fn decide(&mut self) -> f64 {
        self.triangular(DECIDE)
    }

    #[inline(always)]
    pub fn restore(&mut self) -> f64 {
        let size = self.laws.size.sample(&mut self.stream);
        size / self.laws.throughput.sample(&mut self.stream)
    }

    /// The same law with one draw: a ratio of lognormals is one.
    #[inline(always)]
    pub fn restore_at_once(&mut self) -> f64 {
        self.laws.restore.sample(&mut self.stream)
    }

    #[inline(always)]
    pub fn provision(&mut self) -> f64 {
        self.laws.provision.sample(&mut self.stream)
    }

    #[inline(always)]
    pub fn deploy(&mut self) -> f64 {
        self.laws.deploy.sample(&mut self.stream)
    }

    #[inline(always)]
    pub fn validate(&mut self) -> f64 {
        self.triangular(VALIDATE)
    }

    #[inline(always)]
    pub fn shift_traffic(&mut self) -> f64 {
        self.uniform() * TIME_TO_LIVE
    }

    #[inline(always)]
    pub fn failback(&mut self) -> f64 {
        self.laws.failback.sample(&mut self.stream)
    }

    /// The age of the last backup that is finished at `now`.
    #[inline(always)]
    pub fn data_loss(&mut self, now: f64) -> f64 {
        let mut number = (now / BACKUP_EVERY).floor();
        loop {
            let takes = self.laws.backup.sample(&mut self.stream);
            if number * BACKUP_EVERY + takes <= now {
                return now - number * BACKUP_EVERY;
            }
            if number <= 0.0 {
                return now;
            }
            number -= 1.0;
        }
    }
}
