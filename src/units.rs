//! Simulated time, sizes, rates and money: read, show, convert.
//!
//! Time is an integer number of microseconds, so that sums and comparisons are exact and a run gives the same bytes
//! everywhere. A year has 365 days.

use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An instant (microseconds since the start of a history) or a length of time (microseconds).
///
/// Every value is allowed; those from [`Time::NEVER`] on mean "never", so `NEVER + x` stays "never".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// The start of a history; no time at all.
    pub const ZERO: Time = Time(0);
    /// Beyond every reachable time (about 73,000 years), yet two of them can be added without overflow.
    pub const NEVER: Time = Time(i64::MAX / 4);
    /// One second.
    pub const SECOND: Time = Time(1_000_000);
    /// One minute.
    pub const MINUTE: Time = Time(60 * 1_000_000);
    /// One hour.
    pub const HOUR: Time = Time(3600 * 1_000_000);
    /// One day.
    pub const DAY: Time = Time(24 * 3600 * 1_000_000);
    /// One year of 365 days.
    pub const YEAR: Time = Time(365 * 24 * 3600 * 1_000_000);

    /// The nearest tick to `seconds`; what is too long to be reached, or not a number, is [`Time::NEVER`].
    #[inline]
    pub fn from_seconds(seconds: f64) -> Time {
        let micros = seconds * 1e6;
        if micros < Self::NEVER.0 as f64 { Time(micros.round_ties_even() as i64) } else { Self::NEVER }
    }

    /// In seconds; infinite for "never".
    #[inline]
    pub fn seconds(self) -> f64 {
        if self.is_never() { f64::INFINITY } else { self.0 as f64 / 1e6 }
    }

    /// In hours; infinite for "never".
    pub fn hours(self) -> f64 {
        self.seconds() / 3600.0
    }

    /// In years of 365 days; infinite for "never".
    pub fn years(self) -> f64 {
        self.hours() / 8760.0
    }

    /// Whether this lies beyond every reachable time.
    #[inline]
    pub fn is_never(self) -> bool {
        self >= Self::NEVER
    }
}

impl Add for Time {
    type Output = Time;
    #[inline]
    fn add(self, other: Time) -> Time {
        Time(self.0 + other.0)
    }
}

impl Sub for Time {
    type Output = Time;
    #[inline]
    fn sub(self, other: Time) -> Time {
        Time(self.0 - other.0)
    }
}

impl AddAssign for Time {
    #[inline]
    fn add_assign(&mut self, other: Time) {
        self.0 += other.0;
    }
}

impl SubAssign for Time {
    #[inline]
    fn sub_assign(&mut self, other: Time) {
        self.0 -= other.0;
    }
}
