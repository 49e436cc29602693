//! What is shown, decided in one place: every table and file of results is made of a [`Summary`].
//!
//! Times are in seconds, money in the currency of the scenario, rates by the year of 365 days. An interval is one of
//! 95%; where too few incidents were seen to speak of a quantile, it has no value.

use rayon::prelude::*;
use serde::{Serialize, Serializer};

use crate::cost::{self, Money};
use crate::model::{Objectives, Scenario, Strategy};
use crate::outcome::Ended;
use crate::stats::{
    COMPARED, ENOUGH_FOR_SPREAD, Estimate, HazardTally, Histogram, Moments, PRICES, Partial, StrategyTally, Tally,
    WAITING, events_interval, mean_interval, never_seen_bound, simultaneous,
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
    pub hazards: Vec<HazardTitle>,
    /// In the order of the scenario.
    pub strategies: Vec<StrategySummary>,
    /// All figures, one by one.
    pub rows: Vec<Row>,
    /// Each strategy against the baseline.
    pub differences: Vec<DifferenceRow>,
    /// The strategies in order, best first, and which are tied: by cost a year, breaches a year, downtime a year.
    pub rankings: Vec<Ranking>,
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

/// What a hazard is called.
#[derive(Clone, Debug, Serialize)]
pub struct HazardTitle {
    /// As the scenario calls it.
    pub name: String,
    /// For people.
    pub title: String,
}

/// One strategy in few figures.
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
    /// What a year brings.
    pub year: YearSummary,
}

/// What a year brings under one strategy, whichever hazards strike in it.
#[derive(Clone, Debug, Serialize)]
pub struct YearSummary {
    /// Probability that at least one incident misses an objective.
    pub breach_probability: Option<Figure>,
    /// Share of the time that is served, planned outages apart.
    pub availability: Figure,
    /// Hours of full outage, planned ones apart.
    pub downtime_h: Figure,
    /// Mean cost.
    pub cost: Figure,
    /// 95th percentile of the cost; `None` where too few years were seen.
    pub cost_p95: Option<Figure>,
    /// 99th percentile of the cost.
    pub cost_p99: Option<Figure>,
    /// Mean cost of the dearest 5% of years (conditional value at risk).
    pub cost_cvar95: Option<Figure>,
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
    /// Seconds, at p50, p95 and p99; `None` where the incidents are too few.
    pub rto: [Option<Figure>; 3],
    /// Seconds, at p50, p95 and p99; `None` where the incidents are too few.
    pub rpo: [Option<Figure>; 3],
}

impl HazardSummary {
    /// Why quantiles of the recovery time are not shown, in words: `12 incidents are too few for p95 and p99`.
    pub fn too_few(&self) -> Option<String> {
        let missing = ["p50", "p95", "p99"].into_iter().zip(&self.rto).filter(|(_, figure)| figure.is_none());
        let missing: Vec<&str> = missing.map(|(name, _)| name).collect();
        let (last, others) = missing.split_last()?;
        let names = if others.is_empty() { last.to_string() } else { format!("{} and {last}", others.join(", ")) };
        let incidents = if self.incidents == 1 { "incident is" } else { "incidents are" };
        Some(format!("{} {incidents} too few for {names}", self.incidents))
    }
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
    /// Lower end of its interval; those of all strategies hold at once. `None` where too little was seen.
    pub ci_low: Option<f64>,
    /// Upper end of its interval.
    pub ci_high: Option<f64>,
    /// Share of years with less of it than under the baseline.
    pub probability_better: f64,
    /// The same with its interval.
    pub better: Option<Figure>,
    /// Share of years with more of it than under the baseline.
    pub worse: Option<Figure>,
    /// As many times more histories it would have taken, had the strategies not met the same disasters; infinite where
    /// the difference is the same in every history.
    #[serde(serialize_with = "option_or_word")]
    pub pairing_gain: Option<f64>,
}

/// The strategies in the order of one metric.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Ranking {
    /// Name of the metric, as in `differences.csv`; less of it is better.
    pub metric: &'static str,
    /// For people.
    pub title: &'static str,
    /// Of the values.
    pub unit: String,
    /// By rank and then by mean, the best first.
    pub places: Vec<Place>,
}

/// The place of one strategy in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Place {
    /// Name of the strategy.
    pub strategy: String,
    /// Mean a year.
    pub value: f64,
    /// One more than there are strategies that are shown to be better.
    pub rank: usize,
    /// Strategies that it is neither shown to be better nor to be worse than. Being tied does not carry over: two that
    /// are tied with a third may still differ.
    pub tied_with: Vec<String>,
}

impl Place {
    /// `1`, or `1=` where another strategy is tied with it.
    pub fn name(&self) -> String {
        format!("{}{}", self.rank, if self.tied_with.is_empty() { "" } else { "=" })
    }
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
    /// What came of a run; the threads of the current rayon pool share the strategies.
    pub fn new(scenario: &Scenario, partial: &Partial) -> Summary {
        let all = partial.strategies().par_iter().map(StrategyTally::all).collect();
        let view = View { scenario, partial, all, years: scenario.run.horizon.years() };
        let count = scenario.strategies.len();
        let name = |index: usize| scenario.strategies[index].name.clone();
        Summary {
            schema: "drsim-summary-2",
            title: scenario.title.clone(),
            currency: scenario.costs.currency.clone(),
            histories: partial.histories(),
            horizon_years: view.years,
            baseline: name(partial.baseline()),
            hazards: view.hazard_titles(),
            strategies: (0..count).into_par_iter().map(|index| view.strategy(index)).collect(),
            rows: of_each(count, |index| view.rows(index)),
            differences: (0..count).filter(|k| *k != partial.baseline()).flat_map(|k| view.differences(k)).collect(),
            rankings: (0..COMPARED).map(|metric| view.ranking(metric)).collect(),
            cost_curve: of_each(count, |index| view.cost_curve(index)),
            phases: of_each(count, |index| view.phases(index)),
            rto_objective: scenario.objectives.rto.map(Time::seconds),
            rto: of_each(count, |index| view.curves(index, |hazard| &hazard.rto)),
            rpo: of_each(count, |index| view.curves(index, |hazard| &hazard.rpo)),
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

/// At p50, p95 and p99.
fn quantiles(tally: &Tally) -> [Option<Figure>; 3] {
    tally.quantiles([0.5, 0.95, 0.99]).map(|quantile| quantile.map(Figure::from))
}

/// Of the hours of full outage in a year.
fn availability(downtime_h: Figure) -> Figure {
    let up = |hours: f64| (1.0 - hours / HOURS_A_YEAR).clamp(0.0, 1.0);
    Figure { value: up(downtime_h.value), ci_low: downtime_h.ci_high.map(up), ci_high: downtime_h.ci_low.map(up) }
}

/// What there is of each of so many strategies, in their order.
fn of_each<T: Send>(count: usize, of_one: impl Fn(usize) -> Vec<T> + Sync + Send) -> Vec<T> {
    (0..count).into_par_iter().flat_map_iter(of_one).collect()
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
            attainment: all.attainment().map(Figure::from),
            weakest,
            rto: quantiles(&all.rto),
            rpo: quantiles(&all.rpo),
            unrecoverable: all.ended(Ended::Unrecoverable).map(Figure::from),
            cost: self.money_a_year(&tally.cost, tally),
            cost_parts: tally.parts.each_ref().map(|part| self.money_a_year(part, tally)),
            cost_p95: self.cost_quantile(tally, 0.95),
            hazards,
            year: self.year(tally),
        }
    }

    fn year(&self, tally: &StrategyTally) -> YearSummary {
        let downtime_h = self.hours_a_year(&tally.downtime, tally);
        YearSummary {
            breach_probability: self.breach_probability(tally),
            availability: availability(downtime_h),
            downtime_h,
            cost: self.money_a_year(&tally.cost, tally),
            cost_p95: self.cost_quantile(tally, 0.95),
            cost_p99: self.cost_quantile(tally, 0.99),
            cost_cvar95: self.cost_beyond(tally, 0.95),
        }
    }

    fn hazard_titles(&self) -> Vec<HazardTitle> {
        let hazards = self.scenario.hazards.iter();
        hazards.map(|hazard| HazardTitle { name: hazard.name.clone(), title: hazard.title.clone() }).collect()
    }

    fn hazards(&self, tally: &StrategyTally) -> Vec<HazardSummary> {
        let one = |(index, hazard): (usize, &crate::model::Hazard)| {
            let incidents = tally.hazard(index);
            let attainment = Figure::from(incidents.attainment()?);
            Some(HazardSummary {
                name: hazard.name.clone(),
                title: hazard.title.clone(),
                incidents: incidents.count(),
                required: hazard.objectives.attainment,
                attainment,
                verdict: verdict(&attainment, &hazard.objectives),
                rto: quantiles(&incidents.rto),
                rpo: quantiles(&incidents.rpo),
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

    fn curves(&self, strategy: usize, what: impl Fn(&HazardTally) -> &Tally) -> Vec<Curve> {
        let curve = |(hazard, _, incidents)| Curve { strategy, hazard, points: what(incidents).curve(CURVE_POINTS) };
        self.each_hazard(strategy).map(curve).collect()
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
        let met = [incidents.rto_attainment(), None, incidents.rpo_attainment(), None, None];
        let names = ["rto", "rto_from_declaration", "rpo", "exposure", "waited"];
        let tallies =
            [&incidents.rto, &incidents.rto_from_declaration, &incidents.rpo, &incidents.exposure, &incidents.waited];
        for ((name, tally), met) in names.into_iter().zip(tallies).zip(met) {
            self.duration_rows(name, tally, table);
            if let Some(met) = met {
                table.add(name, "attainment", Some(met.into()), "share");
            }
        }
        if n == 0 {
            return;
        }
        table.add("objectives", "attainment", incidents.attainment().map(Figure::from), "share");
        for (ended, count) in Ended::ALL.into_iter().zip(incidents.ended) {
            if ended != Ended::Unresolved || count > 0 {
                table.add("ended", ended.name(), incidents.ended(ended).map(Figure::from), "share");
            }
        }
        table.add("control_plane_needed", "value", incidents.needed_control_plane().map(Figure::from), "share");
    }

    fn duration_rows(&self, metric: &'static str, tally: &Tally, table: &mut Table) {
        table.add(metric, "count", Some(Figure::bare(tally.count() as f64)), "incidents");
        if tally.count() == 0 {
            return;
        }
        if tally.never() > 0 {
            table.add(metric, "infinite", tally.infinite().map(Figure::from), "share");
        }
        table.add(metric, "mean", tally.mean(self.partial.histories()).map(Figure::from), "s");
        table.add(metric, "sd", tally.sd().map(Figure::bare), "s");
        let names = ["p5", "p25", "p50", "p75", "p90", "p95", "p99"];
        let quantiles = tally.quantiles([0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99]);
        for (name, quantile) in names.into_iter().zip(quantiles) {
            table.add(metric, name, quantile.map(Figure::from), "s");
        }
        table.add(metric, "max", tally.max().map(Figure::bare), "s");
    }

    fn history_rows(&self, strategy: &Strategy, tally: &StrategyTally, table: &mut Table) {
        let downtime = self.hours_a_year(&tally.downtime, tally);
        let planned = self.hours_a_year(&tally.planned_downtime, tally);
        table.add("availability", "value", Some(availability(downtime)), "share");
        table.add("downtime_h", "per_year", Some(downtime), "h/y");
        table.add("planned_downtime_h", "per_year", Some(planned), "h/y");
        table.add("incidents", "per_year", Some(self.events_a_year(&tally.incidents)), "1/y");
        table.add("breaches", "per_year", Some(self.events_a_year(&tally.breaches)), "1/y");
        table.add("conflicts", "per_year", Some(Figure::bare(cost::conflicts_per_year(strategy))), "1/y");
        table.add("breach_probability", "value", self.breach_probability(tally), "share");
    }

    fn breach_probability(&self, tally: &StrategyTally) -> Option<Figure> {
        let breach = tally.periods_with_breach.share(self.partial.histories(), self.partial.periods());
        // A shorter horizon is taken for the part of a year that it is: 1 - (1 - p)^(1 / part).
        let part = self.partial.period_years();
        let a_year = |share: f64| if part < 1.0 { 1.0 - (1.0 - share).powf(1.0 / part) } else { share };
        breach.map(|breach| Figure::from(breach).map(a_year))
    }

    fn money_rows(&self, tally: &StrategyTally, table: &mut Table) {
        let unit = format!("{}/y", self.scenario.costs.currency);
        let names = ["infrastructure_cost", "downtime_cost", "data_loss_cost", "other_cost"];
        for (name, moments) in names.into_iter().zip(&tally.parts) {
            table.add(name, "per_year", Some(self.money_a_year(moments, tally)), &unit);
        }
        table.add("cost", "per_year", Some(self.money_a_year(&tally.cost, tally)), &unit);
        for (name, p) in [("p5", 0.05), ("p50", 0.5), ("p95", 0.95), ("p99", 0.99)] {
            table.add("cost", name, self.cost_quantile(tally, p), &unit);
        }
        table.add("cost", "cvar95", self.cost_beyond(tally, 0.95), &unit);
    }

    /// The mean a year of a quantity per history, counted in `scale`-ths; without an interval where too few histories
    /// had anything happen in them.
    fn a_year(&self, moments: &Moments, scale: f64, tally: &StrategyTally) -> Figure {
        let per = scale * self.years;
        let value = moments.mean().unwrap_or(0.0) / per;
        let error = moments.error().filter(|_| tally.disturbed >= ENOUGH_FOR_SPREAD);
        let interval = error.map(|error| mean_interval(value, error / per));
        Figure { value, ci_low: interval.map(|ends| ends.0.max(0.0)), ci_high: interval.map(|ends| ends.1) }
    }

    fn hours_a_year(&self, moments: &Moments, tally: &StrategyTally) -> Figure {
        let histories = self.partial.histories();
        if histories > 0 && moments.sum() == 0 {
            // Of what no history had, a history may still have all there can be.
            let most = never_seen_bound(histories) * HOURS_A_YEAR;
            return Figure { value: 0.0, ci_low: Some(0.0), ci_high: Some(most) };
        }
        self.a_year(moments, HOUR, tally)
    }

    fn money_a_year(&self, moments: &Moments, tally: &StrategyTally) -> Figure {
        self.a_year(moments, MILLION, tally)
    }

    /// A rate of events. Those of one history may depend on each other: its variance is held against that of a Poisson law.
    fn events_a_year(&self, moments: &Moments) -> Figure {
        let value = moments.mean().unwrap_or(0.0);
        let seen = moments.sum() as f64;
        let Some(variance) = moments.variance() else { return Figure::bare(value / self.years) };
        let (low, high) = events_interval(seen, variance / value);
        let per = self.partial.histories() as f64 * self.years;
        Figure { value: value / self.years, ci_low: Some(low / per), ci_high: Some(high / per) }
    }

    fn cost_quantile(&self, tally: &StrategyTally, p: f64) -> Option<Figure> {
        tally.cost_quantile(p, self.partial.histories()).map(|cost| cost.scaled(1.0 / MILLION).into())
    }

    fn cost_beyond(&self, tally: &StrategyTally, p: f64) -> Option<Figure> {
        tally.cost_beyond(p, self.partial.histories()).map(|cost| cost.scaled(1.0 / MILLION).into())
    }

    /// Of what is compared, in the order of [`StrategyTally::compared`]: name, title, scale and unit.
    fn compared(&self, metric: usize) -> (&'static str, &'static str, f64, String) {
        match metric {
            0 => ("downtime_h", "Downtime", HOUR, "h/y".into()),
            1 => ("breaches", "Breaches", 1.0, "1/y".into()),
            _ => ("cost", "Cost", MILLION, format!("{}/y", self.scenario.costs.currency)),
        }
    }

    /// The mean difference of two strategies a year, and an interval that holds at once with `intervals` such ones.
    fn difference(&self, one: usize, other: usize, metric: usize, intervals: usize) -> (f64, Option<(f64, f64)>) {
        let difference = self.partial.difference(one, other, metric);
        let per = self.compared(metric).2 * self.years;
        let disturbed = self.tally(one).disturbed.max(self.tally(other).disturbed);
        let enough = difference.none || disturbed >= ENOUGH_FOR_SPREAD;
        let half = difference.error.filter(|_| enough).map(|error| simultaneous(intervals) * error);
        let ends = half.map(|half| ((difference.mean - half) / per, (difference.mean + half) / per));
        (difference.mean / per, ends)
    }

    fn differences(&self, index: usize) -> Vec<DifferenceRow> {
        let (baseline, others) = (self.partial.baseline(), self.all.len() - 1);
        let (tally, histories, periods) = (self.tally(index), self.partial.histories(), self.partial.periods());
        let one = |metric: usize| {
            let (mean_difference, interval) = self.difference(index, baseline, metric, others);
            let better = tally.better[metric].share(histories, periods).map(Figure::from);
            DifferenceRow {
                strategy: self.scenario.strategies[index].name.clone(),
                baseline: self.scenario.strategies[baseline].name.clone(),
                metric: self.compared(metric).0,
                mean_difference,
                ci_low: interval.map(|ends| ends.0),
                ci_high: interval.map(|ends| ends.1),
                probability_better: better.map_or(0.0, |better| better.value),
                better,
                worse: tally.worse[metric].share(histories, periods).map(Figure::from),
                pairing_gain: self.pairing_gain(index, metric),
            }
        };
        (0..COMPARED).map(one).collect()
    }

    /// The variance of the difference of independent runs over that of paired ones; `None` where nothing varies.
    fn pairing_gain(&self, index: usize, metric: usize) -> Option<f64> {
        let baseline = self.partial.baseline();
        let error = |strategy: usize| self.tally(strategy).compared()[metric].error();
        let (one, other) = (error(index)?, error(baseline)?);
        let paired = self.partial.difference(index, baseline, metric).error?;
        let independent = one * one + other * other;
        (independent > 0.0).then(|| independent / (paired * paired))
    }

    fn ranking(&self, metric: usize) -> Ranking {
        // Cost first, then breaches, then downtime.
        let metric = COMPARED - 1 - metric;
        let (name, title, scale, unit) = self.compared(metric);
        let count = self.all.len();
        let mean = |strategy: usize| self.tally(strategy).compared()[metric].mean().unwrap_or(0.0) / scale / self.years;
        let pairs = count * (count - 1) / 2;
        // Better is less.
        let shown = |one: usize, other: usize| {
            let (_, interval) = self.difference(one, other, metric, pairs);
            one != other && interval.is_some_and(|ends| ends.1 < 0.0)
        };
        let place = |strategy: usize| {
            let tied =
                (0..count).filter(|&other| other != strategy && !shown(strategy, other) && !shown(other, strategy));
            Place {
                strategy: self.scenario.strategies[strategy].name.clone(),
                value: mean(strategy),
                rank: 1 + (0..count).filter(|&other| shown(other, strategy)).count(),
                tied_with: tied.map(|other| self.scenario.strategies[other].name.clone()).collect(),
            }
        };
        let mut places: Vec<Place> = (0..count).map(place).collect();
        places.sort_by(|a, b| a.rank.cmp(&b.rank).then(a.value.total_cmp(&b.value)));
        Ranking { metric: name, title, unit, places }
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
            tally.charged() / HOUR / self.years * self.partial.price(price)
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
            let without = incidents.path.p95_without_each(rto);
            let sums = incidents.path.sums();
            for (part, (step, phase)) in parts.iter().zip(incidents.path.phases()).enumerate() {
                if phase.count() > 0 || resolved > 0 && step == WAITING {
                    rows.push(PhaseRow {
                        strategy: strategy.name.clone(),
                        hazard: hazard.to_string(),
                        step: step.clone(),
                        mean_s: sums[part] as f64 / resolved as f64 / 1e6,
                        p95_s: phase.p95(resolved),
                        share_of_rto: if total > 0.0 { sums[part] as f64 / total } else { 0.0 },
                        worst_mean_s: bad.as_ref().map(|bad| bad[part].mean),
                        share_of_worst_rto: bad.as_ref().map(|bad| bad[part].share),
                        p95_rto_without_s: without.as_ref().map(|without| without[part]),
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
