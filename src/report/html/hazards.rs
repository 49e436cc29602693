//! What happens under corruption and without a control plane, and the worst incidents.

use maud::{Markup, html};

use super::figure::{Palette, chart};
use super::parts::{finding, list, share, table, text, time, whole};
use super::{Page, say};
use crate::cost;
use crate::engine::Engine;
use crate::model::{ComponentId, Hazard, Need, SiteId, Step, Strategy};
use crate::report::charts::gantt;
use crate::report::gantt::incident;
use crate::report::trace::Told;
use crate::stats::{Longest, waited_for};
use crate::summary::{self, PhaseRow, StrategySummary};

impl Page<'_> {
    /// Corruption: replicas copy it, copies undo it.
    pub(super) fn corruption(&self) -> Markup {
        let hazards: Vec<&Hazard> = self.scenario.hazards.iter().filter(|hazard| hazard.corruption.is_some()).collect();
        if hazards.is_empty() {
            return html! {
                (finding("No hazard of this scenario corrupts data: nothing is shown about bad deployments, deletions or ransomware."))
                p.note { "Live copies repeat corruption at once; only copies of earlier states help. Add a hazard with "
                    code { "corrupts = \"data\"" } " to see what that means here." }
            };
        }
        let columns = [
            "Strategy",
            "Copies kept for",
            "Incidents",
            "RTO p50",
            "RTO p95",
            "RPO p50",
            "RPO p95",
            "All data lost in",
            "Within both objectives",
        ];
        html! {
            (finding(&self.corruption_in_words(&hazards)))
            @for hazard in &hazards {
                @let rows: Vec<Vec<Markup>> = self.summary.strategies.iter().filter_map(|s| self.corrupted(s, hazard)).collect();
                @if let Some(corruption) = &hazard.corruption {
                    @let found = |share: f64| say::duration(corruption.time_to_detect.quantile(share));
                    p {
                        (hazard.title) " is found after " (found(0.5)) " in half of the cases, after " (found(0.95)) " in 95%."
                        @if corruption.destroys_backups > 0.0 {
                            " It takes all copies that are not immutable with it in " (say::percent(corruption.destroys_backups)) " of cases."
                        }
                    }
                }
                @if rows.is_empty() { p { (hazard.title) ": no such incident was seen." } }
                @else { (table(&format!("{}: recovery, and what is lost", hazard.title), &columns, &rows)) }
            }
            p.note {
                "Live copies repeat corruption at once, whatever the strategy; recovery is to the newest good copy from before it began. "
                "Data loss holds the time until the corruption was found. Copies must therefore be kept for longer than it takes to find one, "
                "and those that are not immutable may be destroyed with the data."
            }
        }
    }

    fn corrupted(&self, strategy: &StrategySummary, hazard: &Hazard) -> Option<Vec<Markup>> {
        let figure = |metric, statistic| self.figure(&strategy.name, &hazard.name, metric, statistic);
        let count = figure("rto", "count").filter(|count| count.value > 0.0)?;
        Some(vec![
            text(&strategy.title),
            text(self.copies(&strategy.name)),
            text(say::count(count.value as u64)),
            time(figure("rto", "p50")),
            time(figure("rto", "p95")),
            time(figure("rpo", "p50")),
            time(figure("rpo", "p95")),
            share(figure("ended", "unrecoverable")),
            share(figure("objectives", "attainment")),
        ])
    }

    /// How long copies are kept, and whether nobody can destroy them.
    fn copies(&self, strategy: &str) -> String {
        let Some(strategy) = self.scenario.strategies.iter().find(|model| model.name == strategy) else {
            return String::new();
        };
        let backups = strategy.backups.iter().map(|backups| (backups.kept_for, backups.immutable));
        let points = strategy.point_in_time.iter().map(|points| (points.kept_for, points.immutable));
        let said = backups.chain(points).map(|(kept, immutable)| {
            format!("{}, {}", say::duration(kept.seconds()), if immutable { "immutable" } else { "not immutable" })
        });
        let said: Vec<String> = said.collect();
        if said.is_empty() { "none".into() } else { said.join("; ") }
    }

    fn corruption_in_words(&self, hazards: &[&Hazard]) -> String {
        let titles: Vec<String> = hazards.iter().map(|hazard| hazard.title.clone()).collect();
        let lost = self.summary.strategies.iter().flat_map(|strategy| {
            hazards.iter().filter_map(move |hazard| {
                Some((self.figure(&strategy.name, &hazard.name, "ended", "unrecoverable")?.value, strategy, *hazard))
            })
        });
        match lost.max_by(|a, b| a.0.total_cmp(&b.0)) {
            None => format!("No incident of {} was seen.", list(&titles)),
            Some((0.0, _, _)) => {
                format!("After {}, a good copy was left in every incident seen, under every strategy.", list(&titles))
            }
            Some((share, strategy, hazard)) => format!(
                "After {}, no good copy is left in up to {} of incidents ({}).",
                hazard.title,
                say::percent(share),
                strategy.title
            ),
        }
    }

    /// The inventory of what needs a control plane, and what waiting for it costs.
    pub(super) fn control_plane(&self) -> Markup {
        let planes = self.control_planes();
        let strikes = |hazard: &&Hazard| {
            hazard.outage.as_ref().is_some_and(|outage| {
                let down =
                    outage.takes_down.iter().chain(outage.spreads_to.iter().flat_map(|spread| &spread.components));
                down.into_iter().any(|component| planes.contains(component))
            })
        };
        let hazards: Vec<&Hazard> = self.scenario.hazards.iter().filter(strikes).collect();
        let rows: Vec<Vec<Markup>> = self
            .summary
            .strategies
            .iter()
            .zip(&self.scenario.strategies)
            .map(|(strategy, model)| {
                let figure = |metric, statistic| self.of_all(strategy, metric, statistic);
                vec![
                    text(&strategy.title),
                    text(self.steps_that_need(&model.failover)),
                    text(self.steps_that_need(&model.restore)),
                    share(figure("control_plane_needed", "value")),
                    self.waiting_for_one(strategy, summary::ALL, |row| Some(row.mean_s)),
                    self.waiting_for_one(strategy, summary::ALL, |row| row.worst_mean_s),
                ]
            })
            .collect();
        let columns = [
            "Strategy",
            "Failover steps that need it",
            "Restore steps that need it",
            "Incidents that needed it",
            "Waiting for it, mean",
            "Mean in the worst 5%",
        ];
        html! {
            (finding(&self.control_plane_in_words()))
            (table("What needs the target's control plane, and how long recovery waits for one", &columns, &rows))
            @if hazards.is_empty() {
                p.note { "No hazard of this scenario takes a control plane down, so that nothing is shown about such an outage." }
            } @else {
                p.note {
                    "Hazards that take a control plane down: "
                    (list(&hazards.iter().map(|hazard| hazard.title.clone()).collect::<Vec<_>>()))
                    ". Waiting is time on the critical path in which work stood still because a control plane was down, over all incidents; "
                    "the worst 5% are those with the longest recovery."
                }
                (self.waiting_by_hazard(&hazards))
            }
        }
    }

    fn waiting_by_hazard(&self, hazards: &[&Hazard]) -> Markup {
        let columns = [
            "Strategy",
            "Incidents",
            "Waiting for it, mean",
            "Mean in the worst 5%",
            "RTO p95",
            "Within both objectives",
        ];
        html! {
            @for hazard in hazards {
                @let rows: Vec<Vec<Markup>> = self.summary.strategies.iter().filter_map(|strategy| {
                    let figure = |metric, statistic| self.figure(&strategy.name, &hazard.name, metric, statistic);
                    let count = figure("rto", "count").filter(|count| count.value > 0.0)?;
                    Some(vec![
                        text(&strategy.title),
                        text(say::count(count.value as u64)),
                        self.waiting_for_one(strategy, &hazard.name, |row| Some(row.mean_s)),
                        self.waiting_for_one(strategy, &hazard.name, |row| row.worst_mean_s),
                        time(figure("rto", "p95")),
                        share(figure("objectives", "attainment")),
                    ])
                }).collect();
                @if rows.is_empty() {
                    p { (hazard.title) ": opened no incident of its own; it delays the recovery from others." }
                } @else {
                    (table(&format!("{}: waiting for a control plane", hazard.title), &columns, &rows))
                }
            }
        }
    }

    /// How long a strategy's incidents of a hazard waited for control planes, as `of` says of each.
    fn waiting_for_one(&self, strategy: &StrategySummary, hazard: &str, of: fn(&PhaseRow) -> Option<f64>) -> Markup {
        let names = self.control_planes().into_iter().map(|plane| self.scenario.components[plane.0].name.as_str());
        let names: Vec<&str> = names.collect();
        let rows = self.summary.phases.iter().filter(|row| row.strategy == strategy.name && row.hazard == hazard);
        let mut waits = rows.filter(|row| waited_for(&row.step).is_some_and(|of| names.contains(&of.1)));
        match waits.try_fold(0.0, |sum, row| Some(sum + of(row)?)) {
            None => html! { small { "too few" } },
            Some(0.0) => html! { "none" },
            Some(mean) => whole(say::duration(mean)),
        }
    }

    fn control_planes(&self) -> Vec<ComponentId> {
        (0..self.scenario.sites.len()).map(|site| SiteId(site).control_plane()).collect()
    }

    fn steps_that_need(&self, steps: &[Step]) -> String {
        let planes = self.control_planes();
        let needs = |step: &&Step| {
            step.needs.iter().any(|need| match need {
                Need::ControlPlane => true,
                Need::Component(component) => planes.contains(component),
                Need::DataPlane => false,
            })
        };
        let names: Vec<String> = steps.iter().filter(needs).map(|step| step.name.clone()).collect();
        if names.is_empty() { "none".into() } else { list(&names) }
    }

    fn control_plane_in_words(&self) -> String {
        let free = |strategy: &&Strategy| self.steps_that_need(&strategy.failover) == "none";
        let all = &self.scenario.strategies;
        let free: Vec<String> = all.iter().filter(free).map(|strategy| strategy.title.clone()).collect();
        let (plans, need) = if free.len() == 1 { ("plan", "needs") } else { ("plans", "need") };
        if free.len() == all.len() {
            "No failover plan needs a control plane.".into()
        } else if free.is_empty() {
            "Every failover plan has a step that needs the control plane of the recovery site.".into()
        } else {
            format!(
                "The failover {plans} of {} {need} no control plane; every other has a step that stops while it is down.",
                list(&free)
            )
        }
    }

    /// Components by name.
    pub(super) fn needs(&self, needs: &[Need]) -> Vec<String> {
        let name = |need: &Need| match need {
            Need::Component(id) => self.scenario.components[id.0].title.clone(),
            Need::DataPlane => "the data plane".into(),
            Need::ControlPlane => "the control plane".into(),
        };
        needs.iter().map(name).collect()
    }

    /// The longest recovery of each strategy, and of the strategy that the answer names under each hazard.
    pub(super) fn worst(&self, palette: &mut Palette) -> Markup {
        let engine = Engine::new(self.scenario);
        let chosen = self.chosen();
        let title = &self.summary.strategies[chosen].title;
        let overall: Vec<Worst> =
            (0..self.summary.strategies.len()).filter_map(|strategy| self.longest(strategy)).collect();
        // One that every strategy had to wait out is shown once.
        let first = |k: &usize| !overall[..*k].iter().any(|earlier| earlier.is_like(&overall[*k]));
        let different: Vec<usize> = (0..overall.len()).filter(first).collect();
        let shown = |hazard: &usize| overall.iter().any(|worst| (worst.strategy, worst.hazard) == (chosen, *hazard));
        let further = (0..self.scenario.hazards.len()).filter(|hazard| !shown(hazard));
        let further: Vec<Worst> = further.filter_map(|hazard| self.longest_of(chosen, hazard)).collect();
        html! {
            (finding(&self.worst_in_words(&overall)))
            (self.longest_table())
            h3 { "The longest recovery under each strategy" }
            @for worst in different.iter().map(|k| &overall[*k]) {
                (self.tell(&engine, worst, &overall, palette))
            }
            @if !further.is_empty() {
                h3 { (title) ": the longest recovery from each further hazard" }
                @for worst in &further { (self.tell(&engine, worst, &[], palette)) }
            }
        }
    }

    fn longest_of(&self, strategy: usize, hazard: usize) -> Option<Worst> {
        let longest = self.review.partial.strategies()[strategy].hazard(hazard).longest?;
        Some(Worst { strategy, hazard, longest })
    }

    /// Over all hazards.
    fn longest(&self, strategy: usize) -> Option<Worst> {
        let all = (0..self.scenario.hazards.len()).filter_map(|hazard| self.longest_of(strategy, hazard));
        all.max_by_key(|worst| (worst.longest.rto, std::cmp::Reverse((worst.longest.history, worst.hazard))))
    }

    fn worst_in_words(&self, overall: &[Worst]) -> String {
        let Some(most) = overall.iter().map(|worst| worst.longest.rto).max() else {
            return "No incident was seen.".into();
        };
        let most: Vec<&Worst> = overall.iter().filter(|worst| worst.longest.rto == most).collect();
        let under = match most.len() {
            1 => self.summary.strategies[most[0].strategy].title.clone(),
            n if n == overall.len() => "every strategy".into(),
            n => format!("{n} of {} strategies", overall.len()),
        };
        let hazard = &self.scenario.hazards[most[0].hazard].title;
        let rto = most[0].longest.rto;
        match rto.is_never() {
            true => format!("The worst incident seen, {hazard} under {under}, was not over within another horizon."),
            false => {
                format!("The longest recovery seen took {}: {hazard} under {under}.", say::duration(rto.seconds()))
            }
        }
    }

    fn longest_table(&self) -> Markup {
        let strategies = &self.summary.strategies;
        let titles = strategies.iter().map(|strategy| strategy.title.as_str());
        let columns: Vec<&str> = ["Hazard"].into_iter().chain(titles).collect();
        let cell = |worst: Option<Worst>| match worst {
            None => html! { small { "no incident" } },
            Some(Worst { longest, .. }) => html! {
                (whole(say::duration(seconds(longest)))) br; small { "history " (longest.history) }
            },
        };
        let row = |(index, hazard): (usize, &Hazard)| {
            let cells = (0..strategies.len()).map(|strategy| cell(self.longest_of(strategy, index)));
            [text(&hazard.title)].into_iter().chain(cells).collect()
        };
        let rows: Vec<Vec<Markup>> = self.scenario.hazards.iter().enumerate().map(row).collect();
        html! {
            (table("The longest recovery time seen, and the first history that holds it", &columns, &rows))
            p.note {
                "Any of them can be looked at: " code { "drsim trace scenario.toml --strategy NAME --history NUMBER" }
                " tells it event by event."
            }
        }
    }

    /// One incident, drawn and told; with the strategies under which it went the same.
    fn tell(&self, engine: &Engine, worst: &Worst, all: &[Worst], palette: &mut Palette) -> Markup {
        let Worst { strategy, hazard, longest } = *worst;
        let alike = all.iter().filter(|other| other.strategy != strategy && other.is_like(worst));
        let alike: Vec<String> = alike.map(|other| self.summary.strategies[other.strategy].title.clone()).collect();
        let history = longest.history;
        let (outcome, notes) = engine.worker().trace(history, strategy);
        let bill = cost::bill(self.scenario, strategy, &outcome);
        let told = Told { scenario: self.scenario, strategy, history, outcome: &outcome, bill: &bill, notes: &notes };
        let is_it = |k: &usize| outcome.incidents[*k].hazard == hazard && outcome.incidents[*k].rto == longest.rto;
        let index = (0..outcome.incidents.len()).find(is_it).expect("the history holds the incident that was counted");
        let chapters = told.chapters();
        let chapter = chapters.iter().find(|chapter| chapter.incident == index);
        let chapter = chapter.expect("every incident of an outcome is closed");
        html! {
            article.incident {
                (chart(&gantt(&incident(&told, chapter)), None, palette))
                @if !alike.is_empty() { p.note { "The same incident is the longest, and takes as long, under " (list(&alike)) "." } }
                details.aside {
                    summary { "Event by event" }
                    pre tabindex="0" { (told.tell(Some(&[index]))) }
                }
            }
        }
    }
}

/// The incident with the longest recovery time of one strategy and hazard.
#[derive(Clone, Copy, Debug)]
struct Worst {
    strategy: usize,
    hazard: usize,
    longest: Longest,
}

impl Worst {
    /// Whether another strategy took as long over the same.
    fn is_like(&self, other: &Worst) -> bool {
        (self.hazard, self.longest) == (other.hazard, other.longest)
    }
}

/// Infinite where the incident was not over.
fn seconds(longest: Longest) -> f64 {
    if longest.rto.is_never() { f64::INFINITY } else { longest.rto.seconds() }
}
