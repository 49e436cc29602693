//! What is shown, decided in one place: every table and file of results is made of a [`Summary`].
//!
//! Times are in seconds, money in the currency of the scenario, rates by the year of 365 days. An interval is one of
//! 95%; where too few incidents were seen to speak of a quantile, it has no value.

use serde::{Serialize, Serializer};

use crate::cost::{self, Money};
use crate::model::{Objectives, Scenario, Strategy};
use crate::outcome::Ended;
use crate::stats::{
    Estimate, HazardTally, Histogram, Moments, PRICES, Partial, StrategyTally, Tally, WAITING, mean_interval,
    never_seen_bound, share_interval, unseen_events_bound,
};
use crate::units::Time;

/// Points that a distribution function is written with, about.
const CURVE_POINTS: usize = 1000;
/// What hazard rows over all hazards are called.
pub const ALL: &str = "all";
/// Millionths in a unit of the currency.
const MILLION: f64 = Money::SCALE;
/// Microseconds in an hour.
const HOUR: f64 = 3.6e9;
const HOURS_A_YEAR: f64 = 8760.0;

/// The results of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// Name and version of this form; raised whenever a field changes its meaning.
    pub schema: &'static str,
    /// Of the scenario.
    pub title: String,
    /// Of every amount.
    pub currency: String,
    /// How many histories were simulated.
    pub histories: u64,
    /// Length of each, in years.
    pub horizon_years: f64,
    /// Name of the strategy that the others are compared with.
    pub baseline: String,
    /// In the order of the scenario.
    pub strategies: Vec<StrategySummary>,
    /// All figures, one by one.
    pub rows: Vec<Row>,
    /// Each strategy against the baseline.
    pub differences: Vec<DifferenceRow>,
    /// Cost a year against the price of downtime.
    pub cost_curve: Vec<CostPoint>,
    /// Where recovery time goes.
    pub phases: Vec<PhaseRow>,
    /// Recovery time objective of the workload, seconds; hazards may have their own.
    #[serde(skip)]
    pub rto_objective: Option<f64>,
    /// Distribution functions of the recovery time, by strategy and hazard.
    #[serde(skip)]
    pub rto: Vec<Curve>,
    /// Distribution functions of the data loss, by strategy and hazard.
    #[serde(skip)]
    pub rpo: Vec<Curve>,
    /// By strategy: `(cost, share of years that cost more)`, the costs ascending.
    #[serde(skip)]
    pub exceedance: Vec<Vec<(f64, f64)>>,
}

/// One strategy in ten figures.
#[derive(Clone, Debug, Serialize)]
pub struct StrategySummary {
    /// As the scenario calls it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Incidents seen.
    pub incidents: u64,
    /// Whether it meets the objectives of every hazard.
    pub verdict: Verdict,
    /// Share of all incidents within both objectives.
    pub attainment: Option<Figure>,
    /// The hazard with the worst attainment, where one falls short or is not shown to meet its objectives.
    pub weakest: Option<String>,
    /// Seconds, at p50, p95 and p99.
    pub rto: [Option<Figure>; 3],
    /// Seconds, at p50, p95 and p99.
    pub rpo: [Option<Figure>; 3],
    /// Share of incidents after which no good data were left.
    pub unrecoverable: Option<Figure>,
    /// Mean cost a year.
    pub cost: Figure,
    /// Of that: infrastructure, downtime, lost data, other.
    pub cost_parts: [Figure; 4],
    /// 95th percentile of the cost of a year.
    pub cost_p95: Option<Figure>,
    /// In the order of the scenario; those that struck.
    pub hazards: Vec<HazardSummary>,
}

/// The incidents of one hazard under one strategy against their objectives.
#[derive(Clone, Debug, Serialize)]
pub struct HazardSummary {
    /// As the scenario calls it.
    pub name: String,
    /// For people.
    pub title: String,
    /// Incidents seen.
    pub incidents: u64,
    /// Share that must be within both objectives.
    pub required: f64,
    /// Share that was.
    pub attainment: Figure,
    /// What that says.
    pub verdict: Verdict,
}

/// Whether objectives are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The whole interval of the attainment is at or above what is required.
    Met,
    /// The whole interval is below.
    Missed,
    /// It straddles what is required, or nothing was seen.
    NotShown,
}

impl Verdict {
    /// As tables write it.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Missed => "missed",
            Verdict::NotShown => "not shown",
        }
    }
}

/// A value and its interval, perhaps infinite.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// The best guess.
    #[serde(serialize_with = "finite_or_word")]
    pub value: f64,
    /// Lower end of its interval.
    #[serde(serialize_with = "option_or_word")]
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    #[serde(serialize_with = "option_or_word")]
    pub ci_high: Option<f64>,
}

impl From<Estimate> for Figure {
    fn from(estimate: Estimate) -> Figure {
        Figure { value: estimate.value, ci_low: estimate.low(), ci_high: estimate.high() }
    }
}

impl Figure {
    fn bare(value: f64) -> Figure {
        Figure { value, ci_low: None, ci_high: None }
    }

    fn map(self, f: impl Fn(f64) -> f64) -> Figure {
        Figure { value: f(self.value), ci_low: self.ci_low.map(&f), ci_high: self.ci_high.map(&f) }
    }
}

/// A row of `summary.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the hazard, or `all`.
    pub hazard: String,
    /// What is measured.
    pub metric: &'static str,
    /// What is said of it.
    pub statistic: &'static str,
    /// `None` where too few incidents were seen.
    pub figure: Option<Figure>,
    /// Of the value and its interval.
    pub unit: String,
}

/// A distribution function.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    /// Index of the strategy.
    pub strategy: usize,
    /// Index of the hazard; `None` over all.
    pub hazard: Option<usize>,
    /// `(seconds, share of incidents up to it)`, both ascending; infinite values belong to no point.
    pub points: Vec<(f64, f64)>,
}

/// A row of `differences.csv`: a strategy less the baseline, paired by history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DifferenceRow {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the baseline.
    pub baseline: String,
    /// What is compared, a year.
    pub metric: &'static str,
    /// Mean of the differences.
    pub mean_difference: f64,
    /// Lower end of its interval.
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    pub ci_high: Option<f64>,
    /// Share of histories with less of it than under the baseline.
    pub probability_better: f64,
}

/// A row of `cost_curve.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CostPoint {
    /// Name of the strategy.
    pub strategy: String,
    /// Price of an hour of full outage.
    pub downtime_per_hour: f64,
    /// Mean over histories.
    pub cost_per_year: f64,
    /// 5th percentile over years.
    pub p5: f64,
    /// 95th percentile over years.
    pub p95: f64,
}

/// A row of `phases.csv`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseRow {
    /// Name of the strategy.
    pub strategy: String,
    /// Name of the hazard, or `all`.
    pub hazard: String,
    /// Name of the step, or `waiting` (for a component, within a plan), `repair` (no step was on the critical path: what
    /// had failed was waited for), `resume` (the restart after the repair). All of an incident's add up to its recovery time.
    pub step: String,
    /// Mean over incidents that were resolved, 0 where the step was not on the critical path.
    pub mean_s: f64,
    /// 95th percentile over the same; `None` where they are too few.
    pub p95_s: Option<f64>,
    /// Of the recovery time of all of them together.
    pub share_of_rto: f64,
    /// Mean over the worst 5% of the same incidents by recovery time; `None` where they are too few.
    pub worst_mean_s: Option<f64>,
    /// Of the recovery time of those worst ones together.
    pub share_of_worst_rto: Option<f64>,
    /// The p95 of the recovery time had each incident been shorter by its time in this step and nothing else become
    /// critical: the most that can be gained here. Over all incidents, the unresolved ones infinite.
    #[serde(serialize_with = "option_or_word")]
    pub p95_rto_without_s: Option<f64>,
}

impl Summary {
    /// What came of a run.
    pub fn new(scenario: &Scenario, partial: &Partial) -> Summary {
        let all = partial.strategies().iter().map(StrategyTally::all).collect();
        let view = View { scenario, partial, all, years: scenario.run.horizon.years() };
        let count = scenario.strategies.len();
        let name = |index: usize| scenario.strategies[index].name.clone();
        Summary {
            schema: "drsim-summary-1",
            title: scenario.title.clone(),
            currency: scenario.costs.currency.clone(),
            histories: partial.histories(),
            horizon_years: view.years,
            baseline: name(partial.baseline()),
            strategies: (0..count).map(|index| view.strategy(index)).collect(),
            rows: (0..count).flat_map(|index| view.rows(index)).collect(),
            differences: (0..count).filter(|k| *k != partial.baseline()).flat_map(|k| view.differences(k)).collect(),
            cost_curve: (0..count).flat_map(|index| view.cost_curve(index)).collect(),
            phases: (0..count).flat_map(|index| view.phases(index)).collect(),
            rto_objective: scenario.objectives.rto.map(Time::seconds),
            rto: view.curves(|hazard| &hazard.rto),
            rpo: view.curves(|hazard| &hazard.rpo),
            exceedance: partial.strategies().iter().map(exceedance).collect(),
        }
    }

    /// Whether the strategy with this index is shown to meet the objectives of every hazard: the lower bound of each
    /// attainment counts. A hazard that opened no incident under it says nothing; without any incident nothing is shown.
    pub fn gate(&self, strategy: usize) -> bool {
        self.strategies[strategy].verdict == Verdict::Met
    }
}

/// Met, missed or not shown; a hazard without objectives is met.
fn verdict(attainment: &Figure, objectives: &Objectives) -> Verdict {
    let required = objectives.attainment;
    if objectives.rto.is_none() && objectives.rpo.is_none() || attainment.ci_low.is_some_and(|low| low >= required) {
        Verdict::Met
    } else if attainment.ci_high.is_some_and(|high| high < required) {
        Verdict::Missed
    } else {
        Verdict::NotShown
    }
}

/// A run, looked at.
struct View<'a> {
    scenario: &'a Scenario,
    partial: &'a Partial,
    /// The horizon.
    years: f64,
    /// By strategy: incidents of all hazards.
    all: Vec<HazardTally>,
}

impl View<'_> {
    fn tally(&self, strategy: usize) -> &StrategyTally {
        &self.partial.strategies()[strategy]
    }

    fn strategy(&self, index: usize) -> StrategySummary {
        let (strategy, tally) = (&self.scenario.strategies[index], self.tally(index));
        let all = &self.all[index];
        let hazards = self.hazards(tally);
        let quantiles = |tally: &Tally| [0.5, 0.95, 0.99].map(|p| tally.quantile(p).map(Figure::from));
        let margin = |hazard: &&HazardSummary| hazard.attainment.value - hazard.required;
        let open = hazards.iter().filter(|hazard| hazard.verdict != Verdict::Met);
        let weakest = open.min_by(|a, b| margin(a).total_cmp(&margin(b))).map(|hazard| hazard.name.clone());
        let missed = hazards.iter().any(|hazard| hazard.verdict == Verdict::Missed);
        StrategySummary {
            name: strategy.name.clone(),
            title: strategy.title.clone(),
            incidents: all.count(),
            verdict: match (missed, weakest.is_some() || hazards.is_empty()) {
                (true, _) => Verdict::Missed,
                (false, true) => Verdict::NotShown,
                (false, false) => Verdict::Met,
            },
            attainment: share_interval(all.met_both, all.count()).map(Figure::from),
            weakest,
            rto: quantiles(&all.rto),
            rpo: quantiles(&all.rpo),
            unrecoverable: share_interval(all.ended[Ended::Unrecoverable as usize], all.count()).map(Figure::from),
            cost: self.money_a_year(&tally.cost, all.count() > 0),
            cost_parts: tally.parts.each_ref().map(|part| self.money_a_year(part, all.count() > 0)),
            cost_p95: money_quantile(tally, 0.95),
            hazards,
        }
    }

    fn hazards(&self, tally: &StrategyTally) -> Vec<HazardSummary> {
        let one = |(index, hazard): (usize, &crate::model::Hazard)| {
            let incidents = tally.hazard(index);
            let attainment = Figure::from(share_interval(incidents.met_both, incidents.count())?);
            Some(HazardSummary {
                name: hazard.name.clone(),
                title: hazard.title.clone(),
                incidents: incidents.count(),
                required: hazard.objectives.attainment,
                attainment,
                verdict: verdict(&attainment, &hazard.objectives),
            })
        };
        self.scenario.hazards.iter().enumerate().filter_map(one).collect()
    }

    /// Hazards by index and name, and then all.
    fn each_hazard(&self, strategy: usize) -> impl Iterator<Item = (Option<usize>, &str, &HazardTally)> {
        let hazards = self.scenario.hazards.iter().enumerate();
        let one =
            hazards.map(move |(index, hazard)| (Some(index), hazard.name.as_str(), self.tally(strategy).hazard(index)));
        one.chain([(None, ALL, &self.all[strategy])])
    }

    fn curves(&self, what: impl Fn(&HazardTally) -> &Tally) -> Vec<Curve> {
        let mut curves = Vec::new();
        for strategy in 0..self.all.len() {
            for (hazard, _, incidents) in self.each_hazard(strategy) {
                curves.push(Curve { strategy, hazard, points: what(incidents).curve(CURVE_POINTS) });
            }
        }
        curves
    }

    fn rows(&self, index: usize) -> Vec<Row> {
        let (strategy, tally) = (&self.scenario.strategies[index], self.tally(index));
        let mut rows = Vec::new();
        for (_, hazard, incidents) in self.each_hazard(index) {
            let mut table = Table { strategy: &strategy.name, hazard, rows: &mut rows };
            self.incident_rows(incidents, &mut table);
        }
        let mut table = Table { strategy: &strategy.name, hazard: ALL, rows: &mut rows };
        self.history_rows(strategy, tally, &mut table);
        self.money_rows(tally, &mut table);
        rows
    }

    fn incident_rows(&self, incidents: &HazardTally, table: &mut Table) {
        let n = incidents.count();
        let share = |seen: u64| share_interval(seen, n).map(Figure::from);
        let met = [Some(incidents.met_rto), None, Some(incidents.met_rpo), None, None];
        let names = ["rto", "rto_from_declaration", "rpo", "exposure", "waited"];
        let tallies =
            [&incidents.rto, &incidents.rto_from_declaration, &incidents.rpo, &incidents.exposure, &incidents.waited];
        for ((name, tally), met) in names.into_iter().zip(tallies).zip(met) {
            self.duration_rows(name, tally, table);
            if let Some(met) = met.and_then(share) {
                table.add(name, "attainment", Some(met), "share");
            }
        }
        if n == 0 {
            return;
        }
        table.add("objectives", "attainment", share(incidents.met_both), "share");
        for (ended, count) in Ended::ALL.into_iter().zip(incidents.ended) {
            if ended != Ended::Unresolved || count > 0 {
                table.add("ended", ended.name(), share(count), "share");
            }
        }
        table.add("control_plane_needed", "value", share(incidents.control_plane_needed), "share");
    }

    fn duration_rows(&self, metric: &'static str, tally: &Tally, table: &mut Table) {
        table.add(metric, "count", Some(Figure::bare(tally.count() as f64)), "incidents");
        if tally.count() == 0 {
            return;
        }
        if tally.never() > 0 {
            let share = share_interval(tally.never(), tally.count()).map(Figure::from);
            table.add(metric, "infinite", share, "share");
        }
        table.add(metric, "mean", tally.mean(self.partial.histories()).map(Figure::from), "s");
        table.add(metric, "sd", tally.sd().map(Figure::bare), "s");
        let shares =
            [("p5", 0.05), ("p25", 0.25), ("p50", 0.5), ("p75", 0.75), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)];
        for (name, p) in shares {
            table.add(metric, name, tally.quantile(p).map(Figure::from), "s");
        }
        table.add(metric, "max", tally.max().map(Figure::bare), "s");
    }

    fn history_rows(&self, strategy: &Strategy, tally: &StrategyTally, table: &mut Table) {
        let histories = self.partial.histories();
        // Of something that no history had, a history may still have all there can be.
        let unseen = if histories > 0 { never_seen_bound(histories) } else { 1.0 };
        let bounded = |moments: &Moments, most: f64| self.a_year(moments, HOUR, Some(unseen * most));
        let downtime = bounded(&tally.downtime, HOURS_A_YEAR);
        let up = |hours: f64| (1.0 - hours / HOURS_A_YEAR).clamp(0.0, 1.0);
        let availability =
            Figure { value: up(downtime.value), ci_low: downtime.ci_high.map(up), ci_high: downtime.ci_low.map(up) };
        table.add("availability", "value", Some(availability), "share");
        table.add("downtime_h", "per_year", Some(downtime), "h/y");
        table.add("planned_downtime_h", "per_year", Some(bounded(&tally.planned_downtime, HOURS_A_YEAR)), "h/y");
        let rare = (histories > 0).then(|| unseen_events_bound() / histories as f64 / self.years);
        table.add("incidents", "per_year", Some(self.a_year(&tally.incidents, 1.0, rare)), "1/y");
        table.add("breaches", "per_year", Some(self.a_year(&tally.breaches, 1.0, rare)), "1/y");
        table.add("conflicts", "per_year", Some(Figure::bare(cost::conflicts_per_year(strategy))), "1/y");
        let breach = share_interval(tally.periods_with_breach, self.partial.periods()).map(Figure::from);
        // A shorter horizon is taken for the part of a year that it is: 1 - (1 - p)^(1 / part).
        let part = self.partial.period_years();
        let a_year = |share: f64| if part < 1.0 { 1.0 - (1.0 - share).powf(1.0 / part) } else { share };
        table.add("breach_probability", "value", breach.map(|figure| figure.map(a_year)), "share");
    }

    fn money_rows(&self, tally: &StrategyTally, table: &mut Table) {
        let unit = format!("{}/y", self.scenario.costs.currency);
        let seen = tally.incidents.sum() > 0;
        let names = ["infrastructure_cost", "downtime_cost", "data_loss_cost", "other_cost"];
        for (name, moments) in names.into_iter().zip(&tally.parts) {
            table.add(name, "per_year", Some(self.money_a_year(moments, seen)), &unit);
        }
        table.add("cost", "per_year", Some(self.money_a_year(&tally.cost, seen)), &unit);
        for (name, p) in [("p5", 0.05), ("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            table.add("cost", name, money_quantile(tally, p), &unit);
        }
        table.add("cost", "cvar95", tail_mean(&tally.yearly_costs, 0.95).map(Figure::bare), &unit);
    }

    /// The mean a year of a quantity per history, counted in `scale`-ths; `unseen` bounds what no history had.
    fn a_year(&self, moments: &Moments, scale: f64, unseen: Option<f64>) -> Figure {
        let per = scale * self.years;
        let value = moments.mean().unwrap_or(0.0) / per;
        if moments.max().is_none_or(|max| max == 0) {
            return Figure { value, ci_low: unseen.map(|_| 0.0), ci_high: unseen };
        }
        let interval = moments.error().map(|error| mean_interval(value, error / per));
        Figure { value, ci_low: interval.map(|ends| ends.0.max(0.0)), ci_high: interval.map(|ends| ends.1) }
    }

    /// Without any incident nothing is known of how costs spread.
    fn money_a_year(&self, moments: &Moments, seen: bool) -> Figure {
        let figure = self.a_year(moments, MILLION, None);
        if seen { figure } else { Figure::bare(figure.value) }
    }

    fn differences(&self, index: usize) -> Vec<DifferenceRow> {
        let scales = [("downtime_h", HOUR), ("breaches", 1.0), ("cost", MILLION)];
        let rows = scales.into_iter().zip(&self.tally(index).differences).map(|((metric, scale), difference)| {
            let per = scale * self.years;
            let mean = difference.moments.mean().unwrap_or(0.0) / per;
            let interval = difference.moments.error().map(|error| mean_interval(mean, error / per));
            DifferenceRow {
                strategy: self.scenario.strategies[index].name.clone(),
                baseline: self.scenario.strategies[self.partial.baseline()].name.clone(),
                metric,
                mean_difference: mean,
                ci_low: interval.map(|ends| ends.0),
                ci_high: interval.map(|ends| ends.1),
                probability_better: difference.better as f64 / difference.moments.count().max(1) as f64,
            }
        });
        rows.collect()
    }

    fn cost_curve(&self, index: usize) -> Vec<CostPoint> {
        let (name, tally) = (&self.scenario.strategies[index].name, self.tally(index));
        let points = (0..PRICES).map(|price| {
            let costs = tally.costs_at_price(price);
            let quantile = |p| quantile(&costs, p).map_or(0.0, |ticks| ticks as f64 / MILLION);
            CostPoint {
                strategy: name.clone(),
                downtime_per_hour: self.partial.price(price),
                cost_per_year: self.mean_cost_at(tally, price),
                p5: quantile(0.05),
                p95: quantile(0.95),
            }
        });
        points.collect()
    }

    /// Exact: all parts but downtime stay as they are.
    fn mean_cost_at(&self, tally: &StrategyTally, price: usize) -> f64 {
        let mean = |moments: &Moments| moments.mean().unwrap_or(0.0) / MILLION / self.years;
        let [infrastructure, downtime, data_loss, other] = &tally.parts;
        let downtime = if self.partial.is_unpriced() {
            tally.charged.mean().unwrap_or(0.0) / HOUR / self.years * self.partial.price(price)
        } else {
            mean(downtime) * self.partial.price_factor(price)
        };
        mean(infrastructure) + downtime + mean(data_loss) + mean(other)
    }

    fn phases(&self, index: usize) -> Vec<PhaseRow> {
        let (strategy, parts) = (&self.scenario.strategies[index], self.tally(index).path_parts().names());
        let mut rows = Vec::new();
        for (_, hazard, incidents) in self.each_hazard(index) {
            let rto = &incidents.rto;
            let (resolved, total) = (rto.finite().count(), rto.finite().sum() as f64);
            let bad = incidents.path.bad(rto);
            for (part, (step, phase)) in parts.iter().zip(incidents.path.phases()).enumerate() {
                if phase.count() > 0 || resolved > 0 && step == WAITING {
                    rows.push(PhaseRow {
                        strategy: strategy.name.clone(),
                        hazard: hazard.to_string(),
                        step: step.clone(),
                        mean_s: phase.sum as f64 / resolved as f64 / 1e6,
                        p95_s: phase.p95(resolved),
                        share_of_rto: if total > 0.0 { phase.sum as f64 / total } else { 0.0 },
                        worst_mean_s: bad.as_ref().map(|bad| bad[part].mean),
                        share_of_worst_rto: bad.as_ref().map(|bad| bad[part].share),
                        p95_rto_without_s: incidents.path.p95_without(part, rto),
                    });
                }
            }
        }
        rows
    }
}

/// Rows under construction.
struct Table<'a> {
    strategy: &'a str,
    hazard: &'a str,
    rows: &'a mut Vec<Row>,
}

impl Table<'_> {
    fn add(&mut self, metric: &'static str, statistic: &'static str, figure: Option<Figure>, unit: &str) {
        let (strategy, hazard) = (self.strategy.to_string(), self.hazard.to_string());
        self.rows.push(Row { strategy, hazard, metric, statistic, figure, unit: unit.to_string() });
    }
}

/// The `p`-quantile of what was counted.
fn quantile<const BITS: u32>(histogram: &Histogram<BITS>, p: f64) -> Option<u64> {
    histogram.at_rank(((p * histogram.count() as f64).ceil() as u64).max(1))
}

/// A quantile of the cost of a year, with its interval, where enough years were seen.
fn money_quantile(tally: &StrategyTally, p: f64) -> Option<Figure> {
    use crate::stats::{enough_for_quantile, quantile_ranks};
    let (costs, yearly) = (&tally.yearly_costs, &tally.yearly);
    if !enough_for_quantile(costs.count(), p) {
        return None;
    }
    // The outermost values are known exactly.
    let (least, most) = (yearly.min()? as f64, yearly.max()? as f64);
    let amount = |ticks: u64| (ticks as f64).clamp(least, most) / MILLION;
    let (low, high) = quantile_ranks(costs.count(), p);
    Some(Figure {
        value: amount(quantile(costs, p)?),
        ci_low: low.and_then(|rank| costs.at_rank(rank)).map(amount),
        ci_high: high.and_then(|rank| costs.at_rank(rank)).map(amount),
    })
}

/// Mean cost of the years beyond the `p`-quantile (conditional value at risk).
fn tail_mean<const BITS: u32>(costs: &Histogram<BITS>, p: f64) -> Option<f64> {
    let n = costs.count() as f64;
    let size = (1.0 - p) * n;
    if !crate::stats::enough_for_quantile(costs.count(), p) {
        return None;
    }
    let (mut below, mut sum) = (0.0, 0.0);
    for (ticks, count) in costs.buckets() {
        let up_to = below + count as f64;
        sum += ticks as f64 * (up_to - below.max(n - size)).max(0.0);
        below = up_to;
    }
    Some(sum / size / MILLION)
}

/// The share of years that cost more than each amount.
fn exceedance(tally: &StrategyTally) -> Vec<(f64, f64)> {
    let costs = &tally.yearly_costs;
    let (all, mut up_to) = (costs.count() as f64, 0);
    let beyond = costs.buckets().map(|(ticks, count)| {
        up_to += count;
        (ticks as f64 / MILLION, 1.0 - up_to as f64 / all)
    });
    beyond.collect()
}

/// JSON has no infinity.
fn finite_or_word<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_infinite() { serializer.serialize_str("inf") } else { serializer.serialize_f64(*value) }
}

fn option_or_word<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => finite_or_word(value, serializer),
        None => serializer.serialize_none(),
    }
}
