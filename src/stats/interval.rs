//! Intervals that hold the truth in 95% of runs.
//!
//! `docs/STATISTICS.md` says which is used where, and how often each holds the truth. What is counted may come in clusters
//! (the incidents, or the years, of one history): a design effect says how many times larger that makes the variance of
//! a share (Kish, *Survey Sampling*, 1965).

use statrs::distribution::{ContinuousCDF, StudentsT};
use statrs::function::erf::erfc_inv;
use statrs::function::factorial::ln_binomial;

/// The standard normal quantile of 0.975.
const Z: f64 = 1.959_963_984_540_054;
/// What may lie beyond either end.
const TAIL: f64 = 0.025;

/// A value and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The best guess.
    pub value: f64,
    /// Ends of the interval; `None` where nothing can be said.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// The same in other units, or turned round where `scale` is negative.
    pub fn scaled(self, scale: f64) -> Estimate {
        let turn = |(low, high): (f64, f64)| {
            if scale < 0.0 { (high * scale, low * scale) } else { (low * scale, high * scale) }
        };
        Estimate { value: self.value * scale, interval: self.interval.map(turn) }
    }

    /// The lower end.
    pub fn low(&self) -> Option<f64> {
        self.interval.map(|ends| ends.0)
    }

    /// The upper end.
    pub fn high(&self) -> Option<f64> {
        self.interval.map(|ends| ends.1)
    }
}

/// Of fewer histories than this the spread of a mean is not known well enough to give it an interval.
pub const ENOUGH_FOR_SPREAD: u64 = 30;

/// Around a mean with this standard error.
pub fn mean_interval(mean: f64, error: f64) -> (f64, f64) {
    (mean - Z * error, mean + Z * error)
}

/// Around a mean over so many clusters, by Student's t; `None` of fewer than [`ENOUGH_FOR_SPREAD`].
pub fn clustered_mean_interval(mean: f64, error: f64, clusters: u64) -> Option<(f64, f64)> {
    if clusters < ENOUGH_FOR_SPREAD {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, (clusters - 1) as f64).map_or(Z, |law| law.inverse_cdf(1.0 - TAIL));
    Some((mean - t * error, mean + t * error))
}

/// Half the width, in standard errors, of intervals that all hold at once in 95% of runs (Bonferroni).
pub fn simultaneous(intervals: usize) -> f64 {
    std::f64::consts::SQRT_2 * erfc_inv(2.0 * TAIL / intervals.max(1) as f64)
}

/// A share of which `seen` in `of` independent ones were seen; `None` of nothing.
pub fn share_interval(seen: u64, of: u64) -> Option<Estimate> {
    clustered_share_interval(seen, of, 1.0)
}

/// The same where what is counted comes in clusters with this design effect: Wilson (1927) with as many fewer, and where
/// none or all were seen the exact bound (Clopper and Pearson, 1934).
pub fn clustered_share_interval(seen: u64, of: u64, design_effect: f64) -> Option<Estimate> {
    if of == 0 {
        return None;
    }
    let n = of as f64 / design_effect;
    let value = seen as f64 / of as f64;
    let interval = if seen == 0 {
        (0.0, unseen_share(n))
    } else if seen == of {
        (1.0 - unseen_share(n), 1.0)
    } else {
        let middle = value + Z * Z / (2.0 * n);
        let half = Z * (value * (1.0 - value) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        ((middle - half).max(0.0) / scale, ((middle + half) / scale).min(1.0))
    };
    Some(Estimate { value, interval: Some(interval) })
}

/// Around a number of events whose variance is `dispersion` times that of a Poisson law, by Byar's approximation of its
/// exact limits (Breslow and Day, *Statistical Methods in Cancer Research*, volume 2, 1987). Of none: up to `-ln 0.025`.
pub fn events_interval(seen: f64, dispersion: f64) -> (f64, f64) {
    if seen <= 0.0 {
        return (0.0, -TAIL.ln());
    }
    if dispersion <= 0.0 {
        return (seen, seen);
    }
    let limit = |n: f64, z: f64| n * (1.0 - 1.0 / (9.0 * n) + z / (3.0 * n.sqrt())).max(0.0).powi(3);
    let n = seen / dispersion;
    (limit(n, -Z) * dispersion, limit(n + 1.0, Z) * dispersion)
}

/// The greatest probability of what was not seen in `trials` independent trials: `1 - 0.025^(1/trials)`.
pub fn never_seen_bound(trials: u64) -> f64 {
    if trials == 0 { 1.0 } else { unseen_share(trials as f64) }
}

fn unseen_share(trials: f64) -> f64 {
    -(TAIL.ln() / trials).exp_m1()
}

/// Whether `n` values are enough to speak of the `p`-quantile: one of them lies beyond it with probability 95%
/// (59 for p95, 299 for p99), and for low quantiles below it.
pub fn enough_for_quantile(n: u64, p: f64) -> bool {
    enough(n as f64, p)
}

fn enough(n: f64, p: f64) -> bool {
    1.0 - p.max(1.0 - p).powf(n) >= 0.95
}

/// Ranks between which the `p`-quantile of `n` values lies that come in clusters with this design effect: those of
/// independent values ([`quantile_ranks`]), as much farther from the middle as the standard error is larger (Woodruff,
/// 1952). An end that no value bounds is `None`; so is all where they are too few to speak of the quantile.
pub fn clustered_quantile_ranks(n: u64, p: f64, design_effect: f64) -> Option<(Option<u64>, Option<u64>)> {
    if !enough(n as f64 / design_effect, p) {
        return None;
    }
    let (middle, wider) = (p * n as f64, design_effect.sqrt());
    let (low, high) = quantile_ranks(n, p);
    let low = low.map(|rank| middle - (middle - rank as f64) * wider).filter(|rank| *rank >= 1.0);
    let high = high.map(|rank| middle + (rank as f64 - middle) * wider).filter(|rank| *rank <= n as f64);
    Some((low.map(|rank| rank.floor() as u64), high.map(|rank| rank.ceil() as u64)))
}

/// Ranks from 1 to `n` of the values between which the `p`-quantile lies with at least 95%; `None` for an end that no
/// value can bound.
pub fn quantile_ranks(n: u64, p: f64) -> (Option<u64>, Option<u64>) {
    let size = n as f64;
    let sd = (size * p * (1.0 - p)).sqrt();
    // Beyond 10 standard deviations and 40 more nothing of the binomial law counts.
    let reach = 10.0 * sd + 40.0;
    let start = (size * p - reach).max(0.0).floor();
    let mut mass = (ln_binomial(n, start as u64) + start * p.ln() + (size - start) * (-p).ln_1p()).exp();
    let (mut k, mut up_to) = (start as u64, mass);
    // The lower rank is the greatest l with P(B < l) <= 0.025, the upper the least u with P(B < u) >= 0.975.
    let mut low = k;
    while k < n && up_to < 1.0 - TAIL {
        if up_to <= TAIL {
            low = k + 1;
        }
        mass *= (size - k as f64) / (k as f64 + 1.0) * p / (1.0 - p);
        k += 1;
        up_to += mass;
    }
    ((low > 0).then_some(low), (k < n).then_some(k + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    #[test]
    fn ranks_are_those_of_the_tables() {
        // Conover, *Practical Nonparametric Statistics*: the median of 10 lies between the 2nd and the 9th.
        assert_eq!(quantile_ranks(10, 0.5), (Some(2), Some(9)));
        assert_eq!(quantile_ranks(5, 0.5), (None, None));
        assert_eq!(quantile_ranks(6, 0.5), (Some(1), Some(6)));
        assert_eq!(quantile_ranks(366 - 1, 0.99).1, None);
        assert!(quantile_ranks(368, 0.99).1.is_some());
        let (low, high) = quantile_ranks(10_000_000, 0.95);
        let half = Z * (1e7_f64 * 0.95 * 0.05).sqrt();
        assert!((low.expect("a rank") as f64 - (9.5e6 - half)).abs() < 2.0);
        assert!((high.expect("a rank") as f64 - (9.5e6 + half)).abs() < 3.0);
    }

    #[test]
    fn as_many_values_are_needed_as_the_rule_says() {
        for (p, n) in [(0.9, 29), (0.95, 59), (0.99, 299), (0.5, 5), (0.05, 59)] {
            assert!(enough_for_quantile(n, p) && !enough_for_quantile(n - 1, p), "{p}");
        }
    }

    #[test]
    fn nothing_is_certain() {
        let none = share_interval(0, 100).expect("100").interval.expect("bounds");
        assert!((none.1 - 0.036_216_69).abs() < 1e-7 && none.0 == 0.0);
        let all = share_interval(100, 100).expect("100").interval.expect("bounds");
        assert!((all.0 - (1.0 - 0.036_216_69)).abs() < 1e-7 && all.1 == 1.0);
        assert_eq!(share_interval(0, 0), None);
    }

    #[test]
    fn wilson_is_that_of_the_textbook() {
        // Newcombe (1998), table I: 81 of 263 gives 0.2553 to 0.3662.
        let (low, high) = share_interval(81, 263).expect("263").interval.expect("bounds");
        assert!((low - 0.2553).abs() < 5e-5 && (high - 0.3662).abs() < 5e-5);
    }

    /// Of 1,000 runs the interval of a p95 of 500 exponential values must hold the truth in at least 931: false alarm
    /// below 1% for an interval that holds it in exactly 95%.
    #[test]
    fn quantile_intervals_hold_the_truth() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(11);
        let truth = -(0.05_f64.ln());
        let (low, high) = quantile_ranks(500, 0.95);
        let held = (0..1000).filter(|_| {
            let mut values: Vec<f64> = (0..500).map(|_| -rng.random::<f64>().ln()).collect();
            values.sort_by(f64::total_cmp);
            values[low.expect("a rank") as usize - 1] <= truth && truth <= values[high.expect("a rank") as usize - 1]
        });
        assert!(held.count() >= 931);
    }

    /// Wilson's interval for 0.2 in 400: 931 to 967 of 1,000 (false alarm about 1%, none with this seed).
    #[test]
    fn share_intervals_hold_the_truth() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(12);
        let held = (0..1000).filter(|_| {
            let seen = (0..400).filter(|_| rng.random::<f64>() < 0.2).count() as u64;
            let (low, high) = share_interval(seen, 400).expect("400").interval.expect("bounds");
            (low..=high).contains(&0.2)
        });
        let held = held.count();
        assert!((931..=967).contains(&held), "{held}");
    }
}
