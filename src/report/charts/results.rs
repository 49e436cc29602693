//! The charts of a run, from its statistics.

use super::*;
use crate::model::{Objectives, Scenario};
use crate::stats::{HazardTally, Partial, StrategyTally, Tally};
use crate::units::Time;

/// Points of a distribution function: more than a chart has pixels.
const POINTS: usize = 2000;
/// Time on the critical path that is no step's.
const WAITING: &str = "waiting for components";
const REPAIR: &str = "repair and restart";
/// Millionths in an amount of money.
const MILLIONTHS: f64 = 1e6;
/// Ticks in a second.
const TICKS: f64 = 1e6;

/// Every chart of a run with its name, which is that of its file. What costs nothing has no charts of costs.
pub fn charts(scenario: &Scenario, partial: &Partial) -> Vec<(&'static str, Canvas)> {
    let results = Results { scenario, partial };
    let mut charts = vec![
        ("rto", distribution(&results.distribution(Quantity::RecoveryTime))),
        ("rpo", distribution(&results.distribution(Quantity::DataLoss))),
        ("quantiles", quantiles(&results.quantiles())),
        ("phases", phases(&results.phases())),
    ];
    if partial.strategies().iter().any(|strategy| strategy.cost.sum() > 0) {
        charts.push(("exceedance", exceedance(&results.exceedance())));
        charts.push(("frontier", frontier(&results.frontier())));
    }
    charts
}

struct Results<'a> {
    scenario: &'a Scenario,
    partial: &'a Partial,
}

impl Results<'_> {
    /// Each strategy with its statistics.
    fn strategies(&self) -> impl Iterator<Item = (Series, &StrategyTally)> {
        let named = self.scenario.strategies.iter().zip(self.partial.strategies()).enumerate();
        named.map(|(index, (strategy, tally))| (Series { title: strategy.title.clone(), index }, tally))
    }

    fn subtitle(&self) -> String {
        let run = self.scenario.run;
        let (histories, horizon) = (say::count(self.partial.histories()), say::duration(run.horizon.seconds()));
        let title = if self.scenario.title.is_empty() { "" } else { &format!("{}: ", self.scenario.title) };
        format!("{title}{histories} simulated histories of {horizon}, seed {}", run.seed)
    }

    fn distribution(&self, quantity: Quantity) -> Distribution {
        let own = self.own_objectives(quantity);
        let curve = |(series, tally): (Series, &StrategyTally)| {
            let values = quantity.of(tally.all());
            let met = match quantity {
                Quantity::RecoveryTime => tally.all().met_rto,
                Quantity::DataLoss => tally.all().met_rpo,
            };
            let met = (!own.is_empty()).then(|| met as f64 / values.count().max(1) as f64);
            Curve { series, steps: values.curve(POINTS), met }
        };
        let subtitle = match own.is_empty() {
            true => self.subtitle(),
            false => format!("{}; other objectives: {}", self.subtitle(), own.join(", ")),
        };
        let curves = self.strategies().map(curve).collect();
        let objectives = self.scenario.objectives;
        let objective = quantity.objective_of(&objectives).map(Time::seconds);
        Distribution { quantity, subtitle, curves, objective, attainment: objectives.attainment }
    }

    /// Hazards whose objective is another than the workload's, with it.
    fn own_objectives(&self, quantity: Quantity) -> Vec<String> {
        let of_all = quantity.objective_of(&self.scenario.objectives);
        let own = self.scenario.hazards.iter().filter_map(|hazard| {
            let objective = quantity.objective_of(&hazard.objectives);
            let said = objective.map_or("none".into(), |objective| say::duration(objective.seconds()));
            (objective != of_all).then(|| format!("{} {said}", hazard.name))
        });
        own.collect()
    }

    fn quantiles(&self) -> Quantiles {
        let row = |(series, tally): (Series, &StrategyTally)| {
            let value = |(name, share): (&str, f64)| {
                let estimate = tally.all().rto.quantile(share);
                let (low, high) = estimate.and_then(|e| e.interval).unwrap_or((f64::NAN, f64::NAN));
                QuantileValue { name: name.into(), value: estimate.map_or(f64::NAN, |e| e.value), low, high }
            };
            QuantileRow { series, values: [("p50", 0.5), ("p95", 0.95), ("p99", 0.99)].map(value).to_vec() }
        };
        let objective = self.scenario.objectives.rto.map(Time::seconds);
        let rows = self.strategies().map(row).collect();
        Quantiles { quantity: Quantity::RecoveryTime, subtitle: self.subtitle(), rows, objective }
    }

    fn phases(&self) -> Phases {
        let bar = |(series, tally): (Series, &StrategyTally)| {
            let strategy = &self.scenario.strategies[series.index];
            let all = tally.all();
            let incidents = all.rto.finite().count().max(1) as f64;
            let mean = |sum: i128| sum as f64 / TICKS / incidents;
            let steps = strategy.failover.iter().chain(&strategy.restore).map(|step| step.name.clone());
            let mut parts: Vec<(String, f64)> = Vec::new();
            for (name, phase) in steps.zip(&all.phases) {
                let seconds = mean(phase.moments.sum());
                // Both plans may have a step of that name.
                match parts.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, sum)) => *sum += seconds,
                    None => parts.push((name, seconds)),
                }
            }
            parts.push((WAITING.into(), mean(all.waited.finite().sum())));
            let said: f64 = parts.iter().map(|(_, seconds)| seconds).sum();
            parts.push((REPAIR.into(), (mean(all.rto.finite().sum()) - said).max(0.0)));
            parts.retain(|(_, seconds)| *seconds > 0.0);
            (series, parts)
        };
        let idle = vec![WAITING.into(), REPAIR.into()];
        Phases { subtitle: self.subtitle(), bars: self.strategies().map(bar).collect(), idle }
    }

    fn exceedance(&self) -> Exceedance {
        let curve = |(series, tally): (Series, &StrategyTally)| {
            let years = tally.yearly_costs.count() as f64;
            let mut above = tally.yearly_costs.count();
            let points = tally.yearly_costs.buckets().map(|(cost, count)| {
                above -= count;
                (cost as f64 / MILLIONTHS, above as f64 / years)
            });
            (series, points.collect())
        };
        let (currency, subtitle) = (self.scenario.costs.currency.clone(), self.subtitle());
        Exceedance { currency, subtitle, curves: self.strategies().map(curve).collect() }
    }

    fn frontier(&self) -> Frontier {
        let years = self.scenario.run.horizon.years();
        let point = |(series, tally): (Series, &StrategyTally)| FrontierPoint {
            series,
            rto_p95: tally.all().rto.quantile(0.95).map_or(f64::NAN, |estimate| estimate.value),
            cost: tally.cost.mean().unwrap_or(f64::NAN) / MILLIONTHS / years,
        };
        let (currency, subtitle) = (self.scenario.costs.currency.clone(), self.subtitle());
        let objective = self.scenario.objectives.rto.map(Time::seconds);
        Frontier { currency, subtitle, points: self.strategies().map(point).collect(), objective }
    }
}

impl Quantity {
    fn of(self, tally: &HazardTally) -> &Tally {
        match self {
            Quantity::RecoveryTime => &tally.rto,
            Quantity::DataLoss => &tally.rpo,
        }
    }

    fn objective_of(self, objectives: &Objectives) -> Option<Time> {
        match self {
            Quantity::RecoveryTime => objectives.rto,
            Quantity::DataLoss => objectives.rpo,
        }
    }
}
