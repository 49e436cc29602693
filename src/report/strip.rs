//! Distributions of time in a line of text: `▁▃▇█▅▂│▁`, one strip for each strategy over a common logarithmic axis.
//!
//! A column holds the incidents that took about so long; its height is their share, held against the fullest column of
//! the same strip. A stroke stands at the objective: what is left of it met it. A column that holds anything shows it,
//! so that a rare long recovery stays in sight. Infinite times are beyond the right end and not drawn.

use super::charts::TIMES;
use super::say;

/// What strips are drawn with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyphs {
    /// Blocks of eight heights.
    Blocks,
    /// For where only ASCII can be shown.
    Ascii,
}

impl Glyphs {
    fn levels(self) -> &'static [char] {
        match self {
            Glyphs::Blocks => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
            Glyphs::Ascii => &['.', ':', '-', '=', '+', '*', '%', '#'],
        }
    }

    fn stroke(self) -> char {
        match self {
            Glyphs::Blocks => '│',
            Glyphs::Ascii => '|',
        }
    }
}

/// The common axis of several strips.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    low: f64,
    high: f64,
    objective: Option<f64>,
}

/// Of the incidents of a strategy that many lie beyond each end of the axis; they are drawn in its last columns.
const BEYOND: f64 = 0.002;
/// Nothing shorter is told apart, seconds.
const SHORTEST: f64 = 1e-3;

impl Scale {
    /// For distribution functions, each as `(seconds, share up to it)`; the objective, seconds, lies within too.
    pub fn new<'a>(curves: impl Iterator<Item = &'a [(f64, f64)]>, objective: Option<f64>) -> Scale {
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for points in curves {
            let Some((_, all)) = points.last() else { continue };
            let at = |share: f64| points[points.partition_point(|point| point.1 < share).min(points.len() - 1)].0;
            low = low.min(at(BEYOND * all));
            high = high.max(at((1.0 - BEYOND) * all));
        }
        let objective = objective.filter(|objective| objective.is_finite() && *objective > 0.0);
        if let Some(objective) = objective {
            (low, high) = (low.min(objective / 2.0), high.max(objective * 2.0));
        }
        let low = if low.is_finite() { low.max(SHORTEST) } else { 1.0 };
        Scale { low, high: high.max(low * 10.0), objective }
    }

    /// The column, of that many, that a time falls into.
    fn column(&self, seconds: f64, columns: usize) -> usize {
        let share = (seconds.max(self.low) / self.low).ln() / (self.high / self.low).ln();
        ((share * columns as f64) as usize).min(columns - 1)
    }

    /// The columns that are left of the objective, of that many.
    fn within(&self, columns: usize) -> Option<usize> {
        self.objective.map(|objective| self.column(objective, columns).clamp(1, columns - 1))
    }

    /// The strip of a distribution function, `(seconds, share up to it)`, `width` characters long.
    ///
    /// ```
    /// use drsim::report::strip::{Glyphs, Scale};
    /// let points = [(300.0, 0.1), (600.0, 0.6), (1200.0, 0.9), (7200.0, 1.0)];
    /// let scale = Scale::new([&points[..]].into_iter(), Some(3600.0));
    /// assert_eq!(scale.strip(&points, 20, Glyphs::Blocks), "▂   █   ▅     │    ▂");
    /// assert_eq!(scale.strip(&points, 20, Glyphs::Ascii), ":   #   +     |    :");
    /// ```
    pub fn strip(&self, points: &[(f64, f64)], width: usize, glyphs: Glyphs) -> String {
        let columns = width.max(3) - usize::from(self.objective.is_some());
        let within = self.within(columns);
        let mut shares = vec![0.0_f64; columns];
        let mut before = 0.0;
        for &(seconds, up_to) in points.iter().filter(|point| point.0.is_finite()) {
            let column = self.column(seconds, columns);
            // Rounding puts nothing on the wrong side of the objective.
            let column = match (within, self.objective) {
                (Some(within), Some(objective)) if seconds <= objective => column.min(within - 1),
                (Some(within), Some(_)) => column.max(within),
                (None, _) | (_, None) => column,
            };
            shares[column] += up_to - before;
            before = up_to;
        }
        let fullest = shares.iter().copied().fold(0.0, f64::max);
        let levels = glyphs.levels();
        let mut strip = String::new();
        for (column, share) in shares.into_iter().enumerate() {
            if within == Some(column) {
                strip.push(glyphs.stroke());
            }
            let level = (share / fullest * levels.len() as f64).ceil() as usize;
            strip.push(if share > 0.0 { levels[level.clamp(1, levels.len()) - 1] } else { ' ' });
        }
        strip
    }

    /// Times along the axis, each beginning at its column: the line above strips that are `width` characters long.
    ///
    /// ```
    /// use drsim::report::strip::Scale;
    /// let points = [(30.0, 0.5), (86_400.0, 1.0)];
    /// let scale = Scale::new([&points[..]].into_iter(), None);
    /// assert_eq!(scale.ruler(40), "   1 min       10 min   1 h    4 h");
    /// ```
    pub fn ruler(&self, width: usize) -> String {
        let mut line = String::new();
        for time in TIMES.into_iter().filter(|time| *time >= self.low && *time < self.high) {
            let label = say::duration(time);
            let start = self.column(time, width);
            let length = line.chars().count();
            if (start > length + 1 || length == 0) && start + label.len() <= width {
                line += &" ".repeat(start - length);
                line += &label;
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    #[test]
    fn what_is_left_of_the_stroke_met_the_objective() {
        // Just within and just beyond, nearer to each other than a column is wide.
        let points = [(3599.0, 0.5), (3601.0, 1.0)];
        let scale = Scale::new([&points[..]].into_iter(), Some(3600.0));
        let strip = scale.strip(&points, 30, Glyphs::Ascii);
        let (met, missed) = strip.split_once('|').expect("a stroke");
        assert!(met.ends_with('#') && missed.starts_with('#'), "{strip:?}");
    }

    #[test]
    fn what_cannot_be_drawn_is_left_out() {
        for points in [&[][..], &[(0.0, 1.0)], &[(f64::INFINITY, 1.0)]] {
            for objective in [None, Some(0.0), Some(60.0), Some(f64::INFINITY)] {
                let scale = Scale::new([points].into_iter(), objective);
                assert_eq!(scale.strip(points, 12, Glyphs::Blocks).chars().count(), 12);
                assert!(scale.ruler(12).len() <= 12);
            }
        }
    }

    proptest! {
        #[test]
        fn a_strip_is_as_wide_as_asked_for_and_shows_every_rare_incident(
            times in prop::collection::vec(1e-4..1e8f64, 1..60),
            objective in prop::option::of(1.0..1e6f64),
            width in 3_usize..90,
        ) {
            let mut times = times;
            times.sort_by(f64::total_cmp);
            let all = times.len() as f64;
            let points: Vec<(f64, f64)> = times.iter().enumerate().map(|(k, t)| (*t, (k + 1) as f64 / all)).collect();
            let scale = Scale::new([&points[..]].into_iter(), objective);
            let strip = scale.strip(&points, width, Glyphs::Ascii);
            prop_assert_eq!(strip.chars().count(), width);
            prop_assert!(scale.ruler(width).chars().count() <= width);
            if let Some(objective) = objective {
                let (met, missed) = strip.split_once('|').expect("a stroke");
                prop_assert_eq!(met.trim().is_empty(), times[0] > objective);
                prop_assert_eq!(missed.trim().is_empty(), times[times.len() - 1] <= objective);
            }
        }
    }
}
