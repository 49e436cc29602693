//! The tables of the output folder, as `docs/scenario-format.md` lists their columns.
//!
//! Numbers are written with as few digits as give the same number back; infinity is `inf`; what is not known is empty.

use std::io::{self, Write};

use csv::Writer;

use crate::model::Scenario;
use crate::summary::{ALL, Curve, Summary};

/// Significant digits of a number, at most.
const DIGITS: usize = 12;

/// Writes `summary.csv`.
///
/// # Errors
/// Those of the writer.
pub fn summary(summary: &Summary, out: impl Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    csv.write_record(["strategy", "hazard", "metric", "statistic", "value", "ci_low", "ci_high", "unit"])?;
    for row in &summary.rows {
        let [value, low, high] = match &row.figure {
            Some(figure) => [Some(figure.value), figure.ci_low, figure.ci_high],
            None => [None; 3],
        };
        let names = [&row.strategy, &row.hazard, row.metric, row.statistic];
        let numbers = [optional(value), optional(low), optional(high)];
        csv.write_record(names.into_iter().chain(numbers.iter().map(String::as_str)).chain([row.unit.as_str()]))?;
    }
    csv.flush()
}

/// Writes `rto.csv`.
///
/// # Errors
/// Those of the writer.
pub fn rto(scenario: &Scenario, summary: &Summary, out: impl Write) -> io::Result<()> {
    curves(scenario, &summary.rto, out)
}

/// Writes `rpo.csv`.
///
/// # Errors
/// Those of the writer.
pub fn rpo(scenario: &Scenario, summary: &Summary, out: impl Write) -> io::Result<()> {
    curves(scenario, &summary.rpo, out)
}

fn curves(scenario: &Scenario, curves: &[Curve], out: impl Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    csv.write_record(["strategy", "hazard", "seconds", "share"])?;
    for curve in curves {
        let strategy = &scenario.strategies[curve.strategy].name;
        let hazard = curve.hazard.map_or(ALL, |index| &scenario.hazards[index].name);
        for point in &curve.points {
            let (seconds, share) = (number(point.0), number(point.1));
            csv.write_record([strategy, hazard, &seconds, &share])?;
        }
    }
    csv.flush()
}

/// Writes `differences.csv`.
///
/// # Errors
/// Those of the writer.
pub fn differences(summary: &Summary, out: impl Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    let columns = ["strategy", "baseline", "metric", "mean_difference", "ci_low", "ci_high", "probability_better"];
    csv.write_record(columns)?;
    for row in &summary.differences {
        let interval = (optional(row.ci_low), optional(row.ci_high));
        let (mean, better) = (number(row.mean_difference), number(row.probability_better));
        csv.write_record([&row.strategy, &row.baseline, row.metric, &mean, &interval.0, &interval.1, &better])?;
    }
    csv.flush()
}

/// Writes `cost_curve.csv`.
///
/// # Errors
/// Those of the writer.
pub fn cost_curve(summary: &Summary, out: impl Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    csv.write_record(["strategy", "downtime_per_hour", "cost_per_year", "p5", "p95"])?;
    for point in &summary.cost_curve {
        let numbers = [point.downtime_per_hour, point.cost_per_year, point.p5, point.p95].map(number);
        csv.write_record([&point.strategy].into_iter().chain(&numbers))?;
    }
    csv.flush()
}

/// Writes `phases.csv`.
///
/// # Errors
/// Those of the writer.
pub fn phases(summary: &Summary, out: impl Write) -> io::Result<()> {
    let mut csv = Writer::from_writer(out);
    let names = ["strategy", "hazard", "step"];
    let columns = ["mean_s", "p95_s", "share_of_rto", "worst_mean_s", "share_of_worst_rto", "p95_rto_without_s"];
    csv.write_record(names.into_iter().chain(columns))?;
    for row in &summary.phases {
        let numbers = [
            number(row.mean_s),
            optional(row.p95_s),
            number(row.share_of_rto),
            optional(row.worst_mean_s),
            optional(row.share_of_worst_rto),
            optional(row.p95_rto_without_s),
        ];
        csv.write_record([&row.strategy, &row.hazard, &row.step].into_iter().chain(&numbers))?;
    }
    csv.flush()
}

fn optional(value: Option<f64>) -> String {
    value.map_or(String::new(), number)
}

/// Twelve significant digits at most: the rest is noise of the arithmetic, not of the simulation.
fn number(value: f64) -> String {
    if value.is_finite() { shortest(value).unwrap_or_else(|| rounded(value)) } else { value.to_string() }
}

/// Exactly, but slowly.
fn rounded(value: f64) -> String {
    format!("{value:.11e}").parse().unwrap_or(value).to_string()
}

/// The same for most numbers, from the fewest digits that give the number back; `None` where these are written with an
/// exponent, or cannot tell because they end half-way between two numbers of twelve digits.
fn shortest(value: f64) -> Option<String> {
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format_finite(value);
    let text = text.strip_suffix(".0").unwrap_or(text);
    // Zeros before the first digit do not count, and neither does the point.
    let first = text.bytes().position(|byte| !matches!(byte, b'-' | b'0' | b'.')).unwrap_or(0);
    let point = text.find('.').unwrap_or(text.len());
    let end = first + DIGITS + usize::from(first < point);
    if text.contains('e') || point >= end {
        return None;
    }
    let (kept, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    if rest == "5" {
        return None;
    }
    let mut kept = kept.as_bytes().to_vec();
    if rest.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
        while kept.last() == Some(&b'9') {
            kept.pop();
        }
        // A carry beyond the point is left to the slow way.
        *kept.last_mut().filter(|byte| **byte != b'.')? += 1;
    }
    if !rest.is_empty() {
        let shown = kept.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        kept.truncate(shown - usize::from(kept[..shown].ends_with(b".")));
    }
    String::from_utf8(kept).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::{Strategy, any, prop_assert_eq, prop_oneof, proptest};

    fn any_number() -> impl Strategy<Value = f64> {
        let plain = (any::<i64>(), 0..19_i32).prop_map(|(digits, places)| digits as f64 / 10_f64.powi(places));
        let ticks = (0_i64..100_000_000_000).prop_map(|ticks| ticks as f64 / 1e6);
        // Many nines, zeros, or a five after the last digit that counts.
        let borders = (1_i64..10_000, 0..12_i32, -60_i64..60)
            .prop_map(|(digits, places, off)| (digits * 1_000_000_000_000 + off) as f64 / 10_f64.powi(12 + places));
        prop_oneof![any::<f64>(), plain, ticks, borders].prop_filter("finite", |value| value.is_finite())
    }

    proptest! {
        #[test]
        fn the_quick_way_writes_what_the_exact_one_does(value in any_number()) {
            prop_assert_eq!(number(value), rounded(value));
        }
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(14_400.0), "14400");
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(number(0.0), "0");
        assert_eq!(optional(None), "");
    }
}
