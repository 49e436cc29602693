//! The charts of a run, from its results.

use super::*;
use crate::model::{Objectives, Scenario};
use crate::stats::{REPAIR, RESUME, WAITING};
use crate::summary::{self, Figure, Summary};
use crate::units::Time;

/// Time on the critical path in which nobody works at a step.
const IDLE: [(&str, &str); 3] =
    [(WAITING, "waiting for components"), (REPAIR, "waiting for the repair"), (RESUME, "restart")];

/// Every chart of a run with its name, which is that of its file. What costs nothing has no charts of costs.
pub fn charts(scenario: &Scenario, summary: &Summary) -> Vec<(&'static str, Canvas)> {
    let results = Results { scenario, summary };
    let mut charts = vec![
        ("rto", distribution(&results.distribution(Quantity::RecoveryTime))),
        ("rpo", distribution(&results.distribution(Quantity::DataLoss))),
        ("quantiles", quantiles(&results.quantiles())),
        ("phases", phases(&results.phases())),
    ];
    if summary.strategies.iter().any(|strategy| strategy.cost.value > 0.0) {
        charts.push(("cost_curve", cost_curves(&results.cost_curves())));
        charts.push(("exceedance", exceedance(&results.exceedance())));
        charts.push(("frontier", frontier(&results.frontier())));
    }
    charts
}

struct Results<'a> {
    scenario: &'a Scenario,
    summary: &'a Summary,
}

impl Results<'_> {
    /// One value for each strategy.
    fn each<T>(&self, make: impl Fn(Series, &summary::StrategySummary) -> T) -> Vec<T> {
        let strategies = self.summary.strategies.iter().enumerate();
        strategies.map(|(index, strategy)| make(Series { title: strategy.title.clone(), index }, strategy)).collect()
    }

    fn subtitle(&self) -> String {
        let run = self.scenario.run;
        let (histories, horizon) = (say::count(self.summary.histories), say::duration(run.horizon.seconds()));
        let title = if self.scenario.title.is_empty() { "" } else { &format!("{}: ", self.scenario.title) };
        format!("{title}{histories} simulated histories of {horizon}, seed {}", run.seed)
    }

    fn currency(&self) -> String {
        self.summary.currency.clone()
    }

    fn rto_objective(&self) -> Option<f64> {
        self.scenario.objectives.rto.map(Time::seconds)
    }

    fn distribution(&self, quantity: Quantity) -> Distribution {
        let own = self.own_objectives(quantity);
        let (curves, metric) = match quantity {
            Quantity::RecoveryTime => (&self.summary.rto, "rto"),
            Quantity::DataLoss => (&self.summary.rpo, "rpo"),
        };
        let curve = |series: Series, strategy: &summary::StrategySummary| {
            let points = curves.iter().find(|curve| curve.strategy == series.index && curve.hazard.is_none());
            let attainment = self.summary.rows.iter().find(|row| {
                let whose = (row.strategy.as_str(), row.hazard.as_str());
                whose == (&strategy.name, summary::ALL) && (row.metric, row.statistic) == (metric, "attainment")
            });
            let met = attainment.filter(|_| !own.is_empty()).and_then(|row| row.figure).map(|figure| figure.value);
            Curve { series, steps: points.map_or(Vec::new(), |curve| curve.points.clone()), met }
        };
        let subtitle = match own.is_empty() {
            true => self.subtitle(),
            false => format!("{}; other objectives: {}", self.subtitle(), own.join(", ")),
        };
        let objectives = &self.scenario.objectives;
        let objective = quantity.objective_of(objectives).map(Time::seconds);
        Distribution { quantity, subtitle, curves: self.each(curve), objective, attainment: objectives.attainment }
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
        let value = |(name, figure): (&str, Option<Figure>)| QuantileValue {
            name: name.into(),
            value: figure.map_or(f64::NAN, |figure| figure.value),
            low: figure.and_then(|figure| figure.ci_low).unwrap_or(f64::NAN),
            high: figure.and_then(|figure| figure.ci_high).unwrap_or(f64::NAN),
        };
        let rows = self.each(|series, strategy| {
            let values = ["p50", "p95", "p99"].into_iter().zip(strategy.rto).map(value).collect();
            QuantileRow { series, values }
        });
        let (quantity, objective) = (Quantity::RecoveryTime, self.rto_objective());
        Quantiles { quantity, subtitle: self.subtitle(), rows, objective }
    }

    fn phases(&self) -> Phases {
        let bars = self.each(|series, strategy| {
            let rows = self.summary.phases.iter().filter(|row| row.strategy == strategy.name);
            let rows = rows.filter(|row| row.hazard == summary::ALL && row.mean_s > 0.0);
            let idle = |step: &str| IDLE.iter().find(|idle| idle.0 == step).map(|idle| idle.1.to_string());
            let parts = rows.map(|row| (idle(&row.step).unwrap_or_else(|| row.step.clone()), row.mean_s)).collect();
            (series, parts)
        });
        Phases { subtitle: self.subtitle(), bars, idle: IDLE.map(|idle| idle.1.into()).to_vec() }
    }

    fn cost_curves(&self) -> CostCurves {
        let curves = self.each(|series, strategy| {
            let points = self.summary.cost_curve.iter().filter(|point| point.strategy == strategy.name);
            let point = |point: &summary::CostPoint| CostPoint {
                downtime_per_hour: point.downtime_per_hour,
                mean: point.cost_per_year,
                p5: point.p5,
                p95: point.p95,
            };
            CostCurve { series, points: points.map(point).collect() }
        });
        // A price by length of the outage is no single price, but its first is what the curve scales.
        let own = self.scenario.costs.downtime_per_hour.first().map(|band| band.1).filter(|price| *price > 0.0);
        CostCurves { currency: self.currency(), subtitle: self.subtitle(), curves, own }
    }

    fn exceedance(&self) -> Exceedance {
        let curves = self.each(|series, _| (series.clone(), self.summary.exceedance[series.index].clone()));
        Exceedance { currency: self.currency(), subtitle: self.subtitle(), curves }
    }

    fn frontier(&self) -> Frontier {
        let points = self.each(|series, strategy| FrontierPoint {
            series,
            rto_p95: strategy.rto[1].map_or(f64::NAN, |figure| figure.value),
            cost: strategy.cost.value,
        });
        Frontier { currency: self.currency(), subtitle: self.subtitle(), points, objective: self.rto_objective() }
    }
}

impl Quantity {
    fn objective_of(self, objectives: &Objectives) -> Option<Time> {
        match self {
            Quantity::RecoveryTime => objectives.rto,
            Quantity::DataLoss => objectives.rpo,
        }
    }
}
