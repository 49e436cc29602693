//! Histories are prepared in blocks: their timelines, and what follows from them whatever a strategy does.
//!
//! A draw depends on its purpose and its position alone. So it can be made before it is known whether somebody asks for
//! it, and many draws of one purpose are made quicker together than one now and one then.

use super::straight::Stall;
use crate::hazard::{Change, ChangeKind, Event, Timeline};
use crate::model::{Hazard, Onset, Scenario};
use crate::rng::{Cause, name_hash};
use crate::units::Time;
use std::ops::RangeInclusive;

/// Most histories in a block, and about how many changes and courses of hazards there may be: so few that what is known
/// of them stays near the processor.
const HISTORIES: u64 = 64;
const CHANGES: f64 = 1024.0;

/// How many histories of these hazards make a block: a power of two, so that whole blocks make a chunk.
pub(super) fn size<'h>(hazards: impl Iterator<Item = &'h Hazard>, horizon: Time) -> u64 {
    let changes = |hazard: &Hazard| match &hazard.onset {
        Onset::Renewal(gap) => 1.0 + 2.0 * horizon.seconds() / gap.mean(),
        Onset::At(onsets) => 1.0 + 2.0 * onsets.len() as f64,
    };
    let each: f64 = hazards.map(changes).sum();
    (0..).map(|halved| HISTORIES >> halved).find(|&size| size <= 1 || size as f64 * each <= CHANGES).unwrap_or(1)
}

/// Some histories in a row.
#[derive(Clone, Debug)]
pub(super) struct Block<'a> {
    horizon: Time,
    /// By hazard: its name, hashed.
    names: Vec<u64>,
    /// By hazard: all that it spreads to is what plans wait for.
    idle_spreads: &'a [bool],
    /// Number of the first one, once there are any.
    first: Option<u64>,
    /// By history.
    timelines: Vec<Timeline<'a>>,
    /// By history and outage of its timeline up to the horizon: which one it is of its hazard's.
    places: Vec<Vec<usize>>,
    strikes: Strikes,
}

/// By hazard: each outage of the block, in the order of the histories.
pub(super) type Strikes = Vec<Vec<Strike>>;

/// An outage, as the timeline tells it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) history: u64,
    pub(super) event: Event,
    /// Which of its hazard's in the block.
    pub(super) place: usize,
    /// Draws that it causes are keyed by it.
    pub(super) key: Cause,
    pub(super) opened: Time,
    /// The share of capacity that is lost.
    pub(super) share: f64,
    pub(super) quiet: Option<Quiet>,
}

/// How long nothing disturbs an outage.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    /// When all that its event took down at once is back.
    pub(super) repaired: Time,
    /// What it spreads to meanwhile.
    pub(super) stall: Option<Stall>,
    /// Before this nothing else happens.
    pub(super) until: Time,
    /// How many changes are part of it after its beginning.
    pub(super) changes: usize,
}

/// One history that is to be lived.
#[derive(Debug)]
pub(super) struct Prepared<'b, 'a> {
    pub(super) timeline: &'b mut Timeline<'a>,
    /// By outage of the timeline up to the horizon: which one it is of its hazard's.
    places: &'b [usize],
    /// All outages of the block.
    strikes: &'b Strikes,
}

impl<'a> Block<'a> {
    /// Of so many histories; `timeline` is what each is to be drawn from.
    pub(super) fn new(scenario: &Scenario, size: u64, idle_spreads: &'a [bool], timeline: Timeline<'a>) -> Block<'a> {
        Block {
            horizon: scenario.run.horizon,
            names: scenario.hazards.iter().map(|hazard| name_hash(&hazard.name)).collect(),
            idle_spreads,
            first: None,
            timelines: vec![timeline; size as usize],
            places: vec![Vec::new(); size as usize],
            strikes: vec![Vec::new(); scenario.hazards.len()],
        }
    }

    /// History `number` as it was prepared, if it belongs to this block.
    #[inline]
    pub(super) fn history(&mut self, number: u64) -> Option<Prepared<'_, 'a>> {
        let place = number.checked_sub(self.first?)? as usize;
        let timeline = self.timelines.get_mut(place)?;
        Some(Prepared { timeline, places: &self.places[place], strikes: &self.strikes })
    }

    /// Prepares the block to which history `number` belongs: its first and its last history, and all their outages.
    pub(super) fn prepare(&mut self, number: u64) -> (RangeInclusive<u64>, &Strikes) {
        let size = self.timelines.len() as u64;
        let first = number - number % size;
        self.first = Some(first);
        self.strikes.iter_mut().for_each(Vec::clear);
        Timeline::start_all(&mut self.timelines, first, self.horizon);
        let until = self.horizon + Time(1);
        for (history, (timeline, places)) in (first..=u64::MAX).zip(self.timelines.iter().zip(&mut self.places)) {
            places.clear();
            let mut changes = timeline.changes();
            while let [change, further @ ..] = changes {
                changes = further;
                let ChangeKind::Down { share, destroys_data } = change.kind else { continue };
                let Change { at: opened, event, .. } = *change;
                let hazard = event.hazard;
                let simple = !destroys_data && opened < self.horizon;
                let quiet = if simple { quiet(change, further, until, self.idle_spreads[hazard]) } else { None };
                let strikes = &mut self.strikes[hazard];
                let (place, key) = (strikes.len(), Cause::new(history, self.names[hazard], event.number));
                places.push(place);
                strikes.push(Strike { history, event, place, key, opened, share, quiet });
            }
        }
        (first..=first.saturating_add(size - 1), &self.strikes)
    }
}

impl Prepared<'_, '_> {
    /// The outage of this hazard that comes after `before` others of any.
    #[inline]
    pub(super) fn strike(&self, hazard: usize, before: usize) -> Option<&Strike> {
        self.strikes[hazard].get(*self.places.get(before)?)
    }
}

/// How long nothing disturbs the outage that begins with `change`, if that is told by what comes next: its own `further`
/// changes. All changes before `until` are among those.
#[inline]
fn quiet(change: &Change, further: &[Change], until: Time, idle_spreads: bool) -> Option<Quiet> {
    let own = |other: &&Change| other.event == change.event;
    let (repaired, stall, changes) = match further {
        // As of most hazards: nothing but the repair is part of it.
        [Change { at, event, kind: ChangeKind::Up }, others @ ..]
            if *event == change.event && !others.first().is_some_and(|next| own(&next)) =>
        {
            (*at, None, 1)
        }
        _ => parts(&further[..further.iter().take_while(own).count()], idle_spreads)?,
    };
    let until = further.get(changes).map_or(until, |next| next.at.min(until));
    let over = stall.is_none_or(|stall| stall.to < until);
    (change.at < repaired && repaired < until && over).then_some(Quiet { repaired, stall, until, changes })
}

/// When an outage is repaired and what it spreads to, as its `own` changes tell, and how many those are.
fn parts(own: &[Change], idle_spreads: bool) -> Option<(Time, Option<Stall>, usize)> {
    let (mut repaired, mut stall) = (Time::NEVER, None::<Stall>);
    for change in own {
        match (change.kind, &mut stall) {
            (ChangeKind::Up, _) => repaired = change.at,
            (ChangeKind::SpreadDown(spread), None) if idle_spreads => {
                stall = Some(Stall { spread, from: change.at, to: Time::NEVER });
            }
            (ChangeKind::SpreadUp(_), Some(stall)) if stall.to.is_never() => stall.to = change.at,
            (ChangeKind::SpreadDown(_) | ChangeKind::SpreadUp(_), _)
            | (ChangeKind::Down { .. } | ChangeKind::Corrupted | ChangeKind::Found { .. }, _) => return None,
        }
    }
    Some((repaired, stall, own.len()))
}
