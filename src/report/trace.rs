//! One history in words: what failed, which steps ran, what they waited for, where the recovery point was, when service
//! came back and how much of it, what it cost.
//!
//! Its figures are those of the history's rows under `--raw`, to the last digit: the rows themselves are shown. Decides
//! nothing and draws nothing; `gantt` makes a chart of the same notes.

use crate::cost::{Bill, Money, total_outage};
use crate::hazard::Event;
use crate::model::{ComponentId, Scenario, SiteId, Step};
use crate::outcome::{Incident, Outcome, PlanKind};
use crate::report::raw;
use crate::report::say::{duration, percent};
use crate::trace::{Happening, Note};
use crate::units::Time;
use std::fmt::Write;

/// A history under one strategy, with all that was noted of it.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// What was simulated.
    pub scenario: &'a Scenario,
    /// Index of the strategy.
    pub strategy: usize,
    /// Number of the history.
    pub history: u64,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// What it costs.
    pub bill: &'a Bill,
    /// What happened.
    pub notes: &'a [Note],
}

/// From when until when an incident was open, in notes and in time.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// Index of the incident in the outcome.
    pub incident: usize,
    /// Its notes: from the change that opened it until it is closed and all is served, or the next one opens.
    pub notes: std::ops::Range<usize>,
}

impl Told<'_> {
    /// The incidents, each with its notes.
    pub fn chapters(&self) -> Vec<Chapter> {
        let mut chapters = Vec::new();
        let mut begin = 0;
        for (index, note) in self.notes.iter().enumerate() {
            match note.what {
                Happening::Opened(_) => {
                    let before = self.notes[..index].iter().rposition(|earlier| earlier.at < note.at);
                    begin = before.map_or(0, |before| before + 1);
                }
                Happening::Closed(incident, _) => chapters.push(Chapter { incident, notes: begin..self.end(index) }),
                _ => {}
            }
        }
        chapters
    }

    /// Behind the note at which all is served, after the close at `closed`; there if that does not come.
    fn end(&self, closed: usize) -> usize {
        let mut served = 1.0;
        for note in &self.notes[..closed] {
            if let Happening::Served(share, _) | Happening::Growing(share) = note.what {
                served = share;
            }
        }
        for (index, note) in self.notes.iter().enumerate().skip(closed) {
            if let Happening::Served(share, _) | Happening::Growing(share) = note.what {
                served = share;
            }
            if served >= 1.0 - 1e-6 {
                return index + 1;
            }
            if matches!(note.what, Happening::Opened(_)) {
                break;
            }
        }
        closed + 1
    }

    /// The whole history, or some incidents of it (their indices).
    pub fn tell(&self, only: Option<&[usize]>) -> String {
        let scenario = self.scenario;
        let strategy = &scenario.strategies[self.strategy];
        let mut text = format!(
            "{}: history {} under {} (seed {}), {} of simulated time\n",
            scenario.title,
            self.history,
            strategy.title,
            scenario.run.seed,
            duration(scenario.run.horizon.seconds()),
        );
        let chapters = self.chapters();
        if chapters.is_empty() {
            text.push_str("\nNo incident.\n");
        }
        for chapter in chapters.iter().filter(|chapter| only.is_none_or(|only| only.contains(&chapter.incident))) {
            self.chapter(chapter, &mut text);
        }
        if only.is_none() {
            let row = raw::history_row(scenario, self.strategy, self.history, self.outcome, self.bill);
            writeln!(
                text,
                "\nIn all: {} incidents, {} of full outage, {} planned, {} {}\n  in histories.csv: {}",
                self.outcome.incidents.len(),
                duration(self.outcome.downtime.seconds()),
                duration(self.outcome.planned_downtime.seconds()),
                self.bill.total(),
                scenario.costs.currency,
                row.join(",")
            )
            .expect("text grows");
        }
        text
    }

    fn chapter(&self, chapter: &Chapter, text: &mut String) {
        let incident = &self.outcome.incidents[chapter.incident];
        let hazard = &self.scenario.hazards[incident.hazard];
        let number = chapter.incident + 1;
        let count = self.outcome.incidents.len();
        let head = format!("Incident {number} of {count}: {}, {}", hazard.title, calendar(incident.opened));
        writeln!(text, "\n{head}\n{}", "-".repeat(head.chars().count())).expect("text grows");
        for note in &self.notes[chapter.notes.clone()] {
            if matches!(note.what, Happening::Growing(_)) {
                continue;
            }
            let since = note.at - incident.opened;
            let clock =
                if since < Time::ZERO { format!("-{}", clock(Time(-since.0))) } else { format!("+{}", clock(since)) };
            writeln!(text, "{clock:>16}  {}", self.sentence(&note.what, incident)).expect("text grows");
        }
        self.sums(incident, self.bill.incidents()[chapter.incident], text);
    }

    fn sums(&self, incident: &Incident, cost: Money, text: &mut String) {
        let seconds = |time: Time| if time.is_never() { "inf".to_owned() } else { format!("{} s", time.seconds()) };
        let objectives = &self.scenario.hazards[incident.hazard].objectives;
        let verdict = |achieved: Time, objective: Option<Time>| match objective {
            Some(objective) if achieved <= objective => {
                format!(" (objective {}: met)", duration(objective.seconds()))
            }
            Some(objective) => format!(" (objective {}: missed)", duration(objective.seconds())),
            None => String::new(),
        };
        writeln!(
            text,
            "  recovery time {} = {}{}\n  data loss {} = {}{}\n  waited {}, full outage {}, cost {cost} {}",
            seconds(incident.rto),
            duration(incident.rto.seconds()),
            verdict(incident.rto, objectives.rto),
            seconds(incident.rpo),
            duration(incident.rpo.seconds()),
            verdict(incident.rpo, objectives.rpo),
            self.waited(incident),
            duration(total_outage(incident).seconds()),
            self.scenario.costs.currency,
        )
        .expect("text grows");
        let phases: Vec<String> = incident
            .phases
            .iter()
            .rev()
            .map(|&(plan, step, time)| format!("{} {}", self.step(plan, step).name, duration(time.seconds())))
            .collect();
        if !phases.is_empty() {
            writeln!(text, "  critical path: {}", phases.join(", ")).expect("text grows");
        }
        let row = raw::incident_row(self.scenario, self.strategy, self.history, incident, cost);
        writeln!(text, "  in incidents.csv: {}", row.join(",")).expect("text grows");
    }

    /// `2 h`, with the components that were waited for.
    fn waited(&self, incident: &Incident) -> String {
        let name = |id: ComponentId| &self.scenario.components[id.0].name;
        let part = |&(id, time): &(ComponentId, Time)| format!("{} for {}", duration(time.seconds()), name(id));
        let parts: Vec<String> = incident.waits.iter().map(part).collect();
        let all = duration(incident.waited.seconds());
        if parts.is_empty() { all } else { format!("{all} ({})", parts.join(", ")) }
    }

    /// The step with this index.
    pub fn step(&self, plan: PlanKind, step: usize) -> &Step {
        let strategy = &self.scenario.strategies[self.strategy];
        match plan {
            PlanKind::Failover => &strategy.failover[step],
            PlanKind::Restore => &strategy.restore[step],
        }
    }

    fn sentence(&self, what: &Happening, incident: &Incident) -> String {
        let scenario = self.scenario;
        let component = |id: ComponentId| &scenario.components[id.0].name;
        let site = |id: SiteId| &scenario.sites[id.0].name;
        let hazard = |event: &Event| &scenario.hazards[event.hazard].name;
        let step = |plan: &PlanKind, step: &usize| &self.step(*plan, *step).name;
        match what {
            Happening::Down(id, event) => format!("{} goes down ({})", component(*id), hazard(event)),
            Happening::Up(id, event) => format!("{} is back ({} is over)", component(*id), hazard(event)),
            Happening::CapacityLost(id, share, event) => {
                format!("{} loses {} of its capacity ({})", site(*id), percent(*share), hazard(event))
            }
            Happening::CapacityBack(event) => format!("capacity is back ({} is over)", hazard(event)),
            Happening::Destroyed(id, event) => {
                format!("what is stored at {} is destroyed ({})", site(*id), hazard(event))
            }
            Happening::Corrupted(event) => format!("data go bad, unseen ({})", hazard(event)),
            Happening::Found(event) => match incident.exposure {
                Some(exposure) if incident.hazard == event.hazard => {
                    let ago = duration(exposure.seconds());
                    format!("bad data are found, {ago} after they went bad ({})", hazard(event))
                }
                _ => format!("bad data are found ({})", hazard(event)),
            },
            Happening::Opened(event) => format!("an incident opens ({})", hazard(event)),
            Happening::Waits => "no plan is started: the repair is waited for".into(),
            Happening::PlanStarted(plan, target, point) => {
                let name = match plan {
                    PlanKind::Failover => "the failover plan starts, to",
                    PlanKind::Restore => "the restore plan starts, at",
                };
                let point = match point {
                    Some(point) => {
                        format!("the recovery point is {} before", duration((incident.opened - *point).seconds()))
                    }
                    None => "no recovery point is left".into(),
                };
                format!("{name} {}; {point}", site(*target))
            }
            Happening::StepStarted(plan, index) => format!("{} starts", step(plan, index)),
            Happening::StepWaits(plan, index, id) => format!("{} waits for {}", step(plan, index), component(*id)),
            Happening::StepGoesOn(plan, index) => format!("{} goes on", step(plan, index)),
            Happening::AttemptFailed(plan, index, wait) => {
                format!("{} fails; it is tried again in {}", step(plan, index), duration(wait.seconds()))
            }
            Happening::FaultFound(plan, index, fix) => {
                format!("{} meets drift, mended in {}", step(plan, index), duration(fix.seconds()))
            }
            Happening::BackupBad(plan, index) => {
                format!("{}: the backup is bad, the next older one is tried", step(plan, index))
            }
            Happening::StepDone(plan, index) => format!("{} is done", step(plan, index)),
            Happening::Declined => "the decision is against failing over".into(),
            Happening::Restarting => "all that was missing is back: the service is being restarted where it was".into(),
            Happening::RestartCutShort => "the site fails again before the restart is done".into(),
            Happening::Restarted => "the service has been restarted where it was".into(),
            Happening::TrafficMoved(target) => format!("traffic moves to {}: the point of no return", site(*target)),
            Happening::Served(share, grows) => {
                format!("{} of the load is served{}", percent(*share), if *grows { ", and growing" } else { "" })
            }
            Happening::Growing(share) => format!("{} of the load is served by now", percent(*share)),
            Happening::Restored => "the service counts as restored".into(),
            Happening::Closed(_, ended) => format!("the incident is closed: {}", ended.name()),
            Happening::Protected(id) => format!("the live copy at {} follows again", site(*id)),
            Happening::Rejoined(id) => format!("{} takes its share again", site(*id)),
            Happening::FailbackBegins => "the planned return home begins".into(),
            Happening::FailbackEnds => "the planned return home is done".into(),
        }
    }
}

/// `year 3, day 143, 04:13:09`.
fn calendar(at: Time) -> String {
    let day = at.0.div_euclid(Time::DAY.0);
    format!("year {}, day {}, {}", day / 365 + 1, day % 365 + 1, clock(Time(at.0.rem_euclid(Time::DAY.0))))
}

/// `4:13:09.120`, with days in front where there are any.
fn clock(length: Time) -> String {
    let millis = length.0 / 1000;
    let (days, hours) = (millis / 86_400_000, millis / 3_600_000 % 24);
    let (minutes, seconds, rest) = (millis / 60_000 % 60, millis / 1000 % 60, millis % 1000);
    let days = if days > 0 { format!("{days} d ") } else { String::new() };
    format!("{days}{hours}:{minutes:02}:{seconds:02}.{rest:03}")
}
