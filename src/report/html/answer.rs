//! The question, the answer and the comparison.

use maud::{Markup, html};

use super::figure::{Palette, swatch};
use super::parts::{counted, finding, list, money, sentence, share, table, text, verdict, whole};
use super::{Page, say};
use crate::model::{Objectives, Strategy};
use crate::report::table as terminal;
use crate::summary::{HazardSummary, StrategySummary, Verdict};
use crate::units::Time;

impl Page<'_> {
    /// What is asked: the service, its objectives, what may happen to it, what could be done.
    pub(super) fn question(&self) -> Markup {
        let count = self.scenario.strategies.len();
        let costs = if self.has_costs() { ", and what does it cost" } else { "" };
        let asked = match count {
            1 => format!("Does this strategy meet the objectives, how sure is that{costs}?"),
            _ => {
                format!("Which of {count} disaster-recovery strategies meets the objectives, how sure is that{costs}?")
            }
        };
        html! {
            (finding(&asked))
            h3 { "The service" }
            (self.service())
            h3 { "The objectives, for each kind of disruption" }
            (self.objectives())
            p.note {
                "RTO and RPO are objectives; what is measured is the recovery time and the data loss of each incident. The clock starts \
                 at the disruption, not at the declaration; after a corruption it starts when the service is stopped. Data loss counts \
                 back to the recovery point; after a corruption it holds the time until that was found."
            }
            h3 { "The strategies" }
            (self.strategies())
        }
    }

    fn service(&self) -> Markup {
        let scenario = self.scenario;
        let workload = &scenario.workload;
        let site = |index: usize| {
            let site = &scenario.sites[index];
            if site.title == site.name { site.name.clone() } else { format!("{} ({})", site.title, site.name) }
        };
        let others: Vec<String> = (0..scenario.sites.len()).filter(|s| *s != workload.home.0).map(site).collect();
        let needs: Vec<String> = self.needs(&workload.needs);
        let size = |bytes: f64| if bytes > 0.0 { say_bytes(bytes) } else { "not stated".into() };
        html! {
            dl.facts {
                dt { "Runs at" } dd { (site(workload.home.0)) }
                dt { "Can recover at" } dd { (list(&others)) }
                dt { "Data" } dd { (size(workload.data)) }
                dt { "New or changed data" }
                dd { @if workload.write_rate > 0.0 { (say_bytes(workload.write_rate * 3600.0)) " an hour" } @else { "not stated" } }
                dt { "Counts as restored" }
                dd { "when " (say::percent(workload.required_capacity)) " of the production load is served" }
                dt { "Needs wherever it runs" } dd { @if needs.is_empty() { "nothing besides its site" } @else { (list(&needs)) } }
            }
        }
    }

    fn objectives(&self) -> Markup {
        let row = |name: Markup, objectives: &Objectives| {
            let target = |time: Option<Time>| text(time.map_or("none".into(), |time| say::duration(time.seconds())));
            vec![name, target(objectives.rto), target(objectives.rpo), text(say::percent(objectives.attainment))]
        };
        let mut rows = Vec::new();
        for hazard in &self.scenario.hazards {
            let what = if hazard.corruption.is_some() { "data go bad" } else { "outage" };
            rows.push(row(html! { (hazard.title) " " small { (what) } }, &hazard.objectives));
        }
        let columns = ["Disruption", "RTO", "RPO", "Incidents that must meet both"];
        table("Objectives by kind of disruption", &columns, &rows)
    }

    fn strategies(&self) -> Markup {
        let rows: Vec<Vec<Markup>> = self.scenario.strategies.iter().map(|strategy| self.strategy(strategy)).collect();
        let columns = ["Strategy", "Stands by", "Live copy", "Copies to restore from", "Drills", "Return home"];
        table("What each strategy keeps ready", &columns, &rows)
    }

    fn strategy(&self, strategy: &Strategy) -> Vec<Markup> {
        let immutable = |is: bool| if is { "immutable" } else { "not immutable" };
        let stands = match &strategy.active_active {
            Some(active) => {
                let shares: Vec<String> = active.shares.iter().map(|share| say::percent(*share)).collect();
                format!("all sites serve: {}", shares.join(", "))
            }
            None => format!("{} of production", say::percent(strategy.standby_capacity)),
        };
        let live = match &strategy.replication {
            Some(copy) => format!("yes, {} behind on average", say::duration(copy.lag.mean())),
            None => "none".into(),
        };
        let mut copies = Vec::new();
        if let Some(backups) = &strategy.backups {
            let (every, kept) = (say::duration(backups.every.seconds()), say::duration(backups.kept_for.seconds()));
            copies.push(format!("backups every {every}, kept {kept}, {}", immutable(backups.immutable)));
        }
        if let Some(points) = &strategy.point_in_time {
            let kept = say::duration(points.kept_for.seconds());
            copies.push(format!("point in time, {kept} back, {}", immutable(points.immutable)));
        }
        let drills = strategy.drills.map_or("none".into(), |every| format!("every {}", say::duration(every.seconds())));
        let home = match &strategy.failback {
            Some(back) => format!("planned, {} after the repair", say::duration(back.after.mean())),
            None if strategy.active_active.is_some() => "takes its share again".into(),
            None => "none: the sites swap roles".into(),
        };
        let copies = if copies.is_empty() { "none".into() } else { copies.join("; ") };
        vec![text(&strategy.title), text(stands), text(live), text(copies), text(drills), text(home)]
    }

    /// Who meets the objectives, with what probability, at what cost.
    pub(super) fn answer(&self, palette: &mut Palette) -> Markup {
        html! {
            (finding(&self.answer_in_words()))
            (self.picture(palette))
            p.note {
                "A strategy meets its objectives when the share of incidents within both RTO and RPO is high enough for "
                em { "every" } " hazard, with the whole 95% interval counting: "
                (verdict(Verdict::Met)) " the interval lies at or above what is required, " (verdict(Verdict::Missed))
                " it lies below, " (verdict(Verdict::NotShown)) " it straddles it, and more histories would tell."
            }
            @if !self.breaks().is_empty() {
                h3 { "Where each strategy breaks" }
                ul { @for (title, weakness) in self.breaks() { li { strong { (title) } ": " (weakness) } } }
            }
        }
    }

    fn breaks(&self) -> Vec<(String, String)> {
        let all = terminal::weaknesses(self.summary);
        all.into_iter().filter(|(_, weakness)| weakness != "nowhere").collect()
    }

    /// The strategy to talk about: of those that meet the objectives the cheapest, or else the one that comes closest.
    pub(super) fn chosen(&self) -> usize {
        let strategies = &self.summary.strategies;
        let attained = |k: &usize| strategies[*k].attainment.map_or(0.0, |figure| figure.value);
        let cost = |k: &usize| strategies[*k].cost.value;
        let all = 0..strategies.len();
        let met = all.clone().filter(|k| strategies[*k].verdict == Verdict::Met);
        let cheapest = met.min_by(|a, b| cost(a).total_cmp(&cost(b)).then(attained(b).total_cmp(&attained(a))));
        let closest = || all.min_by(|a, b| attained(b).total_cmp(&attained(a)).then(cost(a).total_cmp(&cost(b))));
        cheapest.or_else(closest).unwrap_or(0)
    }

    fn answer_in_words(&self) -> String {
        let strategies = &self.summary.strategies;
        let chosen = &strategies[self.chosen()];
        let met = strategies.iter().filter(|strategy| strategy.verdict == Verdict::Met).count();
        let Some(attained) = chosen.attainment else {
            return "No incident was seen: nothing is shown about any strategy.".into();
        };
        let attained = say::percent(attained.value);
        if self.scenario.hazards.iter().all(|hazard| hazard.objectives.rto.or(hazard.objectives.rpo).is_none()) {
            let cheapest =
                format!(" Of these, {} costs least: {} a year.", chosen.title, self.money(chosen.cost.value));
            let cheapest = if self.has_costs() && strategies.len() > 1 { cheapest } else { String::new() };
            return format!("The scenario sets no objectives, so that every strategy meets them.{cheapest}");
        }
        let costs = match self.has_costs() {
            true => format!(", for {} a year", self.money(chosen.cost.value)),
            false => String::new(),
        };
        let title = &chosen.title;
        if met > 0 {
            let others = match met {
                _ if strategies.len() == 1 => String::new(),
                1 => "; no other strategy does".into(),
                n if n == strategies.len() && self.has_costs() => format!(", the least of {n} that all do"),
                n if self.has_costs() => format!(", the least of the {n} that do"),
                n => format!(", as do {} others", n - 1),
            };
            return format!(
                "{title} meets the objectives of every hazard: {attained} of its incidents are within both RTO and RPO{costs}{others}.{}",
                self.cheapest_in_words("Cheaper, but not good enough, is")
            );
        }
        let none = match strategies.iter().any(|strategy| strategy.verdict == Verdict::NotShown) {
            true if strategies.len() == 1 => format!("{title} is not shown to meet its objectives for every hazard"),
            true => "No strategy is shown to meet its objectives for every hazard".to_string(),
            false if strategies.len() == 1 => format!("{title} does not meet its objectives for every hazard"),
            false => "No strategy meets its objectives for every hazard".to_string(),
        };
        let closest = match strategies.len() {
            1 => format!("{attained} of its incidents are within both RTO and RPO{costs}"),
            _ => format!("{title} comes closest, with {attained} of incidents within both RTO and RPO{costs}"),
        };
        let of = |verdict: Verdict| -> Vec<String> {
            let hazards = chosen.hazards.iter().filter(|hazard| hazard.verdict == verdict);
            hazards
                .map(|hazard| match verdict {
                    Verdict::NotShown => format!("{} ({})", hazard.title, counted(hazard.incidents, "incident")),
                    Verdict::Met | Verdict::Missed => {
                        let share = say::percent(hazard.attainment.value);
                        format!("{} ({share}, {} required)", hazard.title, say::percent(hazard.required))
                    }
                })
                .collect()
        };
        let mut short = Vec::new();
        for (verdict, words) in
            [(Verdict::Missed, "falls short in"), (Verdict::NotShown, "is not shown to be good enough in")]
        {
            let hazards = of(verdict);
            if !hazards.is_empty() {
                short.push(format!("{words} {}", list(&hazards)));
            }
        }
        let cheapest = self.cheapest_in_words("The cheapest is");
        format!("{none}. {closest}; it {}.{cheapest}", short.join(" and "))
    }

    /// The cheapest strategy, where that is not the one that the answer names.
    fn cheapest_in_words(&self, begin: &str) -> String {
        let (strategies, chosen) = (&self.summary.strategies, self.chosen());
        let cheapest =
            (0..strategies.len()).min_by(|a, b| strategies[*a].cost.value.total_cmp(&strategies[*b].cost.value));
        let Some(cheapest) = cheapest.filter(|k| self.has_costs() && *k != chosen).map(|k| &strategies[k]) else {
            return String::new();
        };
        let attained = cheapest.attainment.map_or("no incident".into(), |figure| say::percent(figure.value));
        format!(" {begin} {}: {} a year, {attained} within both.", cheapest.title, self.money(cheapest.cost.value))
    }

    /// One picture: a row for each strategy, its probability and its cost as bars.
    fn picture(&self, palette: &mut Palette) -> Markup {
        let strategies = &self.summary.strategies;
        let worst = |s: &StrategySummary| s.cost_p95.map_or(0.0, |cost| cost.value).max(s.cost.value);
        let most = strategies.iter().map(worst).fold(0.0, f64::max);
        let costs = self.has_costs();
        let currency = &self.summary.currency;
        let chosen = self.chosen();
        let label = sentence(&self.answer_in_words());
        html! {
            figure.picture {
                div.scroll tabindex="0" role="region" aria-label="Who meets the objectives, and at what cost" {
                    table.answer {
                        caption { "Who meets the objectives, with what probability, at what cost" }
                        thead { tr {
                            th scope="col" { "Strategy" }
                            th scope="col" { "Objectives" }
                            th scope="col" { "Incidents within RTO and RPO" }
                            @if costs { th scope="col" { "Cost a year, " (currency) ": mean, and a bad year (p95)" } }
                        } }
                        tbody {
                            @for (index, strategy) in strategies.iter().enumerate() {
                                tr.chosen[index == chosen] {
                                    th scope="row" {
                                        (swatch(index, palette))
                                        (strategy.title)
                                    }
                                    td { (verdict(strategy.verdict)) }
                                    td { (self.attainment_bar(index, strategy, palette)) }
                                    @if costs { td { (cost_bar(index, strategy, most, palette)) } }
                                }
                            }
                        }
                    }
                }
                figcaption { (label) " The mark in each bar is the share that is required; the grey line is the 95% interval." }
            }
        }
    }

    fn attainment_bar(&self, index: usize, strategy: &StrategySummary, palette: &mut Palette) -> Markup {
        let required = self.scenario.objectives.attainment;
        let Some(figure) = strategy.attainment else { return html! { "no incident" } };
        let width = |share: f64| format!("{:.2}%", share.clamp(0.0, 1.0) * 100.0);
        html! {
            div.bar aria-hidden="true" {
                span.fill style={ "width:" (width(figure.value)) ";background:" (palette.strategy(index)) } {}
                @if let (Some(low), Some(high)) = (figure.ci_low, figure.ci_high) {
                    span.range style={ "left:" (width(low)) ";width:" (width(high - low)) } {}
                }
                span.tick style={ "left:" (width(required)) } {}
            }
            span.value { (share(Some(figure))) }
        }
    }

    /// Strategies side by side, then each against every hazard.
    pub(super) fn comparison(&self) -> Markup {
        let strategies = &self.summary.strategies;
        let titles = strategies.iter().map(|strategy| strategy.title.as_str());
        let columns: Vec<&str> = ["Figure"].into_iter().chain(titles).collect();
        let row = |line: &terminal::Line| {
            let label = &line.label;
            let head = if label.starts_with(' ') {
                html! { span.part { (label.trim()) } }
            } else {
                text(label)
            };
            [head].into_iter().chain(line.cells.iter().map(|(cell, _)| whole(cell))).collect()
        };
        // Verdicts have a table of their own, which says more.
        let blocks = terminal::blocks(self.summary, strategies).into_iter().filter(|block| block.title != "Verdicts");
        html! {
            (finding(&self.hazards_in_words()))
            (self.verdicts())
            @for block in blocks {
                @let rows: Vec<Vec<Markup>> = block.lines.iter().map(row).collect();
                (table(block.title, &columns, &rows))
            }
            p.note { "The line of a hazard counts its incidents. Costs are in " (self.summary.currency) " a year." }
            @for note in terminal::notes(self.summary) { p.note { (note) } }
        }
    }

    fn hazards_in_words(&self) -> String {
        let hazards = self.scenario.hazards.iter();
        let unmet: Vec<String> = hazards
            .filter(|hazard| {
                let of = |strategy: &&StrategySummary| strategy.hazards.iter().any(|h| h.name == hazard.name);
                let met =
                    |s: &StrategySummary| s.hazards.iter().any(|h| h.name == hazard.name && h.verdict == Verdict::Met);
                let seen: Vec<&StrategySummary> = self.summary.strategies.iter().filter(of).collect();
                !seen.is_empty() && !seen.into_iter().any(met)
            })
            .map(|hazard| hazard.title.clone())
            .collect();
        match unmet.len() {
            _ if self.summary.strategies.iter().all(|strategy| strategy.incidents == 0) => {
                "No incident was seen.".into()
            }
            0 => "For every hazard that struck there is at least one strategy that meets its objectives.".into(),
            _ => format!("No strategy is shown to meet the objectives for {}.", list(&unmet)),
        }
    }

    fn verdicts(&self) -> Markup {
        let strategies = &self.summary.strategies;
        let titles = strategies.iter().map(|strategy| strategy.title.as_str());
        let columns: Vec<&str> = ["Hazard"].into_iter().chain(titles).collect();
        let cell = |hazard: Option<&HazardSummary>| match hazard {
            None => html! { small { "no incident" } },
            Some(hazard) => html! {
                (verdict(hazard.verdict)) br; (share(Some(hazard.attainment))) br;
                small { "of " (counted(hazard.incidents, "incident")) }
            },
        };
        let row = |hazard: &crate::model::Hazard| {
            let head = html! {
                (hazard.title) br; small { (say::percent(hazard.objectives.attainment)) " required" }
            };
            let cells = strategies.iter().map(|s| cell(s.hazards.iter().find(|h| h.name == hazard.name)));
            [head].into_iter().chain(cells).collect()
        };
        let rows: Vec<Vec<Markup>> = self.scenario.hazards.iter().map(row).collect();
        table("Verdict by hazard: share of incidents within both objectives, with its 95% interval", &columns, &rows)
    }
}

/// The parts of the mean, one after the other; a mark for the bad year.
fn cost_bar(index: usize, strategy: &StrategySummary, most: f64, palette: &mut Palette) -> Markup {
    let width = |amount: f64| format!("{:.2}%", if most > 0.0 { amount / most * 100.0 } else { 0.0 });
    let colour = palette.strategy(index);
    html! {
        div.bar aria-hidden="true" {
            span.fill style={ "width:" (width(strategy.cost.value)) ";background:" (colour) } {}
            @if let Some(bad) = strategy.cost_p95 { span.tick style={ "left:" (width(bad.value)) } {} }
        }
        span.value {
            (money(Some(strategy.cost)))
            @if let Some(bad) = strategy.cost_p95 { ", p95 " (say::money(bad.value)) }
        }
    }
}

/// A size in binary units.
pub(super) fn say_bytes(bytes: f64) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
    let power = ((bytes.max(1.0).log2() / 10.0).floor() as usize).min(units.len() - 1);
    let amount = bytes / 1024f64.powi(power as i32);
    let digits = if amount < 9.95 && amount.fract() > 0.05 { 1 } else { 0 };
    format!("{amount:.digits$} {}", units[power])
}
