//! The share of production load that is served, as a function of time between two changes.

use crate::units::Time;

/// Float noise in a share of the load.
const NOISE: f64 = 1e-9;
/// When only this share of the load is still to arrive, all have arrived.
const ARRIVED: f64 = 1e-6;

/// `min(ceiling, base + slope x (t - since), 1 - late x exp(-(t - shifted) / mean))`: it never falls by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Flow {
    /// What the users who are routed somewhere that is up amount to.
    pub(super) ceiling: f64,
    /// Capacity at `since`.
    pub(super) base: f64,
    /// Growth of the capacity, per microsecond.
    pub(super) slope: f64,
    pub(super) since: Time,
    /// Share of the load that had not arrived at `shifted`.
    pub(super) late: f64,
    pub(super) shifted: Time,
    /// Mean delay of those who arrive late, microseconds.
    pub(super) mean: f64,
}

impl Flow {
    /// The same share from now on.
    pub(super) fn constant(share: f64, now: Time) -> Flow {
        Flow { ceiling: share, base: share, slope: 0.0, since: now, late: 0.0, shifted: now, mean: 1.0 }
    }

    /// Whether all is served, now and later.
    pub(super) fn full(&self) -> bool {
        self.slope == 0.0 && self.late == 0.0 && self.ceiling >= 1.0 && self.base >= 1.0
    }

    /// Whether all or nothing is served, now and later: then no sum of pieces is rounded.
    pub(super) fn all_or_nothing(&self) -> bool {
        self.full() || (self.slope == 0.0 && self.late == 0.0 && self.at(self.since) == 0.0)
    }

    /// Whether nobody is still to arrive at `t`.
    pub(super) fn arrived_all(&self, t: Time) -> bool {
        1.0 - self.arrived(t.0 as f64) <= ARRIVED + NOISE
    }

    /// What is served at `t`, in [0, 1].
    pub(super) fn at(&self, t: Time) -> f64 {
        self.capacity(t.0 as f64).min(self.arrived(t.0 as f64)).clamp(0.0, 1.0)
    }

    /// Whether at least `level` is served at `t`.
    pub(super) fn reaches(&self, level: f64, t: Time) -> bool {
        self.at(t) >= self.level(level) - NOISE
    }

    /// The first instant from `now` on at which `level` is served, if nothing changes.
    pub(super) fn reach(&self, level: f64, now: Time) -> Time {
        let level = self.level(level);
        if self.ceiling < level - NOISE {
            return Time::NEVER;
        }
        let grown = match level - self.base {
            missing if missing <= NOISE => now,
            missing if self.slope > 0.0 => after(self.since, missing / self.slope),
            _ => return Time::NEVER,
        };
        let arrived = match self.late > 1.0 - level {
            true => after(self.shifted, self.mean * (self.late / (1.0 - level)).ln()),
            false => now,
        };
        now.max(grown).max(arrived)
    }

    /// The integral of 1 - served over `[from, to]`, in microseconds.
    pub(super) fn missing(&self, from: Time, to: Time) -> Time {
        let (a, b) = (from.0 as f64, to.0 as f64);
        if self.slope == 0.0 && self.late == 0.0 {
            return Time(((1.0 - self.at(from)) * (b - a)).round_ties_even() as i64);
        }
        let mut cuts = vec![a];
        let kink = self.since.0 as f64 + (self.ceiling - self.base) / self.slope;
        let kink = if kink > a && kink < b { kink } else { b };
        self.crossings(a, kink, &mut cuts);
        cuts.push(kink);
        if kink < b {
            self.crossings(kink, b, &mut cuts);
            cuts.push(b);
        }
        let served: f64 = cuts.windows(2).map(|piece| self.piece(piece[0], piece[1])).sum();
        Time((b - a - served).max(0.0).round_ties_even() as i64)
    }

    fn level(&self, level: f64) -> f64 {
        if self.late > 0.0 { level.min(1.0 - ARRIVED) } else { level }
    }

    fn capacity(&self, t: f64) -> f64 {
        self.ceiling.min(self.base + self.slope * (t - self.since.0 as f64))
    }

    fn arrived(&self, t: f64) -> f64 {
        if self.late == 0.0 { 1.0 } else { 1.0 - self.late * (-(t - self.shifted.0 as f64) / self.mean).exp() }
    }

    /// Where capacity, straight over `[a, b]`, meets arrivals: their difference is convex, so at most twice.
    fn crossings(&self, a: f64, b: f64, cuts: &mut Vec<f64>) {
        if self.late == 0.0 || b <= a {
            return;
        }
        let slope = (self.capacity(b) - self.capacity(a)) / (b - a);
        let lowest = match slope > 0.0 {
            true => (self.shifted.0 as f64 + self.mean * (self.late / (self.mean * slope)).ln()).clamp(a, b),
            false => b,
        };
        for (low, high) in [(a, lowest), (lowest, b)] {
            let above = |t: f64| self.capacity(t) > self.arrived(t);
            if high > low && above(low) != above(high) {
                cuts.push(bisect(low, high, |t| above(t) == above(low)));
            }
        }
    }

    /// The integral of what is served over `[a, b]`, in which either capacity or arrivals are the lower throughout.
    fn piece(&self, a: f64, b: f64) -> f64 {
        let middle = f64::midpoint(a, b);
        if self.capacity(middle) <= self.arrived(middle) {
            return self.capacity(middle).clamp(0.0, 1.0) * (b - a);
        }
        let gone = |t: f64| (-(t - self.shifted.0 as f64) / self.mean).exp();
        (b - a) - self.late * self.mean * (gone(a) - gone(b))
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
