//! The timeline of a history: what goes down and when.
//!
//! It depends on the seed and the number of the history alone, never on the strategy: all strategies meet the same
//! disasters. Assumes nothing about who reads it; does not know what a failure means for the service.

use crate::dist::Dist;
use crate::model::{Corruption, Hazard, Onset, Outage, Spread};
use crate::rng::{EventKey, Key, Stream, name_hash};
use crate::units::Time;
use rand::RngExt;

/// An event of a hazard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// Index of the hazard.
    pub hazard: usize,
    /// Its number in the timeline of that hazard, from 0.
    pub number: u64,
}

/// Something that changes at an instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// Because of which event.
    pub event: Event,
    /// What.
    pub kind: ChangeKind,
}

/// What changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ChangeKind {
    /// What the hazard takes down goes down, and the sites named lose `share` of their capacity.
    Down {
        /// Share of the capacity that is lost, 0 where the hazard takes none.
        share: f64,
        /// Whether what is stored at the sites taken down is gone.
        destroys_data: bool,
    },
    /// All of that is back.
    Up,
    /// The components of this spread go down.
    SpreadDown(usize),
    /// They are back.
    SpreadUp(usize),
    /// Live data and all replicas go bad.
    Corrupted,
    /// That is found; whether copies that are not immutable are lost with it.
    Found {
        /// When the data went bad.
        onset: Time,
        /// Whether copies that are not immutable are gone.
        destroys_backups: bool,
    },
}

impl ChangeKind {
    /// At one instant changes of components come first; of one event, the beginning before the end.
    fn rank(self) -> u8 {
        match self {
            ChangeKind::Down { .. } => 0,
            ChangeKind::SpreadDown(_) => 1,
            ChangeKind::SpreadUp(_) => 2,
            ChangeKind::Up => 3,
            ChangeKind::Corrupted => 4,
            ChangeKind::Found { .. } => 5,
        }
    }

    fn of_component(self) -> bool {
        self.rank() <= 3
    }
}

/// The timelines of one scenario, ready to be drawn for any history.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    sources: Vec<Source<'a>>,
    changes: Vec<Change>,
    /// All changes up to here are known and in order.
    known: Time,
    history: u64,
}

impl<'a> Timeline<'a> {
    /// The timelines of `hazards` under `seed`; empty until [`Timeline::start`].
    pub fn new(hazards: &'a [Hazard], seed: u64) -> Timeline<'a> {
        let sources = hazards.iter().enumerate().map(|(index, hazard)| Source::new(index, hazard, seed)).collect();
        Timeline { sources, changes: Vec::new(), known: Time::ZERO, history: 0 }
    }

    /// Begins `history` and draws it up to `until`.
    pub fn start(&mut self, history: u64, until: Time) {
        self.changes.clear();
        self.history = history;
        self.known = Time(-1);
        for source in &mut self.sources {
            source.start(history);
        }
        self.extend(until);
    }

    /// Draws on until all changes up to `until` are known.
    pub fn extend(&mut self, until: Time) {
        if until <= self.known {
            return;
        }
        let settled = self.changes.partition_point(|change| change.at <= self.known);
        for source in &mut self.sources {
            source.draw(self.history, until, &mut self.changes);
        }
        self.changes[settled..].sort_by_key(|change| {
            (change.at, !change.kind.of_component(), change.event.hazard, change.event.number, change.kind.rank())
        });
        self.known = until;
    }

    /// The `index`-th change, if it is known.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Change> {
        self.changes.get(index).copied().filter(|change| change.at <= self.known)
    }

    /// All changes up to here are known.
    #[inline]
    pub fn known(&self) -> Time {
        self.known
    }

    /// What draws caused by `event` are keyed with.
    #[inline]
    pub fn key(&self, event: Event) -> EventKey {
        EventKey::new(self.sources[event.hazard].name, event.number)
    }
}

/// One hazard as a source of events.
#[derive(Clone, Debug)]
struct Source<'a> {
    index: usize,
    name: u64,
    hazard: &'a Hazard,
    gap: Key,
    repair: Key,
    share: Key,
    destroys_data: Key,
    detect: Key,
    destroys_backups: Key,
    spread: Vec<Key>,
    gaps: Stream,
    repairs: Stream,
    /// When the next event strikes, and its number.
    next: Time,
    number: u64,
}

impl<'a> Source<'a> {
    fn new(index: usize, hazard: &'a Hazard, seed: u64) -> Source<'a> {
        let key = |purpose: &str| Key::new(seed, &format!("hazards.{}.{purpose}", hazard.name));
        let spreads = hazard.outage.as_ref().map_or(0, |outage| outage.spreads_to.len());
        Source {
            index,
            name: name_hash(&hazard.name),
            hazard,
            gap: key("time_to_failure"),
            repair: key("time_to_repair"),
            share: key("capacity_lost"),
            destroys_data: key("destroys_data"),
            detect: key("time_to_detect"),
            destroys_backups: key("destroys_backups"),
            spread: (0..spreads).map(|i| key(&format!("spreads_to.{i}"))).collect(),
            gaps: key("").stream(0, EventKey::HISTORY, 0),
            repairs: key("").stream(0, EventKey::HISTORY, 0),
            next: Time::ZERO,
            number: 0,
        }
    }

    fn start(&mut self, history: u64) {
        self.number = 0;
        self.gaps = self.gap.stream(history, EventKey::HISTORY, 0);
        self.repairs = self.repair.stream(history, EventKey::HISTORY, 0);
        self.schedule(Time::ZERO);
    }

    /// The next onset, given that everything is up since `since`.
    fn schedule(&mut self, since: Time) {
        self.next = match &self.hazard.onset {
            Onset::Renewal(gap) => since + Time::from_seconds(gap.sample(&mut self.gaps)),
            Onset::At(onsets) => onsets.get(self.number as usize).copied().unwrap_or(Time::NEVER),
        };
    }

    /// Appends all events with an onset up to `until`.
    fn draw(&mut self, history: u64, until: Time, changes: &mut Vec<Change>) {
        while self.next <= until {
            let onset = self.next;
            let event = EventKey::new(self.name, self.number);
            let mut end = onset;
            if let Some(outage) = &self.hazard.outage {
                end = onset + seconds(&outage.time_to_repair, &mut self.repairs);
                self.outage(outage, history, event, onset, end, changes);
            }
            if let Some(corruption) = &self.hazard.corruption {
                end = end.max(self.corruption(corruption, history, event, onset, changes));
            }
            self.number += 1;
            self.schedule(end);
        }
    }

    fn outage(&self, outage: &Outage, history: u64, event: EventKey, at: Time, end: Time, changes: &mut Vec<Change>) {
        let share = outage
            .capacity_loss
            .as_ref()
            .map_or(0.0, |loss| loss.share.sample(&mut self.share.stream(history, event, 0)));
        let destroys_data = chance(outage.destroys_data, self.destroys_data, history, event);
        self.push(changes, at, ChangeKind::Down { share: share.min(1.0), destroys_data });
        self.push(changes, end, ChangeKind::Up);
        for (index, (spread, key)) in outage.spreads_to.iter().zip(&self.spread).enumerate() {
            let Spread { probability, delay, time_to_repair, .. } = spread;
            let mut stream = key.stream(history, event, 0);
            if stream.random::<f64>() < *probability {
                let from = at + seconds(delay, &mut stream);
                self.push(changes, from, ChangeKind::SpreadDown(index));
                self.push(changes, from + seconds(time_to_repair, &mut stream), ChangeKind::SpreadUp(index));
            }
        }
    }

    /// When the corruption is found.
    fn corruption(
        &self,
        corruption: &Corruption,
        history: u64,
        event: EventKey,
        onset: Time,
        changes: &mut Vec<Change>,
    ) -> Time {
        let found = onset + seconds(&corruption.time_to_detect, &mut self.detect.stream(history, event, 0));
        let destroys_backups = chance(corruption.destroys_backups, self.destroys_backups, history, event);
        self.push(changes, onset, ChangeKind::Corrupted);
        self.push(changes, found, ChangeKind::Found { onset, destroys_backups });
        found
    }

    fn push(&self, changes: &mut Vec<Change>, at: Time, kind: ChangeKind) {
        changes.push(Change { at, event: Event { hazard: self.index, number: self.number }, kind });
    }
}

fn seconds(dist: &Dist, stream: &mut Stream) -> Time {
    Time::from_seconds(dist.sample(stream))
}

/// Whether something of this probability happens; what is certain or impossible draws nothing.
fn chance(probability: f64, key: Key, history: u64, event: EventKey) -> bool {
    probability >= 1.0 || (probability > 0.0 && key.stream(history, event, 0).random::<f64>() < probability)
}
