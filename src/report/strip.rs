//! Distributions of time in a line of text: `▁▃▇█▅▂│▁`, one strip for each strategy over a common logarithmic axis.
//!
//! A column holds the incidents that took about so long; its height is their share, held against the fullest column of
//! the same strip. A stroke stands at the objective: what is left of it met it. A column that holds anything shows it,
//! so that a rare long recovery stays in sight. Infinite times are beyond the right end and not drawn.

use super::charts::TIMES;
use super::say;
use crate::summary::Summary;

/// Columns of the terminal.
const WIDTH: usize = 100;
/// The longest name that is written whole.
const NAME: usize = 26;

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

/// The recovery times of all incidents, a line for each strategy, at most 100 columns wide. Where `colour`, what met the
/// objective is green and what missed it red. Empty where there was no incident.
pub fn recovery_times(summary: &Summary, glyphs: Glyphs, colour: bool) -> String {
    let all = summary.rto.iter().filter(|curve| curve.hazard.is_none() && !curve.points.is_empty());
    let scale = Scale::new(all.clone().map(|curve| &curve.points[..]), summary.rto_objective);
    let names: Vec<String> = all.clone().map(|curve| cut(&summary.strategies[curve.strategy].title, glyphs)).collect();
    let Some(longest) = names.iter().map(|name| name.chars().count()).max() else { return String::new() };
    let width = WIDTH - longest - 4;
    let mut text = String::from("Recovery time of all incidents, by how many took about so long (logarithmic)");
    if let Some(objective) = scale.objective {
        text += &format!("; {} RTO {}", glyphs.stroke(), say::duration(objective));
    }
    text += &format!("\n{:longest$}    {}\n", "", scale.ruler(width));
    for (curve, name) in all.zip(names) {
        let strip = scale.strip(&curve.points, width, glyphs);
        let strip = match strip.split_once(glyphs.stroke()) {
            Some((met, missed)) if colour => {
                format!("\x1b[32m{met}\x1b[39m{}\x1b[31m{missed}\x1b[39m", glyphs.stroke())
            }
            Some(_) | None => strip.trim_end().to_string(),
        };
        text += &format!("  {name:longest$}  {strip}\n");
    }
    text
}

/// A name as long as there is room for.
fn cut(name: &str, glyphs: Glyphs) -> String {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if name.chars().count() <= NAME {
        return name;
    }
    let end = match glyphs {
        Glyphs::Blocks => "…",
        Glyphs::Ascii => "...",
    };
    let kept: String = name.chars().take(NAME - end.chars().count()).collect();
    kept.trim_end().to_string() + end
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

    /// The column, of that many, that a time falls into. The objective lies between two columns: what is left of it and
    /// what is right are divided evenly each.
    fn column(&self, seconds: f64, columns: usize) -> usize {
        let even = |low: f64, high: f64, columns: usize| {
            let share = (seconds.max(low) / low).ln() / (high / low).ln();
            ((share * columns as f64) as usize).min(columns - 1)
        };
        match (self.objective, self.within(columns)) {
            (Some(objective), Some(within)) if seconds <= objective => even(self.low, objective, within),
            (Some(objective), Some(within)) => within + even(objective, self.high, columns - within),
            (None, _) | (_, None) => even(self.low, self.high, columns),
        }
    }

    /// The columns that are left of the objective, of that many.
    fn within(&self, columns: usize) -> Option<usize> {
        let share = |objective: f64| (objective / self.low).ln() / (self.high / self.low).ln();
        let within = |objective: f64| ((share(objective) * columns as f64).round() as usize).clamp(1, columns - 1);
        self.objective.map(within)
    }

    /// The strip of a distribution function, `(seconds, share up to it)`, `width` characters long.
    ///
    /// ```
    /// use drsim::report::strip::{Glyphs, Scale};
    /// let points = [(300.0, 0.1), (600.0, 0.6), (1200.0, 0.9), (7200.0, 1.0)];
    /// let scale = Scale::new([&points[..]].into_iter(), Some(3600.0));
    /// assert_eq!(scale.strip(&points, 20, Glyphs::Blocks), "▂   █   ▅      │   ▂");
    /// assert_eq!(scale.strip(&points, 20, Glyphs::Ascii), ":   #   +      |   :");
    /// ```
    pub fn strip(&self, points: &[(f64, f64)], width: usize, glyphs: Glyphs) -> String {
        let columns = width.max(3) - usize::from(self.objective.is_some());
        let within = self.within(columns);
        let mut shares = vec![0.0_f64; columns];
        let mut before = 0.0;
        for &(seconds, up_to) in points.iter().filter(|point| point.0.is_finite()) {
            shares[self.column(seconds, columns)] += up_to - before;
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
            let columns = width.max(3) - usize::from(self.objective.is_some());
            let column = self.column(time, columns);
            let start = column + usize::from(self.within(columns).is_some_and(|within| column >= within));
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
