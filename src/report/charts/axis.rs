//! Axes: from values to places, and ticks that people read.

use super::say;

/// A stretch of pixels on which values lie.
#[derive(Clone, Debug)]
pub(super) struct Axis {
    kind: Kind,
    low: f64,
    high: f64,
    /// Pixel of `low`.
    from: f64,
    /// Pixel of `high`.
    to: f64,
    /// Pixel of 0 on a logarithmic axis, left of `from`, where one is shown.
    zero: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Linear,
    Logarithmic,
}

/// Room at the left of a logarithmic axis for the value 0.
pub(super) const ZERO_ROOM: f64 = 34.0;

impl Axis {
    /// An evenly divided axis; a range without length is widened.
    pub(super) fn linear(low: f64, high: f64, from: f64, to: f64) -> Axis {
        let high = if high > low { high } else { low + 1.0 };
        Axis { kind: Kind::Linear, low, high, from, to, zero: None }
    }

    /// A logarithmic axis over positive values; with `zero` its start leaves room for the value 0. A range without
    /// length, or beyond what anybody can mean, is mended.
    pub(super) fn logarithmic(low: f64, high: f64, from: f64, to: f64, zero: bool) -> Axis {
        let low = low.clamp(1e-12, 1e30);
        let high = if high > low * 1.01 { high.min(1e36) } else { low * 10.0 };
        let start = if zero { from + ZERO_ROOM } else { from };
        Axis { kind: Kind::Logarithmic, low, high, from: start, to, zero: zero.then_some(from) }
    }

    /// The pixel of a value; values beyond the ends are put at the ends.
    pub(super) fn at(&self, value: f64) -> f64 {
        let share = match self.kind {
            Kind::Linear => (value - self.low) / (self.high - self.low),
            Kind::Logarithmic if value <= 0.0 => return self.zero.unwrap_or(self.from),
            Kind::Logarithmic => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        self.from + (self.to - self.from) * share.clamp(0.0, 1.0)
    }

    /// Whether a value lies between the ends.
    pub(super) fn shows(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value) || (value == 0.0 && self.zero.is_some())
    }

    /// Pixel where the axis begins, the place of 0 included.
    pub(super) fn start(&self) -> f64 {
        self.zero.unwrap_or(self.from)
    }

    /// Pixel of the lowest value, not counting 0 on a logarithmic axis.
    pub(super) fn low_end(&self) -> f64 {
        self.from
    }

    /// Pixel of the highest value.
    pub(super) fn end(&self) -> f64 {
        self.to
    }
}

/// Lengths of time that people think in, seconds.
pub(in crate::report) const TIMES: [f64; 21] = [
    1e-3,
    1e-2,
    0.1,
    1.0,
    10.0,
    60.0,
    600.0,
    3600.0,
    4.0 * 3600.0,
    DAY,
    7.0 * DAY,
    30.0 * DAY,
    365.0 * DAY,
    3650.0 * DAY,
    36_500.0 * DAY,
    365e3 * DAY,
    365e4 * DAY,
    365e5 * DAY,
    365e6 * DAY,
    365e7 * DAY,
    365e8 * DAY,
];
const DAY: f64 = 86_400.0;

/// Ticks between `TIMES`, for an axis that would have few.
const BETWEEN: [f64; 12] = [
    120.0,
    300.0,
    1200.0,
    1800.0,
    2.0 * 3600.0,
    8.0 * 3600.0,
    12.0 * 3600.0,
    2.0 * 86400.0,
    3.0 * 86400.0,
    14.0 * 86400.0,
    90.0 * 86400.0,
    180.0 * 86400.0,
];

/// The smallest stretch between two of `TIMES` that holds everything from `low` to `high` seconds.
pub(super) fn time_range(low: f64, high: f64) -> (f64, f64) {
    let low = TIMES.iter().rposition(|t| *t <= low).unwrap_or(0);
    let high = TIMES.iter().position(|t| *t >= high).unwrap_or(TIMES.len() - 1);
    if high > low {
        (TIMES[low], TIMES[high])
    } else if high + 1 < TIMES.len() {
        (TIMES[low], TIMES[low + 1])
    } else {
        (TIMES[low - 1], TIMES[low])
    }
}

/// Ticks of a time axis that shows those values.
pub(super) fn time_ticks(axis: &Axis) -> Vec<(f64, String)> {
    let zero = axis.zero.map(|_| (0.0, "0".to_string()));
    let mut times: Vec<f64> = TIMES.into_iter().filter(|t| axis.shows(*t)).collect();
    if times.len() < 4 {
        times.extend(BETWEEN.into_iter().filter(|t| axis.shows(*t)));
        times.sort_by(f64::total_cmp);
    }
    zero.into_iter().chain(times.into_iter().map(|t| (t, say::duration(t)))).collect()
}

/// Ticks of a logarithmic axis of other quantities: 1 of each decade, with 2 and 5 where there are few.
pub(super) fn decade_ticks(axis: &Axis) -> Vec<f64> {
    let decades = (axis.high / axis.low).log10();
    let within: &[f64] = if decades <= 3.5 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let every = (decades / 8.0).ceil().max(1.0) as i32;
    let (first, last) = (axis.low.log10().floor() as i32, axis.high.log10().ceil() as i32);
    let powers = (first..=last).filter(|power| power % every == 0);
    let ticks = powers.flat_map(|power| within.iter().map(move |m| m * 10f64.powi(power)));
    ticks.filter(|tick| *tick >= axis.low * 0.9999 && *tick <= axis.high * 1.0001).collect()
}

/// From 0 up to `high` seconds, evenly, in steps that people count time in; at most that many of them.
pub(super) fn time_steps(high: f64, most: f64) -> Vec<f64> {
    const STEPS: [f64; 24] = [
        0.1,
        0.5,
        1.0,
        5.0,
        10.0,
        30.0,
        60.0,
        120.0,
        300.0,
        600.0,
        1200.0,
        1800.0,
        3600.0,
        7200.0,
        14_400.0,
        21_600.0,
        43_200.0,
        DAY,
        2.0 * DAY,
        7.0 * DAY,
        30.0 * DAY,
        90.0 * DAY,
        365.0 * DAY,
        3650.0 * DAY,
    ];
    let step = STEPS.into_iter().find(|step| high / step <= most).unwrap_or(high / most);
    (0..=most as u32).map(|k| f64::from(k) * step).filter(|t| *t <= high).collect()
}
