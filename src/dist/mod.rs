//! Distributions of non-negative quantities, valid by construction.
//!
//! A distribution carries no unit: durations are drawn in seconds, throughputs in bytes a second, shares as they are.
//! Parameters that leave no spread (`sd = 0`, `low = high`) give a constant, not an error. Formulas are those of
//! Johnson, Kotz and Balakrishnan, *Continuous Univariate Distributions*, unless said otherwise.

mod power;

use power::{exp2, exp2_in_loop, log2};
use rand::{Rng, RngExt, SeedableRng};
use rand_distr::{Beta, Distribution, Exp1, Gamma, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::function::{beta::beta_reg, erf, gamma};
use std::f64::consts::{LN_2, LOG2_E};

/// A distribution of a quantity that is never negative and never infinite.
#[derive(Clone, Debug)]
pub struct Dist(Law);

/// Why a distribution cannot be: a sentence for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistError(pub String);

/// The families, each with its parameters prepared for drawing. (A byte tells them apart, not a value that a parameter never
/// has, which takes longer to read.)
#[derive(Clone, Debug)]
#[repr(u8)]
enum Law {
    Constant(f64),
    Exponential {
        mean: f64,
    },
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        mode: f64,
        high: f64,
    },
    /// Given that it is not negative.
    Normal {
        mean: f64,
        sd: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Gamma {
        law: Gamma<f64>,
        shape: f64,
        scale: f64,
        /// The shape, where it is a small whole number: so many exponential draws together have the law (Erlang's).
        stages: Option<u32>,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    /// `low + width x Beta(a, b)`.
    Beta {
        law: Beta<f64>,
        a: f64,
        b: f64,
        low: f64,
        width: f64,
    },
    /// In ascending order.
    Empirical(Vec<f64>),
    /// Cumulated weights, ending at 1.
    Mixture(Vec<(f64, Dist)>),
    Sum(Vec<Dist>),
    /// Given that it lies between.
    Cut {
        of: Box<Dist>,
        low: f64,
        high: f64,
    },
}

/// Of more stages, a gamma law is drawn quicker by rejection (Marsaglia and Tsang, 2000, as `rand_distr` does).
const MOST_STAGES: u32 = 6;

/// Tries before a cut distribution is drawn by inversion instead.
const TRIES: u32 = 64;

fn ensure(holds: bool, message: impl Fn() -> String) -> Result<(), DistError> {
    if holds { Ok(()) } else { Err(DistError(message())) }
}

fn not_negative(name: &str, value: f64) -> Result<(), DistError> {
    ensure(value >= 0.0 && value.is_finite(), || format!("{name} must not be negative"))
}

fn positive(name: &str, value: f64) -> Result<(), DistError> {
    ensure(value > 0.0 && value.is_finite(), || format!("{name} must be more than 0"))
}

impl Dist {
    /// Always `value`.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn constant(value: f64) -> Result<Dist, DistError> {
        not_negative("the value", value)?;
        Ok(Dist(Law::Constant(value)))
    }

    /// Exponential with this mean.
    ///
    /// # Errors
    /// When the mean is negative.
    pub fn exponential(mean: f64) -> Result<Dist, DistError> {
        not_negative("mean", mean)?;
        Ok(Dist(if mean == 0.0 { Law::Constant(0.0) } else { Law::Exponential { mean } }))
    }

    /// Uniform on `[low, high]`.
    ///
    /// # Errors
    /// When `low` is negative or above `high`.
    pub fn uniform(low: f64, high: f64) -> Result<Dist, DistError> {
        ordered(&[("low", low), ("high", high)])?;
        Ok(Dist(if low == high { Law::Constant(low) } else { Law::Uniform { low, high } }))
    }

    /// Triangular with this mode.
    ///
    /// # Errors
    /// When `low <= mode <= high` does not hold, or `low` is negative.
    pub fn triangular(low: f64, mode: f64, high: f64) -> Result<Dist, DistError> {
        ordered(&[("low", low), ("mode", mode), ("high", high)])?;
        Ok(Dist(if low == high { Law::Constant(low) } else { Law::Triangular { low, mode, high } }))
    }

    /// PERT: a beta distribution on `[low, high]` with mean `(low + 4 mode + high) / 6` (Malcolm et al. 1959).
    ///
    /// # Errors
    /// When `low <= mode <= high` does not hold, or `low` is negative.
    pub fn pert(low: f64, mode: f64, high: f64) -> Result<Dist, DistError> {
        ordered(&[("low", low), ("mode", mode), ("high", high)])?;
        let width = high - low;
        if width == 0.0 {
            return Dist::constant(low);
        }
        beta_on(1.0 + 4.0 * (mode - low) / width, 1.0 + 4.0 * (high - mode) / width, low, width)
    }

    /// Normal given that it is not negative: `mean` and `sd` are those before the cut.
    ///
    /// # Errors
    /// When the mean or the standard deviation is negative.
    pub fn normal(mean: f64, sd: f64) -> Result<Dist, DistError> {
        not_negative("mean", mean)?;
        not_negative("sd", sd)?;
        Ok(Dist(if sd == 0.0 { Law::Constant(mean) } else { Law::Normal { mean, sd } }))
    }

    /// `exp(mu + sigma Z)` with Z standard normal.
    ///
    /// # Errors
    /// When `mu` is not finite or `sigma` is negative.
    pub fn lognormal(mu: f64, sigma: f64) -> Result<Dist, DistError> {
        ensure(mu.is_finite(), || "median must be more than 0".into())?;
        not_negative("sigma", sigma)?;
        Ok(Dist(if sigma == 0.0 { Law::Constant(mu.exp()) } else { Law::LogNormal { mu, sigma } }))
    }

    /// Lognormal with this median; `sigma` is the standard deviation of the logarithm.
    ///
    /// # Errors
    /// When the median is not positive or `sigma` is negative.
    pub fn lognormal_median(median: f64, sigma: f64) -> Result<Dist, DistError> {
        positive("median", median)?;
        Dist::lognormal(median.ln(), sigma)
    }

    /// Lognormal with this mean and standard deviation (of the quantity itself).
    ///
    /// # Errors
    /// When the mean is not positive or the standard deviation is negative.
    pub fn lognormal_mean_sd(mean: f64, sd: f64) -> Result<Dist, DistError> {
        positive("mean", mean)?;
        not_negative("sd", sd)?;
        let variance = (sd / mean).powi(2).ln_1p();
        Dist::lognormal(mean.ln() - variance / 2.0, variance.sqrt())
    }

    /// Lognormal through two percentiles `(probability, value)`.
    ///
    /// # Errors
    /// When the probabilities are not between 0 and 1 or the values do not rise with them.
    pub fn lognormal_percentiles(one: (f64, f64), other: (f64, f64)) -> Result<Dist, DistError> {
        let (low, high) = if one.0 < other.0 { (one, other) } else { (other, one) };
        let inside = |p: f64| p > 0.0 && p < 1.0;
        ensure(inside(low.0) && inside(high.0) && low.0 < high.0, || {
            "two different percentiles between 0 and 100 are needed".into()
        })?;
        positive("the lower percentile", low.1)?;
        ensure(low.1 <= high.1 && high.1.is_finite(), || {
            "the value of the lower percentile must not be above that of the higher one".into()
        })?;
        let (z, w) = (normal_quantile(low.0), normal_quantile(high.0));
        let sigma = (high.1 / low.1).ln() / (w - z);
        Dist::lognormal(low.1.ln() - z * sigma, sigma)
    }

    /// Gamma with this shape and mean.
    ///
    /// # Errors
    /// When the shape is not positive or the mean is negative.
    pub fn gamma(shape: f64, mean: f64) -> Result<Dist, DistError> {
        positive("shape", shape)?;
        not_negative("mean", mean)?;
        if mean == 0.0 {
            return Dist::constant(0.0);
        }
        let scale = mean / shape;
        let law = Gamma::new(shape, scale).map_err(|error| DistError(error.to_string()))?;
        let stages = (1..=MOST_STAGES).find(|&stages| f64::from(stages) == shape);
        Ok(Dist(Law::Gamma { law, shape, scale, stages }))
    }

    /// Weibull: the share beyond x is `exp(-(x / scale)^shape)`.
    ///
    /// # Errors
    /// When the shape is not positive or the scale is negative.
    pub fn weibull(shape: f64, scale: f64) -> Result<Dist, DistError> {
        positive("shape", shape)?;
        not_negative("scale", scale)?;
        Ok(Dist(if scale == 0.0 { Law::Constant(0.0) } else { Law::Weibull { shape, scale } }))
    }

    /// Beta on `[0, 1]` with this mean and standard deviation.
    ///
    /// # Errors
    /// When the mean is not in `[0, 1]`, or the standard deviation is too large for any beta distribution with that
    /// mean.
    pub fn beta(mean: f64, sd: f64) -> Result<Dist, DistError> {
        ensure((0.0..=1.0).contains(&mean), || "mean must lie between 0 and 1".into())?;
        not_negative("sd", sd)?;
        if sd == 0.0 {
            return Dist::constant(mean);
        }
        let size = mean * (1.0 - mean) / (sd * sd) - 1.0;
        ensure(size > 0.0, || {
            format!("sd must be below {:.3} for a share with mean {mean}", (mean * (1.0 - mean)).sqrt())
        })?;
        beta_on(mean * size, (1.0 - mean) * size, 0.0, 1.0)
    }

    /// One of these values, each as likely as the others.
    ///
    /// # Errors
    /// When there is none, or one is negative or not finite.
    pub fn empirical(mut values: Vec<f64>) -> Result<Dist, DistError> {
        ensure(!values.is_empty(), || "at least one value is needed".into())?;
        for &value in &values {
            not_negative("each value", value)?;
        }
        values.sort_by(f64::total_cmp);
        Ok(Dist(Law::Empirical(values)))
    }

    /// Drawn from one of several distributions, chosen by weight.
    ///
    /// # Errors
    /// When there is none, a weight is negative, or all are 0.
    pub fn mixture(parts: Vec<(f64, Dist)>) -> Result<Dist, DistError> {
        for part in &parts {
            not_negative("weight", part.0)?;
        }
        let total: f64 = parts.iter().map(|part| part.0).sum();
        ensure(total > 0.0, || "at least one part must have a weight above 0".into())?;
        let mut sum = 0.0;
        let cumulated = parts.into_iter().filter(|part| part.0 > 0.0).map(|(weight, dist)| {
            sum += weight / total;
            (sum, dist)
        });
        Ok(Dist(Law::Mixture(cumulated.collect())))
    }

    /// The sum of independent draws.
    ///
    /// # Errors
    /// When there is nothing to add.
    pub fn sum(parts: Vec<Dist>) -> Result<Dist, DistError> {
        ensure(!parts.is_empty(), || "at least one part is needed".into())?;
        Ok(Dist(Law::Sum(parts)))
    }

    /// This distribution given that it lies in `[at_least, at_most]`.
    ///
    /// # Errors
    /// When the bounds are the wrong way round, or it (almost) never lies between them.
    pub fn between(self, at_least: Option<f64>, at_most: Option<f64>) -> Result<Dist, DistError> {
        if at_least.is_none() && at_most.is_none() {
            return Ok(self);
        }
        let (low, high) = (at_least.unwrap_or(0.0), at_most.unwrap_or(f64::INFINITY));
        not_negative("at_least", low)?;
        ensure(low <= high, || "at_least must not be above at_most".into())?;
        if let Law::Empirical(values) = self.0 {
            let values: Vec<f64> = values.into_iter().filter(|value| (low..=high).contains(value)).collect();
            ensure(!values.is_empty(), || "no value lies between at_least and at_most".into())?;
            return Ok(Dist(Law::Empirical(values)));
        }
        let cut = Dist(Law::Cut { of: Box::new(self), low, high });
        ensure(cut.likely_enough(), || "it almost never lies between at_least and at_most".into())?;
        Ok(cut)
    }

    /// The mean, if this is an exponential distribution.
    pub fn exponential_mean(&self) -> Option<f64> {
        if let Law::Exponential { mean } = self.0 { Some(mean) } else { None }
    }

    /// What hardly any draw exceeds: a value, the probability of more than that, and the law of what is more. `None`
    /// where that cannot be told exactly.
    pub fn rare_tail(&self, probability: f64) -> Option<(f64, Option<(f64, Dist)>)> {
        let (_, high) = self.bounds();
        if high.is_finite() {
            return Some((high, None));
        }
        match &self.0 {
            Law::Exponential { .. }
            | Law::Normal { .. }
            | Law::LogNormal { .. }
            | Law::Gamma { .. }
            | Law::Weibull { .. } => {
                let value = self.quantile(1.0 - probability);
                let beyond = 1.0 - self.cdf(value)?;
                let tail = Dist(Law::Cut { of: Box::new(self.clone()), low: value, high: f64::INFINITY });
                Some((value, Some((beyond, tail)).filter(|_| beyond > 0.0)))
            }
            Law::Constant(_)
            | Law::Uniform { .. }
            | Law::Triangular { .. }
            | Law::Beta { .. }
            | Law::Empirical(_)
            | Law::Mixture(_)
            | Law::Sum(_)
            | Law::Cut { .. } => None,
        }
    }

    /// One draw.
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R) -> f64 {
        match &self.0 {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => from_exponential(*mean, rng),
            Law::Uniform { low, high } => uniform(*low, *high, rng),
            Law::Triangular { low, mode, high } => triangular_quantile(rng.random(), *low, *mode, *high),
            Law::LogNormal { mu, sigma } => from_lognormal(*mu, *sigma, rng),
            Law::Gamma { scale, stages: Some(stages), .. } => from_stages(*stages, *scale, rng),
            Law::Gamma { law, .. } => from_gamma(law, rng),
            Law::Weibull { shape, scale } => from_weibull(*shape, *scale, rng),
            Law::Beta { law, low, width, .. } => low + width * from_beta(law, rng),
            Law::Normal { mean, sd } => normal_above_zero(*mean, *sd, rng),
            Law::Empirical(values) => one_of(values, rng),
            Law::Mixture(parts) => from_mixture(parts, rng),
            Law::Sum(parts) => from_sum(parts, rng),
            Law::Cut { of, low, high } => of.sample_between(*low, *high, rng),
        }
    }

    /// Fills `values` with one draw from each stream: the same as [`Dist::sample`] of each, in less time, as the law is
    /// looked at only once, and what becomes of a random number is worked out for several at a time.
    pub(crate) fn draw_each<R: Rng>(&self, streams: impl Iterator<Item = R>, values: &mut [f64]) {
        match &self.0 {
            Law::Constant(value) => values.fill(*value),
            Law::Exponential { mean } => fill(values, streams, |rng| mean * standard_exponential(rng)),
            Law::Uniform { low, high } => fill(values, streams, |rng| uniform(*low, *high, rng)),
            Law::Triangular { low, mode, high } => {
                fill(values, streams, |rng| rng.random());
                replace(values, |p| triangular_quantile(p, *low, *mode, *high));
            }
            Law::LogNormal { mu, sigma } => {
                fill(values, streams, standard_normal);
                replace(values, |z| exp2_in_loop(log2_of_lognormal(*mu, *sigma, z)));
            }
            Law::Gamma { scale, stages: Some(stages), .. } => {
                fill(values, streams, |rng| scale * sum_of_exponentials(*stages, rng));
            }
            Law::Gamma { law, .. } => fill(values, streams, |rng| law.sample(rng)),
            Law::Weibull { shape, scale } => {
                fill(values, streams, standard_exponential);
                replace(values, |e| scale * exp2_in_loop(log2_of_weibull(*shape, e)));
            }
            Law::Normal { .. }
            | Law::Beta { .. }
            | Law::Empirical(_)
            | Law::Mixture(_)
            | Law::Sum(_)
            | Law::Cut { .. } => fill(values, streams, |rng| self.sample(rng)),
        }
    }

    /// One draw from a stream that is begun only if there is something to be drawn.
    #[inline]
    pub fn draw<R: Rng>(&self, stream: impl FnOnce() -> R) -> f64 {
        if let Law::Constant(value) = self.0 { value } else { self.sample(&mut stream()) }
    }

    /// A draw given that it lies in `[low, high]`: by rejection while that is quick, else by inversion. Both have the
    /// same law, so the mixture of them has it too.
    #[inline(never)]
    fn sample_between<R: Rng + ?Sized>(&self, low: f64, high: f64, rng: &mut R) -> f64 {
        let (Some(from), Some(to)) = (self.cdf(low), self.cdf(high)) else {
            loop {
                let value = self.sample(rng);
                if (low..=high).contains(&value) {
                    return value;
                }
            }
        };
        for _ in 0..TRIES {
            let value = self.sample(rng);
            if (low..=high).contains(&value) {
                return value;
            }
        }
        self.quantile(from + (to - from) * rng.random::<f64>()).clamp(low, high)
    }

    /// The probability of at most `x`; `None` for a sum, which has no closed form.
    pub fn cdf(&self, x: f64) -> Option<f64> {
        if x < 0.0 {
            return Some(0.0);
        }
        if x == f64::INFINITY {
            return Some(1.0);
        }
        Some(match &self.0 {
            Law::Constant(value) => f64::from(u8::from(x >= *value)),
            Law::Exponential { mean } => -(-x / mean).exp_m1(),
            Law::Uniform { low, high } => ((x - low) / (high - low)).clamp(0.0, 1.0),
            Law::Triangular { low, mode, high } => triangular_cdf(x, *low, *mode, *high),
            Law::Normal { mean, sd } => {
                let below = normal_cdf(-mean / sd);
                (normal_cdf((x - mean) / sd) - below) / (1.0 - below)
            }
            Law::LogNormal { mu, sigma } => normal_cdf((x.ln() - mu) / sigma),
            Law::Gamma { shape, scale, .. } => {
                if x == 0.0 {
                    0.0
                } else {
                    gamma::gamma_lr(*shape, x / scale)
                }
            }
            Law::Weibull { shape, scale } => -(-(x / scale).powf(*shape)).exp_m1(),
            Law::Beta { a, b, low, width, .. } => beta_reg(*a, *b, ((x - low) / width).clamp(0.0, 1.0)),
            Law::Empirical(values) => values.partition_point(|&value| value <= x) as f64 / values.len() as f64,
            Law::Mixture(parts) => {
                let mut before = 0.0;
                let mut total = 0.0;
                for (cumulated, part) in parts {
                    total += (cumulated - before) * part.cdf(x)?;
                    before = *cumulated;
                }
                total
            }
            Law::Sum(parts) => match &parts[..] {
                [only] => only.cdf(x)?,
                _ => return None,
            },
            Law::Cut { of, low, high } => {
                let (from, to) = (of.cdf(*low)?, of.cdf(*high)?);
                ((of.cdf(x)? - from) / (to - from)).clamp(0.0, 1.0)
            }
        })
    }

    /// The smallest value with at least probability `p` of not being exceeded, to a relative 1e-12; of a sum, an
    /// estimate from draws with a fixed seed.
    pub fn quantile(&self, p: f64) -> f64 {
        match &self.0 {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => -mean * (-p).ln_1p(),
            Law::Uniform { low, high } => low + p * (high - low),
            Law::Triangular { low, mode, high } => triangular_quantile(p, *low, *mode, *high),
            Law::LogNormal { mu, sigma } => (mu + sigma * normal_quantile(p)).exp(),
            Law::Weibull { shape, scale } => scale * (-(-p).ln_1p()).powf(1.0 / shape),
            Law::Empirical(values) => values[((p * values.len() as f64).ceil() as usize).clamp(1, values.len()) - 1],
            Law::Sum(_) => self.drawn_quantile(p),
            Law::Normal { .. } | Law::Gamma { .. } | Law::Beta { .. } | Law::Mixture(_) | Law::Cut { .. } => {
                match self.cdf(0.0) {
                    Some(_) => self.inverted(p),
                    None => self.drawn_quantile(p),
                }
            }
        }
    }

    fn inverted(&self, p: f64) -> f64 {
        let below = |x: f64| self.cdf(x).is_some_and(|share| share < p);
        let (mut low, mut high) = self.bounds();
        if !high.is_finite() {
            high = low.max(1e-300);
            while below(high) && high < 1e300 {
                high *= 2.0;
            }
        }
        for _ in 0..1100 {
            let middle = f64::midpoint(low, high);
            if middle <= low || middle >= high {
                break;
            }
            if below(middle) { low = middle } else { high = middle }
        }
        high
    }

    fn draws(&self) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
        (0..20_000).map(|_| self.sample(&mut rng)).collect()
    }

    fn drawn_quantile(&self, p: f64) -> f64 {
        let mut values = self.draws();
        values.sort_by(f64::total_cmp);
        values[((p * values.len() as f64) as usize).min(values.len() - 1)]
    }

    /// Whether a cut keeps enough to be drawn.
    fn likely_enough(&self) -> bool {
        let Law::Cut { of, low, high } = &self.0 else { return true };
        match (of.cdf(*low), of.cdf(*high)) {
            (Some(from), Some(to)) => to - from > 1e-9 || of.atom_between(*low, *high),
            _ => {
                let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
                (0..20_000).filter(|_| (*low..=*high).contains(&of.sample(&mut rng))).count() >= 20
            }
        }
    }

    fn atom_between(&self, low: f64, high: f64) -> bool {
        match &self.0 {
            Law::Constant(value) => (low..=high).contains(value),
            Law::Mixture(parts) => parts.iter().any(|part| part.1.atom_between(low, high)),
            _ => false,
        }
    }

    /// The mean; of a normal and of a cut distribution by integration of the quantiles (to about 1e-4), of a cut sum
    /// from draws.
    pub fn mean(&self) -> f64 {
        match &self.0 {
            Law::Constant(value) => *value,
            Law::Exponential { mean } => *mean,
            Law::Uniform { low, high } => f64::midpoint(*low, *high),
            Law::Triangular { low, mode, high } => (low + mode + high) / 3.0,
            Law::Normal { mean, sd } => {
                let z = mean / sd;
                let density = (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
                mean + sd * density / normal_cdf(z)
            }
            Law::LogNormal { mu, sigma } => (mu + sigma * sigma / 2.0).exp(),
            Law::Gamma { shape, scale, .. } => shape * scale,
            Law::Weibull { shape, scale } => scale * gamma::gamma(1.0 + 1.0 / shape),
            Law::Beta { a, b, low, width, .. } => low + width * a / (a + b),
            Law::Empirical(values) => values.iter().sum::<f64>() / values.len() as f64,
            Law::Mixture(parts) => {
                let mut before = 0.0;
                let weighted = parts.iter().map(|(cumulated, part)| {
                    let weight = cumulated - before;
                    before = *cumulated;
                    weight * part.mean()
                });
                weighted.sum()
            }
            Law::Sum(parts) => parts.iter().map(Dist::mean).sum(),
            Law::Cut { .. } => match self.cdf(0.0) {
                Some(_) => (0..4000).map(|i| self.quantile((f64::from(i) + 0.5) / 4000.0)).sum::<f64>() / 4000.0,
                None => self.draws().iter().sum::<f64>() / 20_000.0,
            },
        }
    }

    /// The lowest and the highest value, the latter perhaps infinite.
    pub fn bounds(&self) -> (f64, f64) {
        match &self.0 {
            Law::Constant(value) => (*value, *value),
            Law::Uniform { low, high } | Law::Triangular { low, high, .. } => (*low, *high),
            Law::Beta { low, width, .. } => (*low, low + width),
            Law::Empirical(values) => (values[0], values[values.len() - 1]),
            Law::Exponential { .. }
            | Law::Normal { .. }
            | Law::LogNormal { .. }
            | Law::Gamma { .. }
            | Law::Weibull { .. } => (0.0, f64::INFINITY),
            Law::Mixture(parts) => parts
                .iter()
                .map(|part| part.1.bounds())
                .fold((f64::INFINITY, 0.0), |all, one| (all.0.min(one.0), f64::max(all.1, one.1))),
            Law::Sum(parts) => {
                parts.iter().map(Dist::bounds).fold((0.0, 0.0), |all, one| (all.0 + one.0, all.1 + one.1))
            }
            Law::Cut { of, low, high } => {
                let bounds = of.bounds();
                (bounds.0.max(*low), bounds.1.min(*high))
            }
        }
    }

    /// The rate at which the upper tail falls, as `-d ln(share beyond x) / dx` for large x: 0 for a tail heavier than
    /// every exponential, infinite for a lighter one or none.
    pub fn tail_rate(&self) -> f64 {
        match &self.0 {
            Law::Constant(_) | Law::Uniform { .. } | Law::Triangular { .. } | Law::Beta { .. } => f64::INFINITY,
            Law::Empirical(_) | Law::Normal { .. } => f64::INFINITY,
            Law::Exponential { mean } => 1.0 / mean,
            Law::LogNormal { .. } => 0.0,
            Law::Gamma { scale, .. } => 1.0 / scale,
            Law::Weibull { shape, scale } => match shape.total_cmp(&1.0) {
                std::cmp::Ordering::Less => 0.0,
                std::cmp::Ordering::Equal => 1.0 / scale,
                std::cmp::Ordering::Greater => f64::INFINITY,
            },
            Law::Mixture(parts) => parts.iter().map(|part| part.1.tail_rate()).fold(f64::INFINITY, f64::min),
            Law::Sum(parts) => parts.iter().map(Dist::tail_rate).fold(f64::INFINITY, f64::min),
            Law::Cut { of, high, .. } => {
                if high.is_finite() {
                    f64::INFINITY
                } else {
                    of.tail_rate()
                }
            }
        }
    }
}

fn ordered(values: &[(&str, f64)]) -> Result<(), DistError> {
    for &(name, value) in values {
        not_negative(name, value)?;
    }
    for pair in values.windows(2) {
        ensure(pair[0].1 <= pair[1].1, || format!("{} must not be above {}", pair[0].0, pair[1].0))?;
    }
    Ok(())
}

fn beta_on(a: f64, b: f64, low: f64, width: f64) -> Result<Dist, DistError> {
    let law = Beta::new(a, b).map_err(|error| DistError(error.to_string()))?;
    Ok(Dist(Law::Beta { law, a, b, low, width }))
}

/// One draw from each stream.
#[inline(always)]
fn fill<R: Rng>(values: &mut [f64], streams: impl Iterator<Item = R>, draw: impl Fn(&mut R) -> f64) {
    values.iter_mut().zip(streams).for_each(|(value, mut rng)| *value = draw(&mut rng));
}

/// What becomes of each.
#[inline(always)]
fn replace(values: &mut [f64], by: impl Fn(f64) -> f64) {
    values.iter_mut().for_each(|value| *value = by(*value));
}

// What is drawn in a loop or from several draws stands apart: so choosing among the laws has no registers to save.

#[inline(never)]
fn from_exponential<R: Rng + ?Sized>(mean: f64, rng: &mut R) -> f64 {
    mean * standard_exponential(rng)
}

#[inline(never)]
fn from_lognormal<R: Rng + ?Sized>(mu: f64, sigma: f64, rng: &mut R) -> f64 {
    exp2(log2_of_lognormal(mu, sigma, standard_normal(rng)))
}

#[inline(never)]
fn from_weibull<R: Rng + ?Sized>(shape: f64, scale: f64, rng: &mut R) -> f64 {
    scale * exp2(log2_of_weibull(shape, standard_exponential(rng)))
}

#[inline(never)]
fn normal_above_zero<R: Rng + ?Sized>(mean: f64, sd: f64, rng: &mut R) -> f64 {
    loop {
        let value = mean + sd * standard_normal(rng);
        if value >= 0.0 {
            return value;
        }
    }
}

#[inline(never)]
fn from_stages<R: Rng + ?Sized>(stages: u32, scale: f64, rng: &mut R) -> f64 {
    scale * sum_of_exponentials(stages, rng)
}

#[inline(never)]
fn from_gamma<R: Rng + ?Sized>(law: &Gamma<f64>, rng: &mut R) -> f64 {
    law.sample(rng)
}

#[inline(never)]
fn from_beta<R: Rng + ?Sized>(law: &Beta<f64>, rng: &mut R) -> f64 {
    law.sample(rng)
}

#[inline(never)]
fn one_of<R: Rng + ?Sized>(values: &[f64], rng: &mut R) -> f64 {
    values[rng.random_range(0..values.len())]
}

#[inline(never)]
fn from_mixture<R: Rng + ?Sized>(parts: &[(f64, Dist)], rng: &mut R) -> f64 {
    let luck: f64 = rng.random();
    let part = parts.partition_point(|part| part.0 <= luck).min(parts.len() - 1);
    parts[part].1.sample(rng)
}

#[inline(never)]
fn from_sum<R: Rng + ?Sized>(parts: &[Dist], rng: &mut R) -> f64 {
    parts.iter().map(|part| part.sample(rng)).sum()
}

#[inline]
fn uniform<R: Rng + ?Sized>(low: f64, high: f64, rng: &mut R) -> f64 {
    low + (high - low) * rng.random::<f64>()
}

/// The logarithm to base 2 of a Weibull draw of scale 1, from a standard exponential one.
#[inline]
fn log2_of_weibull(shape: f64, exponential: f64) -> f64 {
    log2(exponential) * (1.0 / shape)
}

/// The logarithm to base 2 of a lognormal draw, from a standard normal one.
#[inline]
fn log2_of_lognormal(mu: f64, sigma: f64, normal: f64) -> f64 {
    mu * LOG2_E + sigma * LOG2_E * normal
}

/// With mean 1.
#[inline]
pub(crate) fn standard_exponential<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    Exp1.sample(rng)
}

/// With mean 1, by inversion of a random word of the lower half, to 2^-53: the greater the word, the later.
#[inline]
pub(crate) fn exponential_of(word: u64) -> f64 {
    debug_assert!(word < 1 << 63, "of the upper half the last ones would be infinite");
    -LN_2 * log2(1.0 - (word as f64 + 0.5) * 2f64.powi(-64))
}

/// Of so many with mean 1.
#[inline]
fn sum_of_exponentials<R: Rng + ?Sized>(count: u32, rng: &mut R) -> f64 {
    (0..count).map(|_| standard_exponential(rng)).sum()
}

#[inline]
fn standard_normal<R: Rng + ?Sized>(rng: &mut R) -> f64 {
    StandardNormal.sample(rng)
}

#[inline]
fn triangular_quantile(p: f64, low: f64, mode: f64, high: f64) -> f64 {
    // One root of what is chosen before, without a branch: luck decides.
    let width = high - low;
    let (end, side, area) = match p * width < mode - low {
        true => (low, 1.0, p * width * (mode - low)),
        false => (high, -1.0, (1.0 - p) * width * (high - mode)),
    };
    end + side * area.sqrt()
}

fn triangular_cdf(x: f64, low: f64, mode: f64, high: f64) -> f64 {
    if x <= low {
        0.0
    } else if x >= high {
        1.0
    } else if x <= mode {
        (x - low).powi(2) / ((high - low) * (mode - low))
    } else {
        1.0 - (high - x).powi(2) / ((high - low) * (high - mode))
    }
}

fn normal_cdf(z: f64) -> f64 {
    erf::erfc(-z / std::f64::consts::SQRT_2) / 2.0
}

fn normal_quantile(p: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erf::erfc_inv(2.0 * p)
}

#[cfg(test)]
mod tests {
    use super::*;

    const N: usize = 100_000;

    /// One of each family, with its exact mean and standard deviation.
    fn families() -> Vec<(&'static str, Dist, f64, f64)> {
        let ok = |dist: Result<Dist, DistError>| dist.expect("valid");
        vec![
            ("exponential", ok(Dist::exponential(10.0)), 10.0, 10.0),
            ("uniform", ok(Dist::uniform(2.0, 8.0)), 5.0, 3f64.sqrt()),
            ("triangular", ok(Dist::triangular(1.0, 2.0, 6.0)), 3.0, (21f64 / 18.0).sqrt()),
            // Beta(2, 4) on 1..6: mean 1 + 5/3, variance 25 x 8 / (36 x 7).
            ("pert", ok(Dist::pert(1.0, 2.25, 6.0)), 1.0 + 5.0 / 3.0, (25.0 * 8.0 / 252.0_f64).sqrt()),
            // Half normal.
            ("normal", ok(Dist::normal(0.0, 3.0)), 3.0 * 0.797_884_560_8, 3.0 * 0.602_810_275_3),
            ("lognormal", ok(Dist::lognormal_mean_sd(5.0, 2.0)), 5.0, 2.0),
            ("gamma", ok(Dist::gamma(0.5, 4.0)), 4.0, 32f64.sqrt()),
            ("gamma of three stages", ok(Dist::gamma(3.0, 4.0)), 4.0, (16.0 / 3.0_f64).sqrt()),
            ("gamma of many stages", ok(Dist::gamma(7.0, 4.0)), 4.0, (16.0 / 7.0_f64).sqrt()),
            ("weibull", ok(Dist::weibull(2.0, 4.0)), 3.544_907_701_8, 1.853_005_503_2),
            ("beta", ok(Dist::beta(0.3, 0.15)), 0.3, 0.15),
            ("empirical", ok(Dist::empirical(vec![4.0, 1.0, 1.0])), 2.0, 2f64.sqrt()),
            (
                "mixture",
                ok(Dist::mixture(vec![(3.0, ok(Dist::exponential(1.0))), (1.0, ok(Dist::uniform(0.0, 12.0)))])),
                2.25,
                (0.75 * 2.0 + 0.25 * 48.0 - 2.25f64.powi(2)).sqrt(),
            ),
            (
                "sum",
                ok(Dist::sum(vec![ok(Dist::exponential(3.0)), ok(Dist::constant(2.0)), ok(Dist::exponential(4.0))])),
                9.0,
                5.0,
            ),
            // Of a cut to 5 + 0..25: 15 - 25 / (e^2.5 - 1), variance 100 - 625 e^2.5 / (e^2.5 - 1)^2.
            ("cut", ok(ok(Dist::exponential(10.0)).between(Some(5.0), Some(30.0))), 12.764_362_5, 6.2538784),
        ]
    }

    fn draws(dist: &Dist, seed: u64, count: usize) -> Vec<f64> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..count).map(|_| dist.sample(&mut rng)).collect()
    }

    /// Draws must not move from one version to the next unnoticed.
    #[test]
    fn a_fixed_seed_gives_fixed_values() {
        let expected = [
            ("exponential", [1.5251242197550092, 7.234569313530221]),
            ("uniform", [2.3321626188699986, 3.032695126688706]),
            ("triangular", [1.5261199315666207, 1.9276741196350087]),
            ("pert", [1.3837366076824522, 3.370863333927393]),
            ("normal", [2.129987779055765, 4.461658769895515]),
            ("lognormal", [2.2967508643278967, 2.4003529699598714]),
            ("gamma", [0.0030005978136403454, 5.289987913960727]),
            ("gamma of three stages", [2.940308564957178, 4.862208547149949]),
            ("gamma of many stages", [1.7000158642308523, 4.956019197093147]),
            ("weibull", [1.5621135527252858, 3.402250858130299]),
            ("beta", [0.08230164414207737, 0.41746966538468383]),
            ("empirical", [1.0, 1.0]),
            ("mixture", [0.7234569313530221, 1.1865778989015738]),
            ("sum", [5.351364991338592, 10.734097806774376]),
            ("cut", [7.234569313530221, 13.292620703893602]),
        ];
        for ((name, dist, ..), (expected_name, expected)) in families().into_iter().zip(expected) {
            assert_eq!(name, expected_name);
            for (value, expected) in draws(&dist, 7, 2).into_iter().zip(expected) {
                // Logarithms may differ in the last bit from one machine to another.
                assert!((value / expected - 1.0).abs() < 1e-12, "{name} moved to {value}, was {expected}");
            }
        }
    }

    #[test]
    fn draws_from_many_streams_are_those_from_each() {
        let constant = ("constant", Dist::constant(3.0).expect("valid"));
        let one_stage = ("gamma of one stage", Dist::gamma(1.0, 4.0).expect("valid"));
        let laws = families().into_iter().map(|(name, dist, ..)| (name, dist));
        for (name, dist) in laws.chain([constant, one_stage]) {
            for count in [0, 1, 2, 7, 5000] {
                let streams = || (0..count).map(|seed| Xoshiro256PlusPlus::seed_from_u64(seed as u64));
                let mut values = vec![0.0; count];
                dist.draw_each(streams(), &mut values);
                let bits = |values: &mut dyn Iterator<Item = f64>| values.map(f64::to_bits).collect::<Vec<u64>>();
                let each = bits(&mut streams().map(|mut rng| dist.sample(&mut rng)));
                assert_eq!(bits(&mut values.into_iter()), each, "{name}");
            }
        }
    }

    /// Within 4.5 standard errors: false alarm 1e-4 over all.
    #[test]
    fn means_and_deviations_are_exact() {
        for (name, dist, mean, sd) in families() {
            assert!((dist.mean() / mean - 1.0).abs() < 2e-4, "{name}: mean() is {}, exact {mean}", dist.mean());
            let values = draws(&dist, 1, N);
            let n = N as f64;
            let average = values.iter().sum::<f64>() / n;
            assert!((average - mean).abs() < 4.5 * sd / n.sqrt(), "{name}: mean {average}, exact {mean}");
            let moment = |k: i32| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
            let (variance, fourth) = (moment(2), moment(4));
            let error = ((fourth - variance * variance) / n).sqrt();
            assert!((variance - sd * sd).abs() < 4.5 * error, "{name}: sd {}, exact {sd}", variance.sqrt());
        }
    }

    /// Kolmogorov-Smirnov at 2 exp(-2 x^2) = 1e-5, so 2e-4 over all.
    #[test]
    fn draws_follow_the_distribution_function() {
        let deep = Dist::exponential(1.0).expect("valid").between(Some(12.0), Some(14.0)).expect("inverted");
        let odd = [("normal off centre", Dist::normal(2.0, 1.5).expect("valid")), ("deep cut", deep)];
        let families = families().into_iter().map(|(name, dist, ..)| (name, dist));
        for (name, dist) in families.chain(odd).filter(|(name, dist)| dist.cdf(1.0).is_some() && *name != "empirical") {
            let mut values = draws(&dist, 2, N);
            values.sort_by(f64::total_cmp);
            let distance = values.iter().enumerate().fold(0f64, |worst, (i, x)| {
                let exact = dist.cdf(*x).expect("closed form");
                worst.max((exact - i as f64 / N as f64).abs()).max((exact - (i + 1) as f64 / N as f64).abs())
            });
            assert!(distance * (N as f64).sqrt() < 2.47, "{name}: distance {distance}");
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        let smooth = |name: &str| !["empirical", "sum"].contains(&name);
        for (name, dist, ..) in families().into_iter().filter(|(name, ..)| smooth(name)) {
            for p in [0.001, 0.05, 0.5, 0.95, 0.999] {
                let back = dist.cdf(dist.quantile(p)).expect("closed form");
                assert!((back - p).abs() < 1e-7, "{name}: cdf(quantile({p})) = {back}");
            }
        }
        let three = Dist::empirical(vec![4.0, 1.0, 2.0]).expect("valid");
        assert_eq!([0.1, 0.5, 0.9].map(|p| three.quantile(p)), [1.0, 2.0, 4.0]);
    }

    #[test]
    fn two_percentiles_are_hit() {
        let planned = Dist::lognormal_percentiles((0.95, 1800.0), (0.05, 300.0)).expect("valid");
        assert!((planned.quantile(0.05) - 300.0).abs() < 1e-6 && (planned.quantile(0.95) - 1800.0).abs() < 1e-6);
        let median = Dist::lognormal_median(60.0, 0.5).expect("valid");
        assert!((median.quantile(0.5) - 60.0).abs() < 1e-9);
    }

    #[test]
    fn draws_stay_within_the_bounds() {
        for (name, dist, ..) in families() {
            let (low, high) = dist.bounds();
            assert!(draws(&dist, 3, 10_000).iter().all(|x| (low..=high).contains(x)), "{name}: {low}..{high}");
        }
    }

    #[test]
    fn no_spread_is_a_constant() {
        let constants = [
            Dist::constant(0.5),
            Dist::uniform(0.5, 0.5),
            Dist::triangular(0.5, 0.5, 0.5),
            Dist::pert(0.5, 0.5, 0.5),
            Dist::normal(0.5, 0.0),
            Dist::lognormal_median(0.5, 0.0),
            Dist::lognormal_mean_sd(0.5, 0.0),
            Dist::lognormal_percentiles((0.05, 0.5), (0.95, 0.5)),
            Dist::beta(0.5, 0.0),
            Dist::empirical(vec![0.5]),
            Dist::uniform(0.0, 1.0).and_then(|dist| dist.between(Some(0.5), Some(0.5 + 1e-6))),
        ];
        for dist in constants {
            let dist = dist.expect("valid");
            let value = draws(&dist, 4, 1)[0];
            assert!((value - 0.5).abs() < 2e-6 && (dist.mean() - 0.5).abs() < 2e-6, "{dist:?} gives {value}");
        }
        for dist in [Dist::exponential(0.0), Dist::gamma(2.0, 0.0), Dist::weibull(2.0, 0.0)] {
            assert_eq!(draws(&dist.expect("valid"), 4, 1), [0.0]);
        }
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let nan = f64::NAN;
        let one = || Dist::constant(1.0).expect("valid");
        let refused = [
            Dist::constant(nan),
            Dist::constant(-1.0),
            Dist::constant(f64::INFINITY),
            Dist::exponential(nan),
            Dist::uniform(2.0, 1.0),
            Dist::uniform(0.0, nan),
            Dist::triangular(0.0, 5.0, 4.0),
            Dist::pert(0.0, nan, 4.0),
            Dist::normal(nan, 1.0),
            Dist::normal(1.0, -1.0),
            Dist::lognormal(nan, 1.0),
            Dist::lognormal(0.0, nan),
            Dist::lognormal_median(0.0, 1.0),
            Dist::lognormal_mean_sd(1.0, nan),
            Dist::lognormal_percentiles((0.5, 1.0), (0.5, 2.0)),
            Dist::lognormal_percentiles((nan, 1.0), (0.5, 2.0)),
            Dist::lognormal_percentiles((0.05, 2.0), (0.95, 1.0)),
            Dist::gamma(0.0, 1.0),
            Dist::gamma(nan, 1.0),
            Dist::weibull(1.0, nan),
            Dist::weibull(-1.0, 1.0),
            Dist::beta(1.5, 0.1),
            Dist::beta(0.5, 0.5),
            Dist::beta(nan, 0.1),
            Dist::empirical(vec![]),
            Dist::empirical(vec![1.0, nan]),
            Dist::mixture(vec![]),
            Dist::mixture(vec![(nan, one())]),
            Dist::mixture(vec![(0.0, one())]),
            Dist::sum(vec![]),
            one().between(Some(2.0), None),
            one().between(Some(nan), None),
            one().between(None, Some(0.5)),
            Dist::exponential(1.0).and_then(|dist| dist.between(Some(3.0), Some(2.0))),
            Dist::exponential(1.0).and_then(|dist| dist.between(Some(50.0), Some(60.0))),
            Dist::sum(vec![one(), one()]).and_then(|dist| dist.between(Some(3.0), None)),
        ];
        for (index, dist) in refused.iter().enumerate() {
            let error = dist.as_ref().expect_err(&format!("number {index}"));
            assert!(error.0.len() > 10 && !error.0.contains("NaN"), "{error:?}");
        }
    }

    #[test]
    fn tails_are_told_apart() {
        let cut = Dist::lognormal(1.0, 1.0).and_then(|dist| dist.between(None, Some(100.0))).expect("valid");
        assert_eq!(cut.tail_rate(), f64::INFINITY);
        assert_eq!(Dist::lognormal(1.0, 1.0).expect("valid").tail_rate(), 0.0);
        assert_eq!(Dist::exponential(4.0).expect("valid").tail_rate(), 0.25);
        assert_eq!(Dist::weibull(0.5, 4.0).expect("valid").tail_rate(), 0.0);
    }
}
