//! The charts of a run, from its results.

use super::*;
use crate::model::{Hazard, Named, Objectives, Scenario};
use crate::stats::{REPAIR, RESUME, WAITING, waited_for};
use crate::summary::{self, Figure, Summary};
use crate::units::Time;
use std::collections::BTreeSet;

/// A component that is waited for less than that share of all waiting goes without a shade of its own.
const LEAST: f64 = 0.02;

/// Every chart of a run with its name, which is that of its file. What costs nothing has no charts of costs, and a single
/// hazard none of its own.
pub fn charts(scenario: &Scenario, summary: &Summary) -> Vec<(&'static str, Canvas)> {
    let results = Results { scenario, summary, awaited: awaited(summary) };
    let mut charts = vec![
        ("rto", distribution(&results.distribution(Quantity::RecoveryTime))),
        ("rpo", distribution(&results.distribution(Quantity::DataLoss))),
        ("quantiles", quantiles(&results.quantiles())),
        ("phases", phases(&results.phases())),
        ("p95_without", gains(&results.gains())),
    ];
    if results.struck().count() > 1 {
        charts.push(("rto_by_hazard", by_hazard(&results.by_hazard(Quantity::RecoveryTime))));
        charts.push(("rpo_by_hazard", by_hazard(&results.by_hazard(Quantity::DataLoss))));
        charts.push(("phases_by_hazard", phases_by_hazard(&results.phases_by_hazard())));
    }
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
    /// Parts in which a component is waited for that has a shade of its own.
    awaited: BTreeSet<&'a str>,
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

    fn figure(&self, strategy: &str, hazard: &str, metric: &str, statistic: &str) -> Option<Figure> {
        let rows = self.summary.rows.iter();
        let names = (strategy, hazard, metric, statistic);
        let mut rows = rows.filter(|row| (&*row.strategy, &*row.hazard, row.metric, row.statistic) == names);
        rows.next().and_then(|row| row.figure)
    }

    /// Hazards that struck under any strategy, with the most incidents seen under one.
    fn struck(&self) -> impl Iterator<Item = (usize, &Hazard, u64)> {
        let seen = |name: &str| {
            let hazards = self.summary.strategies.iter().flat_map(|strategy| &strategy.hazards);
            hazards.filter(|hazard| hazard.name == name).map(|hazard| hazard.incidents).max()
        };
        let hazards = self.scenario.hazards.iter().enumerate();
        hazards.filter_map(move |(index, hazard)| seen(&hazard.name).map(|seen| (index, hazard, seen)))
    }

    /// The distribution functions over one hazard, or all.
    fn curves(&self, quantity: Quantity, hazard: Option<usize>) -> Vec<Curve> {
        let (curves, metric) = match quantity {
            Quantity::RecoveryTime => (&self.summary.rto, "rto"),
            Quantity::DataLoss => (&self.summary.rpo, "rpo"),
        };
        let name = hazard.map_or(summary::ALL, |index| &self.scenario.hazards[index].name);
        self.each(|series, strategy| {
            let points = curves.iter().find(|curve| curve.strategy == series.index && curve.hazard == hazard);
            let met = self.figure(&strategy.name, name, metric, "attainment");
            let p95 = self.figure(&strategy.name, name, metric, "p95").map(|figure| figure.value);
            Curve { series, steps: points.map_or(Vec::new(), |curve| curve.points.clone()), met, p95 }
        })
    }

    fn distribution(&self, quantity: Quantity) -> Distribution {
        let own = self.own_objectives(quantity);
        let subtitle = match own.is_empty() {
            true => self.subtitle(),
            false => format!("{}; other objectives: {}", self.subtitle(), own.join(", ")),
        };
        let objectives = &self.scenario.objectives;
        let objective = quantity.objective_of(objectives).map(Time::seconds);
        let curves = self.curves(quantity, None);
        Distribution { quantity, subtitle, curves, objective, attainment: objectives.attainment }
    }

    fn by_hazard(&self, quantity: Quantity) -> ByHazard {
        let panel = |(index, hazard, incidents): (usize, &Hazard, u64)| Panel {
            title: hazard.title.clone(),
            incidents,
            curves: self.curves(quantity, Some(index)),
            objective: quantity.objective_of(&hazard.objectives).map(Time::seconds),
            attainment: hazard.objectives.attainment,
        };
        ByHazard { quantity, subtitle: self.subtitle(), panels: self.struck().map(panel).collect() }
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
        let rows = self.each(|series, strategy| {
            let values = SHARES.map(|share| self.figure(&strategy.name, summary::ALL, "rto", share));
            QuantileRow { series, values }
        });
        let (quantity, objective) = (Quantity::RecoveryTime, self.rto_objective());
        Quantiles { quantity, subtitle: self.subtitle(), rows, objective }
    }

    fn phases(&self) -> Phases {
        let bars = self.bars(summary::ALL);
        Phases { subtitle: self.subtitle(), bars, idle: self.idle(), steps: self.steps() }
    }

    fn phases_by_hazard(&self) -> PhasesByHazard {
        let panels = self.struck().map(|(_, hazard, seen)| (hazard.title.clone(), seen, self.bars(&hazard.name)));
        PhasesByHazard { subtitle: self.subtitle(), panels: panels.collect(), idle: self.idle(), steps: self.steps() }
    }

    /// Every part of the critical path once, in the order of the strategies' plans.
    fn steps(&self) -> Vec<String> {
        let mut steps: Vec<String> = Vec::new();
        for (step, _) in self.bars(summary::ALL).into_iter().flat_map(|bar| bar.1) {
            if !steps.contains(&step) {
                steps.push(step);
            }
        }
        steps
    }

    /// Mean time by part, one bar for each strategy.
    fn bars(&self, hazard: &str) -> Vec<(Series, Vec<(String, f64)>)> {
        self.each(|series, strategy| {
            let of =
                |row: &&summary::PhaseRow| row.strategy == strategy.name && row.hazard == hazard && row.mean_s > 0.0;
            let mut parts: Vec<(String, f64)> = Vec::new();
            for row in self.summary.phases.iter().filter(of) {
                let name = match waited_for(&row.step) {
                    Some((kind, _)) if !self.awaited.contains(&*row.step) => said(kind),
                    Some(_) | None => said(&row.step),
                };
                match parts.iter_mut().find(|part| part.0 == name) {
                    Some(part) => part.1 += row.mean_s,
                    None => parts.push((name, row.mean_s)),
                }
            }
            (series, parts)
        })
    }

    /// The parts in which nobody works, the components in the order of the scenario.
    fn idle(&self) -> Vec<Idle> {
        let part = |kind: &str, component: &Named| format!("{kind}: {}", component.name);
        let shown = |kind: &str, component: &Named| self.awaited.contains(&*part(kind, component));
        let any = |component: &&Named| [WAITING, REPAIR].iter().any(|kind| shown(kind, component));
        let shades: Vec<(usize, &Named)> = self.scenario.components.iter().filter(any).enumerate().collect();
        let of = |kind: &str, hatched: bool| {
            let own = shades.iter().filter(|(_, component)| shown(kind, component));
            let named =
                own.map(|&(shade, component)| Idle { name: said(&part(kind, component)), shade: Some(shade), hatched });
            named.chain([Idle { name: said(kind), shade: None, hatched }]).collect::<Vec<_>>()
        };
        let restart = Idle { name: said(RESUME), shade: None, hatched: false };
        [of(WAITING, true), of(REPAIR, false), vec![restart]].concat()
    }

    fn gains(&self) -> Gains {
        let rows = self.each(|series, strategy| {
            let of = |row: &&summary::PhaseRow| row.strategy == strategy.name && row.hazard == summary::ALL;
            let rows = self.summary.phases.iter().filter(of);
            let without = rows.filter_map(|row| Some((said(&row.step), row.p95_rto_without_s?))).collect();
            let p95 = strategy.rto[1]?.value;
            Some(Gain { series, p95, without })
        });
        let objective = self.rto_objective();
        Gains { subtitle: self.subtitle(), rows: rows.into_iter().flatten().collect(), objective }
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

/// A part of the critical path in words.
pub(crate) fn said(part: &str) -> String {
    match waited_for(part) {
        Some((kind, "")) => format!("{kind}, other"),
        Some((WAITING, component)) => format!("waiting for {component}"),
        Some((_, component)) => format!("repair of {component}"),
        None if part == RESUME => "restart".into(),
        None => part.into(),
    }
}

/// The waits that have a shade of their own: large beside all waiting of a bar, and not lost in the bar.
fn awaited(summary: &Summary) -> BTreeSet<&str> {
    let bars = summary.phases.chunk_by(|a, b| (&a.strategy, &a.hazard) == (&b.strategy, &b.hazard));
    let large = bars.flat_map(|rows| {
        let waits = || rows.iter().filter(|row| waited_for(&row.step).is_some());
        let all: f64 = waits().map(|row| row.mean_s).sum();
        waits().filter(move |row| row.mean_s >= LEAST * all && row.share_of_rto >= LEAST / 4.0)
    });
    large.map(|row| row.step.as_str()).collect()
}

impl Quantity {
    fn objective_of(self, objectives: &Objectives) -> Option<Time> {
        match self {
            Quantity::RecoveryTime => objectives.rto,
            Quantity::DataLoss => objectives.rpo,
        }
    }
}
