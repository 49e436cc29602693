//! The tables of the output folder, as `docs/scenario-format.md` lists their columns.
//!
//! Numbers are written with as few digits as give the same number back; infinity is `inf`; what is not known is empty.

use std::io::{self, Write};

use csv::Writer;

use crate::model::Scenario;
use crate::summary::{ALL, Curve, Summary};

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
        for (seconds, share) in &curve.points {
            csv.write_record([strategy, hazard, &number(*seconds), &number(*share)])?;
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
    if value.is_finite() { format!("{value:.11e}").parse().unwrap_or(value).to_string() } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(number(0.1 + 0.2), "0.3");
        assert_eq!(number(14_400.0), "14400");
        assert_eq!(number(f64::INFINITY), "inf");
        assert_eq!(number(0.0), "0");
        assert_eq!(optional(None), "");
    }
}
