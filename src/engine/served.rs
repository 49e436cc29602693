//! The share of production load that is served, as a function of time between two changes.

use crate::units::{Time, nearest};

/// Float noise in a share of the load.
const NOISE: f64 = 1e-9;
/// When only this share of the load is still to arrive, all have arrived.
const ARRIVED: f64 = 1e-6;

/// `min(ceiling, base + slope x (t - since), 1 - those who have not arrived)`: it never falls by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flow {
    /// What the users who are routed somewhere that is up amount to.
    pub(super) ceiling: f64,
    /// Capacity at `since`.
    pub(super) base: f64,
    /// Growth of the capacity, per microsecond.
    pub(super) slope: f64,
    pub(super) since: Time,
    pub(super) late: Option<Late>,
}

/// Users who arrive late after traffic has moved: at t, `share x exp(-(t - shifted) / mean)` are still to come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Late {
    /// Share of the load that had not arrived at `shifted`.
    share: f64,
    shifted: Time,
    /// Mean delay, microseconds.
    mean: f64,
    /// When so few are still to come that all count as arrived.
    arrived: Time,
}

impl Late {
    /// `None` where nobody to speak of is late.
    pub(super) fn new(share: f64, shifted: Time, mean: Time) -> Option<Late> {
        let mean = mean.0 as f64;
        (share > ARRIVED && mean > 0.0).then(|| {
            let arrived = after(shifted, mean * (share / ARRIVED).ln());
            Late { share, shifted, mean, arrived }
        })
    }

    /// Whether nobody is still to arrive at `t`.
    pub(super) fn over(&self, t: Time) -> bool {
        t >= self.arrived
    }

    /// The share still to come at `t`.
    fn missing(&self, t: f64) -> f64 {
        if t >= self.arrived.0 as f64 { 0.0 } else { self.share * self.left(t) }
    }

    fn left(&self, t: f64) -> f64 {
        (-(t - self.shifted.0 as f64) / self.mean).exp()
    }

    /// When `level` of the load has arrived.
    fn reach(&self, level: f64) -> Time {
        match self.share > 1.0 - level {
            true => after(self.shifted, self.mean * (self.share / (1.0 - level)).ln()).min(self.arrived),
            false => self.shifted,
        }
    }

    /// The integral of what is missing from the shift until `t`, in microseconds.
    fn missed(&self, t: Time) -> Time {
        let until = t.min(self.arrived).0 as f64;
        Time(nearest(self.share * self.mean * (1.0 - self.left(until))))
    }
}

impl Flow {
    /// The same share from now on.
    pub(super) fn constant(share: f64, now: Time) -> Flow {
        Flow { ceiling: share, base: share, slope: 0.0, since: now, late: None }
    }

    /// Whether all is served, now and later.
    pub(super) fn full(&self) -> bool {
        !self.grows() && self.ceiling >= 1.0 && self.base >= 1.0
    }

    /// Whether what is served may rise by itself.
    pub(super) fn grows(&self) -> bool {
        self.slope > 0.0 || self.late.is_some()
    }

    /// What is served at `t`, in [0, 1].
    pub(super) fn at(&self, t: Time) -> f64 {
        self.capacity(t.0 as f64).min(self.arrived(t.0 as f64)).clamp(0.0, 1.0)
    }

    /// Whether at least `level` is served at `t`. Late users have arrived when [`Flow::reach`] says so, whoever asks when.
    pub(super) fn reaches(&self, level: f64, t: Time) -> bool {
        let carried = self.capacity(t.0 as f64).clamp(0.0, 1.0);
        carried >= level - NOISE && self.late.is_none_or(|late| late.reach(level) <= t)
    }

    /// The first instant from `now` on at which `level` is served, if nothing changes.
    pub(super) fn reach(&self, level: f64, now: Time) -> Time {
        if self.ceiling < level - NOISE {
            return Time::NEVER;
        }
        let grown = match level - self.base {
            missing if missing <= NOISE => now,
            missing if self.slope > 0.0 => after(self.since, missing / self.slope),
            _ => return Time::NEVER,
        };
        now.max(grown).max(self.late.map_or(now, |late| late.reach(level)))
    }

    /// The integral of 1 - served over `[from, to]`, in microseconds. But where capacity grows, the pieces of a stretch
    /// add up to the stretch however it is cut.
    #[inline]
    pub(super) fn missing(&self, from: Time, to: Time) -> Time {
        if self.grows() {
            return self.missing_while_growing(from, to);
        }
        Flow::missing_of(1.0 - self.ceiling.min(self.base).clamp(0.0, 1.0), from, to)
    }

    /// The same where this share is missing throughout.
    #[inline]
    pub(super) fn missing_of(share: f64, from: Time, to: Time) -> Time {
        if share == 1.0 {
            return to - from; // nothing is to be rounded
        }
        Time(nearest(share * to.0 as f64) - nearest(share * from.0 as f64))
    }

    #[inline(never)]
    fn missing_while_growing(&self, from: Time, to: Time) -> Time {
        let (a, b) = (from.0 as f64, to.0 as f64);
        match self.late {
            Some(late) if self.slope == 0.0 && self.ceiling.min(self.base) >= 1.0 => {
                late.missed(to) - late.missed(from)
            }
            Some(_) | None => {
                let kink = self.since.0 as f64 + (self.ceiling - self.base) / self.slope;
                let kink = if kink > a && kink < b { kink } else { b };
                let served = self.served(a, kink) + if kink < b { self.served(kink, b) } else { 0.0 };
                Time(nearest((b - a - served).max(0.0)))
            }
        }
    }

    fn capacity(&self, t: f64) -> f64 {
        self.ceiling.min(self.base + self.slope * (t - self.since.0 as f64))
    }

    fn arrived(&self, t: f64) -> f64 {
        self.late.map_or(1.0, |late| 1.0 - late.missing(t))
    }

    /// The integral of what is served over `[a, b]`, over which capacity is straight: its difference from arrivals is
    /// convex, so the two meet at most twice.
    fn served(&self, a: f64, b: f64) -> f64 {
        let Some(late) = self.late.filter(|_| b > a) else { return self.piece(a, b) };
        let slope = (self.capacity(b) - self.capacity(a)) / (b - a);
        let lowest = match slope > 0.0 {
            true => (late.shifted.0 as f64 + late.mean * (late.share / (late.mean * slope)).ln()).clamp(a, b),
            false => b,
        };
        let (mut served, mut from) = (0.0, a);
        for (low, high) in [(a, lowest), (lowest, b)] {
            let above = |t: f64| self.capacity(t) > self.arrived(t);
            if high > low && above(low) != above(high) {
                let meet = bisect(low, high, |t| above(t) == above(low));
                served += self.piece(from, meet);
                from = meet;
            }
        }
        served + self.piece(from, b)
    }

    /// The integral of what is served over `[a, b]`, in which either capacity or arrivals are the lower throughout.
    fn piece(&self, a: f64, b: f64) -> f64 {
        let middle = f64::midpoint(a, b);
        match self.late.filter(|_| self.capacity(middle) > self.arrived(middle)) {
            None => self.capacity(middle).clamp(0.0, 1.0) * (b - a),
            Some(late) => (b - a) - late.share * late.mean * (late.left(a) - late.left(b)),
        }
    }
}

/// The first tick at or after `start + microseconds`.
fn after(start: Time, microseconds: f64) -> Time {
    Time::from_seconds(((start.0 as f64 + microseconds).ceil()) / 1e6)
}

/// Where `low_side` turns false between `low` and `high`.
fn bisect(mut low: f64, mut high: f64, low_side: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if low_side(middle) { low = middle } else { high = middle }
    }
    low
}
