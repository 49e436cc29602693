//! Distributions of non-negative quantities, valid by construction.
//!
//! A distribution carries no unit: durations are drawn in seconds, throughputs in bytes a second, shares as they are.

use rand::Rng;

/// A distribution of a quantity that is never negative and never infinite.
#[derive(Clone, Debug)]
pub struct Dist {
    value: f64,
}

/// Why a distribution cannot be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DistError(pub String);

impl Dist {
    /// Always `value`.
    ///
    /// # Errors
    /// When it is negative or not finite.
    pub fn constant(value: f64) -> Result<Dist, DistError> {
        if value >= 0.0 && value.is_finite() {
            Ok(Dist { value })
        } else {
            Err(DistError("must not be negative".into()))
        }
    }

    /// One draw.
    #[inline]
    pub fn sample<R: Rng + ?Sized>(&self, _rng: &mut R) -> f64 {
        self.value
    }
}
