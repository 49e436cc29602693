//! Simulated time, sizes, rates and money: read, show, convert.
//!
//! Time is an integer number of microseconds, so that sums and comparisons are exact and a run gives the same bytes
//! everywhere. A year has 365 days.

use serde::{Deserialize, Serialize};
use std::ops::{Add, AddAssign, Sub, SubAssign};

/// An instant (microseconds since the start of a history) or a length of time (microseconds).
///
/// Every value is allowed; those from [`Time::NEVER`] on mean "never", so `NEVER + x` stays "never".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
        Time(nearest_below(seconds * 1e6, Self::NEVER.0))
    }

    /// The same of each of many, none below 0, in less time. Returns whether all are short: below 2^51 microseconds, some 71
    /// years.
    pub(crate) fn fill_from_seconds(times: &mut [Time], seconds: &[f64]) -> bool {
        // What is not short is told as something that has a bit beyond those of short ones.
        let mut bits = 0;
        for (time, seconds) in times.iter_mut().zip(seconds) {
            *time = Time(nearest_if_short(seconds * 1e6));
            bits |= time.0;
        }
        let all_short = (0..1 << SHORT).contains(&bits);
        if !all_short {
            times.iter_mut().zip(seconds).for_each(|(time, seconds)| *time = Time::from_seconds(*seconds));
        }
        all_short
    }

    /// In seconds; infinite for "never".
    #[inline]
    pub fn seconds(self) -> f64 {
        if self.is_never() { f64::INFINITY } else { self.0 as f64 / 1e6 }
    }

    /// In hours; infinite for "never".
    #[inline]
    pub fn hours(self) -> f64 {
        if self.is_never() { f64::INFINITY } else { self.0 as f64 / Self::HOUR.0 as f64 }
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

/// The nearest whole number, ties to even; saturates.
#[inline]
pub(crate) fn nearest(value: f64) -> i64 {
    nearest_below(value, i64::MAX)
}

/// The same, but `limit` for all that is not below it, and for what is not a number.
#[inline]
fn nearest_below(value: f64, limit: i64) -> i64 {
    nearest_of_short(value).unwrap_or_else(|| far_nearest_below(value, limit))
}

/// A short number is below 2 to the power of this in size.
const SHORT: i32 = 51;

/// The nearest whole number, ties to even, of a short one; `None` of any other.
#[inline]
pub(crate) fn nearest_of_short(value: f64) -> Option<i64> {
    (value.abs() < 2f64.powi(SHORT)).then(|| nearest_if_short(value))
}

/// The same, given that it is short; of a greater number, or of what is none, something beyond all short ones.
#[inline]
fn nearest_if_short(value: f64) -> i64 {
    // A sum with 1.5 x 2^52 is rounded to its unit, which is 1, and its last bits count those units.
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    (value + SHIFT).to_bits().wrapping_sub(SHIFT.to_bits()) as i64
}

#[cold]
fn far_nearest_below(value: f64, limit: i64) -> i64 {
    if value < limit as f64 { value.round_ties_even() as i64 } else { limit }
}

/// Why a text is no quantity: a sentence for users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError(pub String);

const DURATION_UNITS: [(&str, f64); 8] = [
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_536_000.0),
    ("us", 1e-6),
];

const SIZE_UNITS: [(&str, f64); 17] = [
    ("B", 1.0),
    ("kB", 1e3),
    ("MB", 1e6),
    ("GB", 1e9),
    ("TB", 1e12),
    ("PB", 1e15),
    ("KiB", 1024.0),
    ("MiB", 1_048_576.0),
    ("GiB", 1_073_741_824.0),
    ("TiB", 1_099_511_627_776.0),
    ("PiB", 1_125_899_906_842_624.0),
    ("bit", 0.125),
    ("kbit", 125.0),
    ("Mbit", 125e3),
    ("Gbit", 125e6),
    ("Tbit", 125e9),
    ("Gibit", 134_217_728.0),
];

const RATE_UNITS: [(&str, f64); 9] = [
    ("s", 1.0),
    ("m", 60.0),
    ("min", 60.0),
    ("h", 3600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("month", 2_628_000.0),
    ("y", 31_536_000.0),
    ("year", 31_536_000.0),
];

/// Seconds of a duration such as `90s`, `1h30m` or `200ms`.
///
/// # Errors
/// When it is not a sequence of numbers each with a unit (ms, s, m, h, d, w, y).
pub fn parse_duration(text: &str) -> Result<f64, UnitError> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(UnitError("a duration is a number with a unit, such as \"90s\" or \"1h30m\"".into()));
    }
    while !rest.is_empty() {
        let (number, after) = leading_number(rest)?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        seconds += number * unit(&after[..end], &DURATION_UNITS, "ms, s, m, h, d, w, y")?;
        rest = after[end..].trim_start();
    }
    if Time::from_seconds(seconds).is_never() {
        Err(UnitError("is longer than 73,000 years".into()))
    } else {
        Ok(seconds)
    }
}

/// Bytes of a size such as `2 TiB` or `500 GB`.
///
/// # Errors
/// When it is not a number with a decimal or binary unit.
pub fn parse_size(text: &str) -> Result<f64, UnitError> {
    let (number, after) = leading_number(text.trim())?;
    Ok(number * unit(after, &SIZE_UNITS, "B, kB, MB, GB, TB, KiB, MiB, GiB, TiB")?)
}

/// Bytes a second of a rate such as `40 GiB/h` or `2 Gbit/s`.
///
/// # Errors
/// When it is not a size, `/` and a time.
pub fn parse_rate(text: &str) -> Result<f64, UnitError> {
    let Some((size, time)) = text.split_once('/') else {
        return Err(UnitError("a rate is a size per time, such as \"150 MiB/s\"".into()));
    };
    Ok(parse_size(size)? / unit(time.trim(), &RATE_UNITS, "s, m, h, d")?)
}

/// Events a second of an event rate such as `0.25/y` or `2/month`.
///
/// # Errors
/// When it is not a number, `/` and one of h, d, w, month, y.
pub fn parse_event_rate(text: &str) -> Result<f64, UnitError> {
    let Some((number, time)) = text.split_once('/') else {
        return Err(UnitError("an event rate is a number per time, such as \"0.25/y\"".into()));
    };
    let (number, rest) = leading_number(number.trim())?;
    if !rest.is_empty() {
        return Err(UnitError(format!("`{rest}` is not expected before `/`")));
    }
    Ok(number / unit(time.trim(), &RATE_UNITS[3..], "h, d, w, month, y")?)
}

fn leading_number(text: &str) -> Result<(f64, &str), UnitError> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    if text.starts_with('-') {
        return Err(UnitError("must not be negative".into()));
    }
    match text[..end].replace('_', "").parse() {
        Ok(number) => Ok((number, text[end..].trim_start())),
        Err(_) => Err(UnitError("does not begin with a number".into())),
    }
}

fn unit(name: &str, units: &[(&str, f64)], allowed: &str) -> Result<f64, UnitError> {
    match units.iter().find(|(known, _)| *known == name) {
        Some((_, factor)) => Ok(*factor),
        None if name.is_empty() => Err(UnitError(format!("has no unit; the units are {allowed}"))),
        None => Err(UnitError(format!("`{name}` is not a unit here; the units are {allowed}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_whole_number_is_that_of_the_standard_library() {
        let near = (-1000..1000).map(|k| f64::from(k) * 0.25);
        let far = (0..62).flat_map(|power| [2f64.powi(power), 2f64.powi(power) - 0.5, 2f64.powi(power) + 1.5]);
        for value in near.chain(far).flat_map(|value| [value, -value]).chain([1e30, f64::NEG_INFINITY]) {
            assert_eq!(nearest(value), value.round_ties_even() as i64, "{value}");
        }
    }

    #[test]
    fn what_is_too_long_or_no_number_is_never() {
        let never = [f64::INFINITY, f64::NAN, 1e13];
        assert!(never.iter().all(|&seconds| Time::from_seconds(seconds) == Time::NEVER));
        assert_eq!(Time::from_seconds(1e12), Time(1_000_000_000_000_000_000));
    }

    #[test]
    fn many_times_are_as_each_by_itself() {
        let short = [0.0, 1e-7, 5e-7, 1.5e-6, 2.5e-6, 86_400.123_456_5, 2f64.powi(51) / 1e6 - 1.0];
        for (last, all_short) in [(7.0, true), (2f64.powi(51) / 1e6, false), (f64::INFINITY, false), (f64::NAN, false)]
        {
            let seconds: Vec<f64> = short.into_iter().chain([last]).collect();
            let mut times = vec![Time::ZERO; seconds.len()];
            assert_eq!(Time::fill_from_seconds(&mut times, &seconds), all_short, "{last}");
            let each: Vec<Time> = seconds.into_iter().map(Time::from_seconds).collect();
            assert_eq!(times, each);
        }
    }
}
