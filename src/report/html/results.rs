//! What was achieved, where recovery time goes, what it costs, and where the choice tips.

use maud::{Markup, html};

use super::figure::{Palette, chart};
use super::parts::{finding, list, money, share, table, text, time, whole};
use super::{Page, say};
use crate::model::Named;
use crate::report::charts::said;
use crate::stats::waited_for;
use crate::summary::{self, PhaseRow, StrategySummary};

/// The price of downtime at which another strategy becomes the cheapest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Turn {
    /// Cost of an hour of downtime.
    pub(super) price: f64,
    /// Index of the strategy that is cheapest from there on.
    pub(super) cheapest: usize,
}

impl Page<'_> {
    /// Recovery time and data loss: distribution functions, quantiles, and every figure by hazard.
    pub(super) fn achieved(&self, palette: &mut Palette) -> Markup {
        let live = |name: &str| self.chart(name).map(|canvas| chart(canvas, Some(name), palette));
        let (rto, rpo) = {
            let mut live = live;
            (live("rto"), live("rpo"))
        };
        html! {
            (finding(self.chart("rto").map(|canvas| canvas.title()).unwrap_or_default()))
            @if let Some(figure) = rto { h3 { "Recovery time" } (figure) }
            @if let Some(figure) = rpo { h3 { "Data loss" } (figure) }
            @if let Some(canvas) = self.chart("quantiles") { h3 { "How bad, and how sure" } (chart(canvas, None, palette)) }
            @if self.chart("rto_by_hazard").is_some() {
                details {
                    summary { "Each hazard apart" }
                    @for name in ["rto_by_hazard", "rpo_by_hazard"] {
                        @if let Some(canvas) = self.chart(name) { (chart(canvas, None, palette)) }
                    }
                }
            }
            details {
                summary { "All figures by hazard" }
                (self.figures_by_hazard())
            }
            (self.availability())
        }
    }

    fn figures_by_hazard(&self) -> Markup {
        let hazards = self.scenario.hazards.iter().map(|hazard| (hazard.name.as_str(), hazard.title.as_str()));
        let names: Vec<(&str, &str)> = hazards.chain([(summary::ALL, "all hazards")]).collect();
        let columns = [
            "Strategy",
            "Incidents",
            "RTO p50",
            "p90",
            "p95",
            "p99",
            "RTO met in",
            "RPO p50",
            "p90",
            "p95",
            "p99",
            "RPO met in",
            "Both met in",
        ];
        html! {
            @for (hazard, title) in names {
                @let rows: Vec<Vec<Markup>> = self.summary.strategies.iter().filter_map(|s| self.row_of(s, hazard)).collect();
                @if !rows.is_empty() {
                    (table(&format!("Achieved RTO and RPO: {title}"), &columns, &rows))
                }
            }
        }
    }

    fn row_of(&self, strategy: &StrategySummary, hazard: &str) -> Option<Vec<Markup>> {
        let figure = |metric, statistic| self.figure(&strategy.name, hazard, metric, statistic);
        let count = figure("rto", "count").filter(|count| count.value > 0.0)?;
        let mut cells = vec![text(&strategy.title), text(say::count(count.value as u64))];
        for metric in ["rto", "rpo"] {
            cells.extend(["p50", "p90", "p95", "p99"].map(|statistic| time(figure(metric, statistic))));
            cells.push(share(figure(metric, "attainment")));
        }
        cells.push(share(figure("objectives", "attainment")));
        Some(cells)
    }

    fn availability(&self) -> Markup {
        let rows: Vec<Vec<Markup>> = self
            .summary
            .strategies
            .iter()
            .map(|strategy| {
                let figure = |metric, statistic| self.of_all(strategy, metric, statistic);
                let hours = |name| figure(name, "per_year").map_or("-".into(), |f| say::duration(f.value * 3600.0));
                let rate = |name| figure(name, "per_year").map_or("-".into(), |f| format!("{:.2}", f.value));
                let up = figure("availability", "value").map_or("-".into(), |f| format!("{:.4}%", f.value * 100.0));
                vec![
                    text(&strategy.title),
                    text(up),
                    whole(hours("downtime_h")),
                    whole(hours("planned_downtime_h")),
                    text(rate("incidents")),
                    text(rate("breaches")),
                    share(figure("breach_probability", "value")),
                ]
            })
            .collect();
        let columns = [
            "Strategy",
            "Availability",
            "Downtime a year",
            "Planned outage a year",
            "Incidents a year",
            "Breaches a year",
            "A year has a breach",
        ];
        table("Availability, and how often an objective is missed", &columns, &rows)
    }

    /// Steps on the critical path.
    pub(super) fn phases(&self, palette: &mut Palette) -> Markup {
        let chosen = &self.summary.strategies[self.chosen()];
        html! {
            (finding(&self.phases_in_words(chosen)))
            @for name in ["phases", "p95_without", "phases_by_hazard"] {
                @if let Some(canvas) = self.chart(name) { (chart(canvas, None, palette)) }
            }
            (self.outages())
            @for strategy in &self.summary.strategies {
                @let rows = self.phase_rows(strategy);
                @if !rows.is_empty() {
                    details open[strategy.name == chosen.name] {
                        summary { (strategy.title) ": step by step" }
                        (table(
                            &format!("{}: time on the critical path, over all incidents", strategy.title),
                            &[
                                "Step", "Mean", "Share of recovery time", "Mean in the worst 5%", "Share of theirs",
                                "RTO p95 without it",
                            ],
                            &rows,
                        ))
                    }
                }
            }
            p.note {
                "A step counts in the incidents in which it was on the critical path, and as nothing in the others. The worst 5% are those with the "
                "longest recovery. The p95 without a step is the most that can be gained there: every incident shorter by its time in that step, and "
                "nothing else become critical. Waiting is for a component that a step of the plan needs; repair is where no plan ended the incident. "
                "Where several components are down at once, the time counts to one of them."
            }
        }
    }

    fn phases_of<'s>(&'s self, strategy: &'s StrategySummary) -> impl Iterator<Item = &'s PhaseRow> {
        let rows = self.summary.phases.iter();
        rows.filter(|row| row.strategy == strategy.name && row.hazard == summary::ALL && row.mean_s > 0.0)
    }

    fn phase_rows(&self, strategy: &StrategySummary) -> Vec<Vec<Markup>> {
        let few = || html! { small { "too few" } };
        let length = |seconds: Option<f64>| seconds.map_or_else(few, |seconds| whole(say::duration(seconds)));
        let row = |row: &PhaseRow| {
            let worst = row.share_of_worst_rto.map_or_else(few, |share| text(say::percent(share)));
            let (mean, share) = (whole(say::duration(row.mean_s)), text(say::percent(row.share_of_rto)));
            vec![text(said(&row.step)), mean, share, length(row.worst_mean_s), worst, length(row.p95_rto_without_s)]
        };
        self.phases_of(strategy).map(row).collect()
    }

    /// By component and strategy: what its outage has of the recovery time.
    fn outages(&self) -> Markup {
        let strategies = &self.summary.strategies;
        let cell = |component: &str, strategy: &StrategySummary| {
            let waits =
                self.phases_of(strategy).filter(|row| waited_for(&row.step).is_some_and(|of| of.1 == component));
            let sum = waits.map(|row| (row.mean_s, row.share_of_rto)).reduce(|a, b| (a.0 + b.0, a.1 + b.1));
            sum.map(|(mean, share)| html! { (whole(say::duration(mean))) " " small { "(" (say::percent(share)) ")" } })
        };
        let row = |component: &Named| {
            let cells: Vec<_> = strategies.iter().map(|strategy| cell(&component.name, strategy)).collect();
            let first = text(&component.name);
            let any = cells.iter().any(Option::is_some);
            any.then(|| {
                [first].into_iter().chain(cells.into_iter().map(|cell| cell.unwrap_or_else(|| text("-")))).collect()
            })
        };
        let rows: Vec<Vec<Markup>> = self.scenario.components.iter().filter_map(row).collect();
        let columns: Vec<&str> =
            ["Component"].into_iter().chain(strategies.iter().map(|strategy| strategy.title.as_str())).collect();
        html! {
            @if !rows.is_empty() {
                (table(
                    "What each component's outage costs: mean recovery time spent waiting for it, over all incidents, and its share",
                    &columns,
                    &rows,
                ))
            }
        }
    }

    fn phases_in_words(&self, strategy: &StrategySummary) -> String {
        let largest = self.phases_of(strategy).max_by(|a, b| a.share_of_rto.total_cmp(&b.share_of_rto));
        match largest {
            None => "No incident was recovered from: there is no time to divide.".into(),
            Some(largest) => format!(
                "With {}, {} takes the largest part of all recovery time: {}.",
                strategy.title,
                said(&largest.step),
                say::percent(largest.share_of_rto)
            ),
        }
    }

    /// Means and bad years.
    pub(super) fn cost(&self, palette: &mut Palette) -> Markup {
        let strategies = &self.summary.strategies;
        let rows: Vec<Vec<Markup>> = strategies
            .iter()
            .map(|strategy| {
                let year = |statistic| {
                    self.of_all(strategy, "cost", statistic)
                        .map_or(html! { small { "too few" } }, |f| whole(say::money(f.value)))
                };
                let parts = strategy.cost_parts.iter().map(|part| whole(say::money(part.value)));
                let years = ["p50", "p95", "p99", "cvar95"].map(year);
                [text(&strategy.title), money(Some(strategy.cost))].into_iter().chain(parts).chain(years).collect()
            })
            .collect();
        let columns = [
            "Strategy",
            "Mean a year",
            "Infrastructure",
            "Downtime",
            "Lost data",
            "Other",
            "Median year",
            "p95",
            "p99",
            "Mean of the worst 5%",
        ];
        let charts = [("exceedance", Some("exceedance")), ("frontier", None)];
        html! {
            (finding(self.chart("exceedance").map(|canvas| canvas.title()).unwrap_or_default()))
            (table(&format!("Cost of a year, {}", self.summary.currency), &columns, &rows))
            @for (name, live) in charts {
                @if let Some(canvas) = self.chart(name) { (chart(canvas, live, palette)) }
            }
        }
    }

    /// The cost of downtime at which another strategy is the cheapest.
    pub(super) fn tips(&self, palette: &mut Palette) -> Markup {
        let strategies = &self.summary.strategies;
        let prices = self.summary.cost_curve.iter().map(|point| point.downtime_per_hour);
        let (least, most) = prices.fold((f64::INFINITY, 0.0), |(a, b): (f64, f64), price| (a.min(price), b.max(price)));
        let (first, turns) = turns(&self.lines(), least, most);
        let title = |index: usize| strategies[index].title.as_str();
        let price = |price: f64| self.money(price);
        let currency = &self.summary.currency;
        let mut rows = Vec::new();
        let mut from = least;
        let mut cheapest = first;
        for turn in &turns {
            rows.push(vec![text(title(cheapest)), text(price(from)), text(price(turn.price))]);
            (from, cheapest) = (turn.price, turn.cheapest);
        }
        rows.push(vec![text(title(cheapest)), text(price(from)), text(price(most))]);
        html! {
            (finding(&self.tips_in_words(first, &turns)))
            @if let Some(canvas) = self.chart("cost_curve") { (chart(canvas, Some("cost_curve"), palette)) }
            (table(
                &format!("The cheapest strategy by the cost of an hour of downtime, {currency}, over the prices of the chart"),
                &["Cheapest", "From", "To"],
                &rows,
            ))
            p.note {
                "The mean cost of a year is a straight line in the cost of downtime: infrastructure, lost data and the rest stay as they are. "
                "Where downtime has a price by its length, the whole scale is multiplied; the axis shows its first price. Cheapest does not "
                "mean good enough: see the verdicts above."
            }
        }
    }

    fn tips_in_words(&self, first: usize, turns: &[Turn]) -> String {
        let title = |index: usize| self.summary.strategies[index].title.clone();
        let steps: Vec<String> =
            turns.iter().map(|turn| format!("{} from {}", title(turn.cheapest), self.money(turn.price))).collect();
        match steps.len() {
            0 => format!("{} is cheapest at every cost of downtime looked at.", title(first)),
            _ => format!("{} is cheapest while downtime is cheap; then {} an hour.", title(first), list(&steps)),
        }
    }

    /// Mean cost a year by strategy, a straight line in the price of downtime: what is fixed, and what is paid for each
    /// unit of the price.
    pub(super) fn lines(&self) -> Vec<(f64, f64)> {
        let of = |strategy: &StrategySummary| {
            let mut points = self.summary.cost_curve.iter().filter(|point| point.strategy == strategy.name);
            match (points.next(), points.next_back()) {
                (Some(a), Some(b)) => {
                    let slope = (b.cost_per_year - a.cost_per_year) / (b.downtime_per_hour - a.downtime_per_hour);
                    (a.cost_per_year - slope * a.downtime_per_hour, slope)
                }
                (None, _) | (_, None) => (strategy.cost.value, 0.0),
            }
        };
        self.summary.strategies.iter().map(of).collect()
    }
}

/// The lower envelope of lines `(intercept, slope)` between two prices: which is lowest at first, and where that changes.
pub(super) fn turns(lines: &[(f64, f64)], least: f64, most: f64) -> (usize, Vec<Turn>) {
    let cost = |k: usize, price: f64| lines[k].0 + lines[k].1 * price;
    let first = (0..lines.len()).min_by(|a, b| {
        let flatter = lines[*a].1.total_cmp(&lines[*b].1);
        cost(*a, least).total_cmp(&cost(*b, least)).then(flatter)
    });
    let first = first.unwrap_or(0);
    let (mut current, mut turns) = (first, Vec::<Turn>::new());
    loop {
        let (fixed, slope) = lines[current];
        let crossing = |k: usize| {
            let (other, less) = lines[k];
            (less < slope).then(|| ((other - fixed) / (slope - less), k))
        };
        let next = (0..lines.len()).filter_map(crossing).min_by(|a, b| {
            // Of lines that meet in one point the flattest goes on.
            a.0.total_cmp(&b.0).then(lines[a.1].1.total_cmp(&lines[b.1].1))
        });
        let Some((price, cheapest)) = next.filter(|(price, _)| *price <= most) else { return (first, turns) };
        turns.push(Turn { price, cheapest });
        current = cheapest;
    }
}
