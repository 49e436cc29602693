//! The notes of an incident as a Gantt chart: decides what is shown; `charts` draws it.

use std::collections::BTreeMap;

use super::charts::{Bar, BarKind, Gantt, Row};
use super::say::{duration, percent};
use super::trace::{Chapter, Told};
use crate::hazard::Event;
use crate::model::ComponentId;
use crate::outcome::{Ended, PlanKind};
use crate::stats::met;
use crate::trace::{Happening, Note};
use crate::units::Time;

/// The chart of one incident of a history.
pub fn incident(told: &Told, chapter: &Chapter) -> Gantt {
    let incident = &told.outcome.incidents[chapter.incident];
    let opened = incident.opened;
    let notes = &told.notes[chapter.notes.clone()];
    let end = notes.last().map_or(opened, |note| note.at).max(opened + Time(1_000_000));
    let length = (end - opened).seconds();
    let objective = told.scenario.hazards[incident.hazard].objectives.rto.map(Time::seconds);
    let to = objective.filter(|objective| *objective < 2.5 * length).map_or(length, |objective| objective.max(length));
    let shown = (-0.04 * to, 1.06 * to);
    let since = |at: Time| (at - opened).seconds();
    let mut rows = outages(told, opened, shown);
    rows.extend(losses(told, opened, shown));
    rows.extend(steps(told, chapter, since));
    Gantt {
        title: title(told, chapter),
        subtitle: format!(
            "{}, history {}, incident {} of {}{}",
            told.scenario.title,
            told.history,
            chapter.incident + 1,
            told.outcome.incidents.len(),
            match objective.filter(|objective| *objective > shown.1) {
                Some(objective) => format!("; the objective, {}, lies beyond the right edge", duration(objective)),
                None => String::new(),
            }
        ),
        shown,
        rows,
        served: served(told, chapter, since, shown),
        required: told.scenario.workload.required_capacity,
        restored: (!incident.rto.is_never()).then(|| incident.rto.seconds()),
        objective,
    }
}

fn title(told: &Told, chapter: &Chapter) -> String {
    let incident = &told.outcome.incidents[chapter.incident];
    let hazard = &told.scenario.hazards[incident.hazard];
    let strategy = &told.scenario.strategies[told.strategy].title;
    let back = match incident.rto.is_never() {
        true => "service not back in time".to_string(),
        false => format!("service back after {}", duration(incident.rto.seconds())),
    };
    let lost = match (incident.ended, incident.rpo) {
        (Ended::Unrecoverable, _) => "all data lost".to_string(),
        (_, Time::ZERO) => "no data lost".to_string(),
        (_, rpo) => format!("{} of data lost", duration(rpo.seconds())),
    };
    let verdict = match (met(incident, &hazard.objectives), hazard.objectives.rto.or(hazard.objectives.rpo)) {
        (_, None) => "",
        ((true, true), _) => "; objectives met",
        ((false, true), _) => "; recovery time objective missed",
        ((true, false), _) => "; data loss objective missed",
        ((false, false), _) => "; both objectives missed",
    };
    format!("{strategy}, {}: {back}, {lost}{verdict}", hazard.title)
}

/// Components that were down at some time in what is shown, in the order of the scenario.
fn outages(told: &Told, opened: Time, shown: (f64, f64)) -> Vec<Row> {
    let mut down: BTreeMap<ComponentId, (usize, Vec<Bar>)> = BTreeMap::new();
    for note in told.notes {
        let at = (note.at - opened).seconds();
        match note.what {
            Happening::Down(component, _) => {
                let (held, bars) = down.entry(component).or_default();
                *held += 1;
                if *held == 1 {
                    bars.push(Bar { from: at, to: f64::INFINITY, kind: BarKind::Down });
                }
            }
            Happening::Up(component, _) => {
                let (held, bars) = down.entry(component).or_default();
                *held = held.saturating_sub(1);
                if let (0, Some(bar)) = (*held, bars.last_mut()) {
                    bar.to = at;
                }
            }
            _ => {}
        }
    }
    let seen = |bar: &Bar| bar.to > shown.0 && bar.from < shown.1;
    let rows = down.into_iter().map(|(component, (_, bars))| {
        let bars: Vec<Bar> = bars.into_iter().filter(seen).collect();
        Row { name: told.scenario.components[component.0].name.clone(), critical: false, bars, failed: Vec::new() }
    });
    rows.filter(|row| !row.bars.is_empty()).collect()
}

/// Sites that had lost some of their capacity.
fn losses(told: &Told, opened: Time, shown: (f64, f64)) -> Vec<Row> {
    let mut lost: Vec<(Event, Row)> = Vec::new();
    for note in told.notes {
        let at = (note.at - opened).seconds();
        match note.what {
            Happening::CapacityLost(site, share, event) => {
                let name = format!("{}: {} lost", told.scenario.sites[site.0].name, percent(share));
                let bars = vec![Bar { from: at, to: f64::INFINITY, kind: BarKind::Down }];
                lost.push((event, Row { name, critical: false, bars, failed: Vec::new() }));
            }
            Happening::CapacityBack(over) => {
                for (_, row) in lost.iter_mut().filter(|(event, _)| *event == over) {
                    row.bars[0].to = at;
                }
            }
            _ => {}
        }
    }
    let seen = |row: &Row| row.bars.iter().any(|bar| bar.to > shown.0 && bar.from < shown.1);
    lost.into_iter().map(|(_, row)| row).filter(seen).collect()
}

/// A step under way.
#[derive(Default)]
struct Track {
    bars: Vec<Bar>,
    failed: Vec<f64>,
    /// What it does, since when, and how long that lasts where it is known.
    doing: Option<(BarKind, f64, Option<f64>)>,
    /// What it did before it had to rest, with what was left of it.
    resting: Option<(BarKind, Option<f64>)>,
}

impl Track {
    /// Ends what is going on at `at`; a pause that was over before then was followed by work.
    fn end(&mut self, at: f64) -> Option<(BarKind, Option<f64>)> {
        let (kind, from, length) = self.doing.take()?;
        match length {
            Some(length) if from + length <= at => {
                self.push(kind, from, from + length);
                self.push(BarKind::Work, from + length, at);
                Some((BarKind::Work, None))
            }
            _ => {
                self.push(kind, from, at);
                Some((kind, length.map(|length| from + length - at)))
            }
        }
    }

    fn push(&mut self, kind: BarKind, from: f64, to: f64) {
        if to > from {
            self.bars.push(Bar { from, to, kind });
        }
    }

    fn turn(&mut self, kind: BarKind, at: f64, length: Option<f64>) {
        self.end(at);
        self.doing = Some((kind, at, length));
    }

    fn rest(&mut self, at: f64) {
        if let Some(before) = self.end(at) {
            self.resting = Some(before);
            self.doing = Some((BarKind::Rests, at, None));
        }
    }

    fn go_on(&mut self, at: f64) {
        if let Some((kind, left)) = self.resting.take() {
            let kind = if kind == BarKind::Waits { BarKind::Work } else { kind };
            self.turn(kind, at, left);
        }
    }
}

/// The steps of the plans that ran, in their order, and the restart where there was one.
fn steps(told: &Told, chapter: &Chapter, since: impl Fn(Time) -> f64) -> Vec<Row> {
    let mut tracks: BTreeMap<(PlanKind, usize), Track> = BTreeMap::new();
    let mut restart = Track::default();
    let notes = &told.notes[chapter.notes.clone()];
    for Note { at, what } in notes {
        let at = since(*at);
        let mut turn = |plan: PlanKind, step: usize, kind: BarKind, length: Option<Time>| {
            tracks.entry((plan, step)).or_default().turn(kind, at, length.map(Time::seconds));
        };
        match *what {
            Happening::StepStarted(plan, step) | Happening::StepGoesOn(plan, step) => {
                turn(plan, step, BarKind::Work, None);
            }
            Happening::StepWaits(plan, step, _) => turn(plan, step, BarKind::Waits, None),
            Happening::FaultFound(plan, step, fix) => turn(plan, step, BarKind::Mends, Some(fix)),
            Happening::AttemptFailed(plan, step, wait) => {
                turn(plan, step, BarKind::Rests, Some(wait));
                tracks.entry((plan, step)).or_default().failed.push(at);
            }
            Happening::BackupBad(plan, step) => {
                turn(plan, step, BarKind::Work, None);
                tracks.entry((plan, step)).or_default().failed.push(at);
            }
            Happening::StepDone(plan, step) => {
                if let Some(track) = tracks.get_mut(&(plan, step)) {
                    track.end(at);
                }
            }
            Happening::Restarting => {
                restart.turn(BarKind::Work, at, None);
                tracks.values_mut().for_each(|track| track.rest(at));
            }
            Happening::RestartCutShort => {
                restart.end(at);
                restart.failed.push(at);
                tracks.values_mut().for_each(|track| track.go_on(at));
            }
            Happening::Restarted => {
                restart.end(at);
            }
            Happening::Closed(..) => {
                tracks.values_mut().for_each(|track| {
                    track.end(at);
                });
                restart.end(at);
            }
            _ => {}
        }
    }
    let phases = &told.outcome.incidents[chapter.incident].phases;
    let critical = |key: (PlanKind, usize)| phases.iter().any(|&(plan, step, _)| (plan, step) == key);
    let mut rows: Vec<Row> = tracks
        .into_iter()
        .filter(|(_, track)| !track.bars.is_empty())
        .map(|(key, track)| Row {
            name: told.step(key.0, key.1).name.clone(),
            critical: critical(key),
            bars: track.bars,
            failed: track.failed,
        })
        .collect();
    if !restart.bars.is_empty() {
        rows.push(Row {
            name: "restart where it was".into(),
            critical: true,
            bars: restart.bars,
            failed: restart.failed,
        });
    }
    rows
}

/// What is served, from before the incident until after it.
fn served(told: &Told, chapter: &Chapter, since: impl Fn(Time) -> f64, shown: (f64, f64)) -> Vec<(f64, f64)> {
    let mut share = 1.0;
    let mut curve = vec![(f64::NEG_INFINITY, share)];
    for note in &told.notes[..chapter.notes.end] {
        let at = since(note.at);
        match note.what {
            Happening::Served(is, _) => {
                curve.extend([(at, share), (at, is)]);
                share = is;
            }
            Happening::Growing(is) => {
                curve.push((at, is));
                share = is;
            }
            _ => {}
        }
    }
    // From here on the first point stands for all before it.
    let first = curve.iter().rposition(|point| point.0 < shown.0).unwrap_or(0);
    curve.drain(..first);
    curve[0].0 = shown.0;
    curve.push((shown.1, share));
    curve
}
