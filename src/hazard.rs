//! The timeline of a history: what goes down and when.
//!
//! It depends on the seed and the number of the history alone, never on the strategy: all strategies meet the same
//! disasters. Assumes nothing about who reads it; does not know what a failure means for the service.
//!
//! A [`Timeline`] is the list of all changes. A [`Watch`] follows one hazard and can be asked at any instant what is
//! the matter: it answers what the list would say, without drawing the quiet years before.

use crate::dist::{Dist, standard_exponential};
use crate::model::{Hazard, Onset, Outage, Spread};
use crate::rng::{Cause, Key, Stream, name_hash};
use crate::rounds::Rounds;
use crate::units::Time;
use rand::RngExt;
use std::cmp::Reverse;
use std::sync::Arc;

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

    /// Whether something goes down.
    fn begins(self) -> bool {
        matches!(self, ChangeKind::Down { .. } | ChangeKind::SpreadDown(_))
    }

    fn of_component(self) -> bool {
        self.rank() <= 3
    }
}

impl Change {
    /// The order in which changes happen.
    #[inline]
    pub(crate) fn order(&self) -> impl Ord + use<> {
        (self.at, !self.kind.of_component(), self.event.hazard, self.event.number, self.kind.rank())
    }
}

/// The changes of one history by all hazards of a scenario, or by some of them.
#[derive(Clone, Debug)]
pub struct Timeline<'a> {
    /// Shared by all copies.
    sources: Arc<[Source<'a>]>,
    /// By source: where it stands.
    courses: Vec<Course>,
    changes: Vec<Change>,
    room: Room,
    /// All changes up to here are known and in order.
    known: Time,
    history: u64,
}

impl<'a> Timeline<'a> {
    /// The timelines of `hazards` under `seed`; empty until [`Timeline::start`].
    pub fn new(hazards: &'a [Hazard], seed: u64) -> Timeline<'a> {
        Timeline::of(hazards, seed, |_| true)
    }

    /// The same, but only of those hazards (by index) that are `awake`.
    pub fn of(hazards: &'a [Hazard], seed: u64, awake: impl Fn(usize) -> bool) -> Timeline<'a> {
        let hazards = hazards.iter().enumerate().filter(|(index, _)| awake(*index));
        let sources: Arc<[Source]> = hazards.map(|(index, hazard)| Source::new(index, hazard, seed)).collect();
        let courses = sources.iter().map(|source| source.begin(0)).collect();
        Timeline { sources, courses, changes: Vec::new(), room: Room::default(), known: Time(-1), history: 0 }
    }

    /// Begins `history` and draws it up to `until`.
    pub fn start(&mut self, history: u64, until: Time) {
        Timeline::start_all(std::slice::from_mut(self), history, until);
    }

    /// Begins histories in a row, `first` and those after it, on timelines of the same hazards, and draws them up to `until`.
    pub(crate) fn start_all(timelines: &mut [Timeline<'a>], first: u64, until: Time) {
        for (history, timeline) in (first..=u64::MAX).zip(&mut *timelines) {
            timeline.changes.clear();
            (timeline.history, timeline.known) = (history, until);
        }
        let Some(timeline) = timelines.first_mut() else { return };
        let (sources, mut room) = (Arc::clone(&timeline.sources), std::mem::take(&mut timeline.room));
        for (index, source) in sources.iter().enumerate() {
            source.take_all(timelines, index, until, &mut room);
        }
        timelines[0].room = room;
        timelines.iter_mut().for_each(|timeline| timeline.sort_from(0));
    }

    /// Draws on until all changes up to `until` are known.
    pub fn extend(&mut self, until: Time) {
        if until <= self.known {
            return;
        }
        let settled = self.changes.partition_point(|change| change.at <= self.known);
        for (source, course) in self.sources.iter().zip(&mut self.courses) {
            while course.next_at() <= until {
                source.take(self.history, course, &mut self.changes);
            }
        }
        self.sort_from(settled);
        self.known = until;
    }

    /// Sorts the changes from this one on.
    fn sort_from(&mut self, index: usize) {
        let changes = &mut self.changes[index..];
        // Those of one hazard mostly come in order, and two are hardly ever at one instant.
        if !changes.is_sorted_by(|a, b| a.at < b.at) {
            changes.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.order().cmp(&b.order())));
        }
    }

    /// The `index`-th change, if it is known.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&Change> {
        self.changes.get(index).filter(|change| change.at <= self.known)
    }

    /// All changes that are known, in order.
    pub(crate) fn changes(&self) -> &[Change] {
        &self.changes[..self.changes.partition_point(|change| change.at <= self.known)]
    }

    /// All changes up to here are known.
    #[inline]
    pub fn known(&self) -> Time {
        self.known
    }

    /// What draws caused by `event` are keyed with.
    pub fn key(&self, event: Event) -> Cause {
        let source = self.sources.iter().find(|source| source.index == event.hazard).expect("it is on this timeline");
        Cause::new(self.history, source.name, event.number)
    }
}

/// Room in which one hazard is drawn in several histories.
#[derive(Clone, Debug, Default)]
struct Room {
    candidates: Vec<Candidate>,
    /// How long the repair of each takes (seconds), if it is an event.
    repairs: Vec<f64>,
}

/// An event, unless it comes while an earlier one lasts.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    history: u64,
    event: Coming,
    key: Cause,
}

/// Follows one hazard through a history, from whenever somebody asks.
#[derive(Clone, Debug)]
pub struct Watch<'a> {
    source: Source<'a>,
    history: u64,
    /// Somebody has asked in this history; before, what follows says nothing.
    asked: bool,
    course: Course,
    /// When the first candidate with an exceptionally long repair comes.
    first_rare: Time,
    /// Changes of events that have begun, the next last.
    ahead: Vec<Change>,
    glances: Glances,
}

impl<'a> Watch<'a> {
    /// Of the hazard with this index, under `seed`.
    pub fn new(index: usize, hazard: &'a Hazard, seed: u64) -> Watch<'a> {
        let source = Source::new(index, hazard, seed);
        let course = source.begin(0);
        let (first_rare, ahead, glances) = (Time::NEVER, Vec::new(), Glances::default());
        Watch { source, history: 0, asked: false, course, first_rare, ahead, glances }
    }

    /// Begins `history`; draws nothing.
    #[inline]
    pub fn start(&mut self, history: u64) {
        (self.history, self.asked) = (history, false);
        self.ahead.clear();
    }

    /// Until when nothing changes: when the next change comes, or an instant before it. Known once [`Watch::catch_up`] was
    /// asked.
    #[inline]
    pub fn next_at(&self) -> Time {
        let begins = if self.asked { self.course.next_at() } else { Time::NEVER };
        self.ahead.last().map_or(begins, |change| change.at.min(begins))
    }

    /// The next change.
    #[inline(never)]
    pub fn peek(&mut self) -> Option<Change> {
        if !self.asked {
            return None;
        }
        let (source, course) = (&self.source, &mut self.course);
        while source.comes_by(self.history, course, self.ahead.last().map_or(Time::NEVER, |change| change.at)) {
            source.take(self.history, course, &mut self.ahead);
            self.ahead.sort_by_key(|change| Reverse(change.order()));
        }
        self.ahead.last().copied()
    }

    /// Takes the next change.
    pub fn pop(&mut self) -> Option<Change> {
        self.peek();
        self.ahead.pop()
    }

    /// The next change up to `now`, of those that matter for the state at `now`: quiet time, and what came and went
    /// in it, may be left out.
    #[inline]
    pub fn catch_up(&mut self, now: Time) -> Option<Change> {
        if self.ahead.is_empty() && (!self.asked || self.course.next_at() <= now) {
            self.seek(now);
        }
        let due = self.next_at() <= now && self.peek().is_some_and(|change| change.at <= now);
        if due { self.ahead.pop() } else { None }
    }

    /// Lowers each of `until` to when the hazard stirs after an instant, as [`Watch::next_at`] tells it, and where
    /// something is the matter at that instant, to no later than it. Each instant comes with the number of its history;
    /// those of one history stand together and ascend. To be asked before a history is started.
    pub(crate) fn lower_to_next(&mut self, mut instants: impl Iterator<Item = (u64, Time)>, until: &mut [Time]) {
        let mut glances = std::mem::take(&mut self.glances);
        let (mut followed, mut held) = (None, 0);
        for until in until.chunks_mut(GLANCES) {
            self.source.look(instants.by_ref().take(until.len()), &mut glances);
            for (glance, until) in glances.all.iter().zip(until) {
                let &Glance { history, now, .. } = glance;
                let next = self.source.next_of(glance).unwrap_or_else(|| {
                    if followed.replace(history) != Some(history) {
                        self.start(history);
                        held = 0;
                    }
                    while let Some(change) = self.catch_up(now) {
                        held += if change.kind.begins() { 1 } else { -1 };
                    }
                    if held > 0 { now } else { self.next_at() }
                });
                *until = next.min(*until);
            }
        }
        self.glances = glances;
    }

    /// Moves the course to the first event that lasts beyond `now`, or begins after it.
    #[inline(never)]
    fn seek(&mut self, now: Time) {
        let (source, history) = (&self.source, self.history);
        if !self.asked {
            self.asked = true;
            self.first_rare = source.first_rare(history);
            if source.cells.is_none() {
                self.course = source.enter(history, 0, self.first_rare);
            }
        }
        source.seek(history, now, self.first_rare, &mut self.course);
    }
}

/// An event of a hazard that has not begun.
#[derive(Clone, Copy, Debug)]
struct Coming {
    number: u64,
    onset: Time,
    /// Its repair takes exceptionally long.
    exceptional: bool,
}

impl Coming {
    /// A usual candidate, by its cell and its number there.
    fn usual(cell: i64, index: u64, onset: Time) -> Coming {
        Coming { number: cell as u64 * CELL_NUMBERS + index, onset, exceptional: false }
    }
}

/// How far one hazard is drawn. What is drawn in cells has candidates, some of which come while an event lasts and are
/// none; nothing is drawn beyond the next one, or beyond a cell without any.
#[derive(Clone, Debug)]
struct Course {
    /// Draws the gaps: all of them, or those in one cell.
    gaps: Stream,
    cell: i64,
    /// Number of the next usual candidate in its cell, and when it comes.
    index: u64,
    usual: Time,
    /// Nothing is drawn in the cell yet: `usual` is where it begins.
    fresh: bool,
    /// The same of the candidates whose repair takes exceptionally long.
    rare_index: u64,
    rare: Time,
}

impl Course {
    /// When the next candidate comes.
    fn next_at(&self) -> Time {
        self.usual.min(self.rare)
    }

    /// The next candidate.
    fn next(&self) -> Coming {
        match self.rare < self.usual {
            true => Coming { number: RARE_NUMBERS + self.rare_index, onset: self.rare, exceptional: true },
            false => Coming::usual(self.cell, self.index, self.usual),
        }
    }
}

/// So many instants are looked at together: enough that none waits for its draws, and so few that they stay near the processor.
const GLANCES: usize = 32;

/// Room for looks at a hazard at many instants.
#[derive(Clone, Debug, Default)]
struct Glances {
    all: Vec<Glance>,
    rounds: Rounds,
}

/// A look at one instant.
#[derive(Clone, Debug)]
struct Glance {
    history: u64,
    now: Time,
    /// When the next candidate comes whose repair takes exceptionally long; no later than the instant if an earlier one may
    /// last.
    rare: Time,
    /// It is the first of the history.
    first: bool,
    /// The cell of the instant, and what its gaps are drawn from.
    cell: i64,
    gaps: Stream,
    /// The last two usual candidates up to the instant, at first the beginning of the cell, and the next one.
    before: Time,
    last: Time,
    usual: Time,
    /// How many usual ones of the cell are drawn.
    drawn: u64,
}

/// A hazard whose gaps are exponential and that does nothing but take things down.
///
/// Exponential gaps know nothing of the past. So the events are the points of a Poisson process on all of time, less
/// those that come while an earlier one lasts (Cox and Isham, *Point Processes*, 1980, 4.4 and 5.2: it is the M/G/1/1
/// loss system). Points in cells of time that do not overlap are independent: each cell has a stream of its own, and
/// nothing before it need be drawn, but for points so near that their repair may last. For no bound to fail, the points
/// with an exceptionally long repair are a process of their own (a thinned Poisson process is two), drawn in full.
#[derive(Clone, Debug)]
struct Cells {
    /// Width of a cell.
    width: Time,
    /// Mean gap (seconds) between usual candidates, and how long their repair takes at most.
    gap: f64,
    reach: f64,
    /// Beyond this after its onset no usual candidate lasts.
    lasts: Time,
    /// The same gap of the exceptional ones, and how long their repair takes.
    rare: Option<(f64, Dist)>,
}

/// Share of repairs that are drawn as exceptionally long.
const EXCEPTIONAL: f64 = 1e-4;
/// A cell is as wide as the mean gap of so many candidates: some come before an instant that is asked for, and each further
/// cell costs a stream. Of a hazard with a mean gap (seconds) above this, one cell mostly holds all that a history has.
const FEW_IN_A_CELL: f64 = 2.0;
const ALL_IN_A_CELL: f64 = 10.0;
const RARE: f64 = 365.0 * 86_400.0;
/// Numbers of a cell's candidates are counted up from the number of the cell times this; those of exceptional ones
/// from half of all numbers.
const CELL_NUMBERS: u64 = 1 << 20;
const RARE_NUMBERS: u64 = 1 << 63;

impl Cells {
    /// `None` where the events must be drawn one after the other.
    fn new(hazard: &Hazard) -> Option<Cells> {
        let Onset::Renewal(gap) = &hazard.onset else { return None };
        let (mean, outage) = (gap.exponential_mean()?, hazard.outage.as_ref()?);
        let (reach, rare) = outage.time_to_repair.rare_tail(EXCEPTIONAL)?;
        let alone = hazard.corruption.is_none() && outage.spreads_to.is_empty();
        let width = mean * if mean < RARE { FEW_IN_A_CELL } else { ALL_IN_A_CELL };
        let usual = 1.0 - rare.as_ref().map_or(0.0, |rare| rare.0);
        (alone && width > 1.0 && reach < width / 4.0).then(|| Cells {
            width: Time::from_seconds(width),
            gap: mean / usual,
            reach,
            lasts: Time::from_seconds(reach) + Time(1),
            rare: rare.map(|(share, tail)| (mean / share, tail)),
        })
    }

    /// The cell of an instant.
    fn at(&self, now: Time) -> i64 {
        now.0 / self.width.0
    }

    /// When a cell begins.
    fn begin(&self, cell: i64) -> Time {
        Time(cell * self.width.0)
    }
}

/// One hazard as a source of events.
#[derive(Clone, Debug)]
struct Source<'a> {
    index: usize,
    name: u64,
    hazard: &'a Hazard,
    cells: Option<Cells>,
    gap: Key,
    rare_gap: Key,
    repair: Key,
    share: Key,
    destroys_data: Key,
    detect: Key,
    destroys_backups: Key,
    spread: Vec<Key>,
}

impl<'a> Source<'a> {
    fn new(index: usize, hazard: &'a Hazard, seed: u64) -> Source<'a> {
        let key = |purpose: &str| Key::new(seed, &format!("hazards.{}.{purpose}", hazard.name));
        let spreads = hazard.outage.as_ref().map_or(0, |outage| outage.spreads_to.len());
        Source {
            index,
            name: name_hash(&hazard.name),
            hazard,
            cells: Cells::new(hazard),
            gap: key("time_to_failure"),
            rare_gap: key("time_to_failure.exceptional"),
            repair: key("time_to_repair"),
            share: key("capacity_lost"),
            destroys_data: key("destroys_data"),
            detect: key("time_to_detect"),
            destroys_backups: key("destroys_backups"),
            spread: (0..spreads).map(|i| key(&format!("spreads_to.{i}"))).collect(),
        }
    }

    /// Where the hazard stands when `history` begins.
    fn begin(&self, history: u64) -> Course {
        self.enter(history, 0, self.first_rare(history))
    }

    /// When the first candidate with an exceptionally long repair comes.
    #[inline(always)]
    fn first_rare(&self, history: u64) -> Time {
        self.cells.as_ref().map_or(Time::NEVER, |cells| self.rare_after(history, cells, Time::ZERO, 0))
    }

    /// At the beginning of a cell (the first one is that of the history), with nothing under way.
    #[inline]
    fn enter(&self, history: u64, cell: i64, rare: Time) -> Course {
        let gaps = self.gaps_in(history, cell);
        let mut course = Course { gaps, cell, index: 0, usual: Time::ZERO, fresh: false, rare_index: 0, rare };
        match &self.cells {
            Some(cells) => {
                course.usual = cells.begin(cell);
                self.next_usual(history, cells, &mut course);
            }
            None => course.usual = self.next_onset(&mut course, Time::ZERO),
        }
        course
    }

    /// What the gaps in a cell are drawn from.
    #[inline]
    fn gaps_in(&self, history: u64, cell: i64) -> Stream {
        self.gap.stream_in_loop(Cause::new(history, 0, cell as u64))
    }

    /// Appends the changes of the next event, and moves on to the one after it.
    fn take(&self, history: u64, course: &mut Course, changes: &mut Vec<Change>) {
        let next = course.next();
        let event = self.key(history, next);
        let push = |changes: &mut Vec<Change>, at, kind| changes.push(self.change(next, at, kind));
        let repaired = self.repaired(next, event);
        if let Some(outage) = &self.hazard.outage {
            self.outage(outage, event, (next.onset, repaired), |at, kind| push(changes, at, kind));
        }
        let mut found = next.onset;
        if let Some(corruption) = &self.hazard.corruption {
            found += Time::from_seconds(corruption.time_to_detect.draw(|| self.detect.stream(event, 0)));
            let destroys_backups = chance(corruption.destroys_backups, self.destroys_backups, event);
            push(changes, next.onset, ChangeKind::Corrupted);
            push(changes, found, ChangeKind::Found { onset: next.onset, destroys_backups });
        }
        self.pass(history, course, repaired.max(found));
    }

    /// Begins the histories of these timelines, whose `index`-th source it is, and adds the changes of all events up to
    /// `until`: the same as [`Source::take`] again and again, in less time, as draws of one purpose are made together.
    fn take_all(&self, timelines: &mut [Timeline], index: usize, until: Time, room: &mut Room) {
        let Room { candidates, repairs } = room;
        candidates.clear();
        for timeline in &mut *timelines {
            let Timeline { history, courses, changes, .. } = timeline;
            let (history, course) = (*history, &mut courses[index]);
            *course = self.begin(history);
            let Some(cells) = self.cells.as_ref().filter(|_| course.rare > until) else {
                while course.next_at() <= until {
                    self.take(history, course, changes);
                }
                continue;
            };
            while course.usual <= until {
                let event = course.next();
                candidates.push(Candidate { history, event, key: self.key(history, event) });
                course.index += 1;
                self.next_usual(history, cells, course);
            }
        }
        let (Some(cells), Some(outage)) = (&self.cells, &self.hazard.outage) else { return };
        repairs.resize(candidates.len(), 0.0);
        let streams = candidates.iter().map(|one| self.repair.stream_in_loop(one.key));
        outage.time_to_repair.draw_each(streams, repairs);
        let mut drawn = candidates.iter().zip(&*repairs).peekable();
        for Timeline { history, courses, changes, .. } in timelines {
            let mut free = Time::ZERO;
            while let Some((&Candidate { event, key, .. }, &takes)) = drawn.next_if(|next| next.0.history == *history) {
                if event.onset < free {
                    continue;
                }
                free = if cells.rare.is_some() && takes > cells.reach {
                    self.repaired(event, key)
                } else {
                    event.onset + Time::from_seconds(takes)
                };
                self.outage(outage, key, (event.onset, free), |at, kind| changes.push(self.change(event, at, kind)));
            }
            while courses[index].next_at() < free {
                self.pass_candidate(*history, cells, &mut courses[index]);
            }
        }
    }

    /// A change because of this event.
    #[inline]
    fn change(&self, of: Coming, at: Time, kind: ChangeKind) -> Change {
        Change { at, event: Event { hazard: self.index, number: of.number }, kind }
    }

    fn key(&self, history: u64, coming: Coming) -> Cause {
        Cause::new(history, self.name, coming.number)
    }

    /// When what the event takes down is up again; its onset if it takes nothing down.
    fn repaired(&self, coming: Coming, event: Cause) -> Time {
        let Some(outage) = &self.hazard.outage else { return coming.onset };
        let mut stream = self.repair.stream(event, 0);
        let repair = &outage.time_to_repair;
        let takes = match self.cells.as_ref().and_then(|cells| Some((cells.reach, cells.rare.as_ref()?))) {
            Some((_, (_, tail))) if coming.exceptional => tail.sample(&mut stream),
            Some((reach, _)) => loop {
                let takes = repair.sample(&mut stream);
                if takes <= reach {
                    break takes;
                }
            },
            None => repair.sample(&mut stream),
        };
        coming.onset + Time::from_seconds(takes)
    }

    /// Passes on to the next event, given that everything is up since `free`.
    fn pass(&self, history: u64, course: &mut Course, free: Time) {
        let Some(cells) = &self.cells else {
            course.index += 1;
            course.usual = self.next_onset(course, free);
            return;
        };
        self.pass_candidate(history, cells, course);
        while course.next_at() < free {
            self.pass_candidate(history, cells, course);
        }
    }

    /// When the event with the course's index comes, where events are drawn in turn and everything is up since `free`.
    fn next_onset(&self, course: &mut Course, free: Time) -> Time {
        match &self.hazard.onset {
            Onset::Renewal(gap) => free + seconds(gap, &mut course.gaps),
            Onset::At(onsets) => onsets.get(course.index as usize).copied().unwrap_or(Time::NEVER),
        }
    }

    /// Passes on to the next candidate, usual or exceptional.
    fn pass_candidate(&self, history: u64, cells: &Cells, course: &mut Course) {
        if course.rare < course.usual {
            course.rare_index += 1;
            course.rare = self.rare_after(history, cells, course.rare, course.rare_index);
        } else {
            course.index += 1;
            self.next_usual(history, cells, course);
        }
    }

    /// The exceptional candidate with this number, which comes after `since`. In place where it is asked for: in loops over many
    /// histories.
    #[inline(always)]
    fn rare_after(&self, history: u64, cells: &Cells, since: Time, index: u64) -> Time {
        cells.rare.as_ref().map_or(Time::NEVER, |(gap, _)| {
            since
                + Time::from_seconds(
                    gap * standard_exponential(&mut self.rare_gap.stream_in_loop(Cause::new(history, 0, index))),
                )
        })
    }

    /// When the next exceptional candidate comes after `now`, the first one having come at `rare`; no later than `now` if an
    /// earlier one would last.
    #[cold]
    fn rare_beyond(&self, history: u64, now: Time, mut rare: Time) -> Time {
        let Some(cells) = &self.cells else { return rare };
        for index in 0.. {
            let candidate = Coming { number: RARE_NUMBERS + index, onset: rare, exceptional: true };
            if rare > now || self.repaired(candidate, self.key(history, candidate)) > now {
                break;
            }
            rare = self.rare_after(history, cells, rare, index + 1);
        }
        rare
    }

    /// Moves `course`, which stands before `now`, to the first event that lasts beyond `now` or begins after it.
    /// `first_rare` is when the first exceptional candidate comes.
    #[inline]
    fn seek(&self, history: u64, now: Time, first_rare: Time, course: &mut Course) {
        match &self.cells {
            Some(cells) if first_rare > now => self.regenerate(history, cells, now, first_rare, course),
            Some(_) => *course = self.enter(history, 0, first_rare),
            // Nothing is left out: what an event spreads to may last longer than the event.
            None => return,
        }
        while course.next_at() <= now {
            let next = course.next();
            let ends = self.repaired(next, self.key(history, next));
            if ends > now {
                return;
            }
            self.pass(history, course, ends);
        }
    }

    /// Looks at many instants together, candidate by candidate, where the hazard is drawn in cells.
    #[inline(never)]
    fn look(&self, instants: impl Iterator<Item = (u64, Time)>, glances: &mut Glances) {
        let Glances { all, rounds } = glances;
        all.clear();
        // Of what is not drawn in cells, nothing is told.
        let width = self.cells.as_ref().map_or(Time::NEVER, |cells| cells.width).0;
        let mut first_rare = Time::NEVER;
        for (history, now) in instants {
            if all.last().is_none_or(|last| last.history != history) {
                first_rare = self.first_rare(history);
            }
            let first = first_rare > now;
            let rare = if first { first_rare } else { self.rare_beyond(history, now, first_rare) };
            let cell = now.0 / width;
            let (begins, gaps) = (Time(cell * width), self.gaps_in(history, cell));
            let (before, last, usual, drawn) = (begins, begins, begins, 0);
            all.push(Glance { history, now, rare, first, cell, gaps, before, last, usual, drawn });
        }
        let Some(cells) = &self.cells else { return };
        rounds.begin(all.len());
        while !rounds.left().is_empty() {
            rounds.go(|index| {
                let glance = &mut all[index];
                (glance.before, glance.last) = (glance.last, glance.usual);
                glance.drawn += 1;
                glance.usual += Time::from_seconds(cells.gap * standard_exponential(&mut glance.gaps));
                glance.usual <= glance.now
            });
        }
    }

    /// When the hazard stirs next, or the instant itself where something is the matter, if a look tells that.
    #[inline]
    fn next_of(&self, glance: &Glance) -> Option<Time> {
        let cells = self.cells.as_ref()?;
        let &Glance { now, rare, last, usual, cell, .. } = glance;
        // Most often the last candidate is long over.
        let over = now - last >= cells.lasts || self.last_is_over(cells, glance)?;
        let next = usual.min(cells.begin(cell + 1)).min(rare);
        (rare > now).then_some(if over { next } else { now })
    }

    /// Whether the last candidate up to the instant of a look is over, if there is one and surely nothing was under way when
    /// it came.
    #[inline(never)]
    fn last_is_over(&self, cells: &Cells, glance: &Glance) -> Option<bool> {
        let &Glance { history, now, first, cell, before, last, drawn, .. } = glance;
        let candidate = Coming::usual(cell, drawn.checked_sub(2)?, last);
        let alone = first && last - before >= cells.lasts;
        alone.then(|| self.repaired(candidate, self.key(history, candidate)) <= now)
    }

    /// Moves `course` past the last instant up to `now` at which surely nothing is under way; the first exceptional
    /// candidate, `rare`, comes later.
    #[inline]
    fn regenerate(&self, history: u64, cells: &Cells, now: Time, rare: Time, course: &mut Course) {
        let cell = cells.at(now);
        let begins = cells.begin(cell);
        let gaps = self.gaps_in(history, cell);
        *course = Course { gaps, cell, index: 0, usual: begins, fresh: false, rare_index: 0, rare };
        let mut last = begins;
        loop {
            self.on_in_cell(cells, course);
            if course.usual > now {
                break;
            }
            last = course.usual;
            course.index += 1;
        }
        // Most often the last candidate is long over.
        if now - last < cells.lasts {
            self.regenerate_from(history, cells, now, rare, course);
        }
    }

    /// The same, looking back as far as need be.
    #[cold]
    fn regenerate_from(&self, history: u64, cells: &Cells, now: Time, rare: Time, course: &mut Course) {
        for cell in (0..=cells.at(now)).rev() {
            *course = self.enter(history, cell, rare);
            let mut found = (cell == 0).then(|| course.clone());
            // Those of earlier cells came before this one begins.
            let mut last = cells.begin(cell);
            while course.usual <= now {
                if course.usual - last >= cells.lasts {
                    found = Some(course.clone());
                }
                last = course.usual;
                self.pass_candidate(history, cells, course);
            }
            if let Some(found) = found {
                *course = found;
                return;
            }
        }
    }

    /// Whether the next event begins by then; cells are entered until that is known.
    fn comes_by(&self, history: u64, course: &mut Course, until: Time) -> bool {
        if let Some(cells) = self.cells.as_ref().filter(|_| course.fresh && course.usual <= until) {
            self.next_usual(history, cells, course);
        }
        let next = course.next_at();
        next <= until && !next.is_never()
    }

    /// The next usual candidate, in this cell or a later one.
    fn next_usual(&self, history: u64, cells: &Cells, course: &mut Course) {
        while !course.usual.is_never() {
            if course.fresh {
                course.gaps = self.gaps_in(history, course.cell);
                course.fresh = false;
            }
            self.on_in_cell(cells, course);
            if !course.fresh {
                return;
            }
        }
    }

    /// The next usual candidate in this cell, else the beginning of the next cell.
    #[inline(always)]
    fn on_in_cell(&self, cells: &Cells, course: &mut Course) {
        course.usual += Time::from_seconds(cells.gap * standard_exponential(&mut course.gaps));
        let end = cells.begin(course.cell + 1);
        if course.usual >= end {
            (course.cell, course.index, course.usual, course.fresh) = (course.cell + 1, 0, end, true);
        }
    }

    fn outage(&self, outage: &Outage, event: Cause, (at, end): (Time, Time), mut push: impl FnMut(Time, ChangeKind)) {
        let share = outage.capacity_loss.as_ref().map_or(0.0, |loss| loss.share.draw(|| self.share.stream(event, 0)));
        let destroys_data = chance(outage.destroys_data, self.destroys_data, event);
        push(at, ChangeKind::Down { share: share.min(1.0), destroys_data });
        push(end, ChangeKind::Up);
        for (index, (spread, key)) in outage.spreads_to.iter().zip(&self.spread).enumerate() {
            let Spread { probability, delay, time_to_repair, .. } = spread;
            let mut stream = key.stream(event, 0);
            if stream.random::<f64>() < *probability {
                let from = at + seconds(delay, &mut stream);
                push(from, ChangeKind::SpreadDown(index));
                push(from + seconds(time_to_repair, &mut stream), ChangeKind::SpreadUp(index));
            }
        }
    }
}

fn seconds(dist: &Dist, stream: &mut Stream) -> Time {
    Time::from_seconds(dist.sample(stream))
}

/// Whether something of this probability happens; what is certain or impossible draws nothing.
fn chance(probability: f64, key: Key, event: Cause) -> bool {
    probability >= 1.0 || (probability > 0.0 && key.stream(event, 0).random::<f64>() < probability)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CapacityLoss, ComponentId, Objectives, Response};

    /// Takes one component down.
    fn hazard(onset: Onset, time_to_repair: Dist, spreads_to: Vec<Spread>) -> Hazard {
        let takes_down = vec![ComponentId(0)];
        let outage = Outage { takes_down, capacity_loss: None, time_to_repair, spreads_to, destroys_data: 0.0 };
        Hazard {
            name: "hazard".into(),
            title: String::new(),
            source: String::new(),
            onset,
            outage: Some(outage),
            corruption: None,
            response: Response::FailOver,
            objectives: Objectives { rto: None, rpo: None, attainment: 0.95 },
        }
    }

    fn exponential_onset(mean: f64) -> Onset {
        Onset::Renewal(Dist::exponential(mean).expect("valid"))
    }

    /// So many times longer than those below are the gaps and repairs of hazards that are rare.
    const RARELY: i64 = 1000;

    /// Seconds, for hazards of which all takes `times` as long; the last two are drawn one after the other, the others in
    /// cells.
    fn hazards(times: i64) -> Vec<Hazard> {
        let long = |seconds: f64| seconds * times as f64;
        let dists = [
            Dist::exponential(long(3e3)),
            Dist::lognormal_median(long(2e3), 1.2),
            Dist::weibull(1.5, long(4e3)),
            Dist::gamma(2.0, long(5e3)),
            Dist::uniform(long(1e3), long(2e4)),
            Dist::constant(0.0),
            Dist::exponential(long(5e4)),
            Dist::empirical(vec![10.0, long(4e5)]),
        ];
        let spread = Spread {
            components: vec![ComponentId(1)],
            probability: 0.7,
            delay: Dist::exponential(long(3e4)).expect("valid"),
            time_to_repair: Dist::exponential(long(6e4)).expect("valid"),
        };
        let dists = dists.map(|dist| dist.expect("valid"));
        let gap = || exponential_onset(long(1e5));
        let mut hazards: Vec<Hazard> = dists.iter().map(|dist| hazard(gap(), dist.clone(), Vec::new())).collect();
        hazards.push(hazard(gap(), dists[0].clone(), vec![spread]));
        let onset = Onset::Renewal(Dist::weibull(2.0, long(1e5)).expect("valid"));
        hazards.push(hazard(onset, dists[1].clone(), Vec::new()));
        hazards
    }

    fn span(times: i64) -> Time {
        Time(20_000_000 * 1_000_000 * times)
    }

    /// Drawn in so many pieces.
    fn listed(hazards: &[Hazard], history: u64, span: Time, pieces: i64) -> Vec<Change> {
        let mut timeline = Timeline::new(hazards, 1);
        timeline.start(history, Time(span.0 / pieces));
        (2..=pieces).for_each(|piece| timeline.extend(Time(span.0 / pieces * piece)));
        (0..).map_while(|index| timeline.get(index).copied()).collect()
    }

    #[test]
    fn quiet_hazards_are_drawn_in_cells() {
        let in_cells = |times| hazards(times).iter().map(|hazard| Cells::new(hazard).is_some()).collect::<Vec<_>>();
        assert_eq!(in_cells(1), [true, false, true, true, true, true, false, false, false, false]);
        assert_eq!(in_cells(RARELY), [true, true, true, true, true, true, false, false, false, false]);
    }

    /// However it is drawn, a list holds what its hazard tells when it is asked for one event after the other.
    #[test]
    fn a_list_is_what_comes_event_by_event() {
        for times in [1, RARELY] {
            let mut hazards = hazards(times);
            for outage in hazards.iter_mut().flat_map(|hazard| &mut hazard.outage) {
                let share = Dist::uniform(0.1, 0.9).expect("valid");
                outage.capacity_loss = Some(CapacityLoss { sites: Vec::new(), share });
                outage.destroys_data = 0.5;
            }
            for (hazard, history) in hazards.iter().flat_map(|hazard| (0..40).map(move |history| (hazard, history))) {
                let (source, span) = (Source::new(0, hazard, 1), span(times));
                let (mut course, mut changes) = (source.begin(history), Vec::new());
                while course.next_at() <= span {
                    source.take(history, &mut course, &mut changes);
                }
                changes.retain(|change| change.at <= span);
                changes.sort_by_key(Change::order);
                for pieces in [1, 2, 50] {
                    assert_eq!(listed(std::slice::from_ref(hazard), history, span, pieces), changes, "{pieces} pieces");
                }
            }
        }
    }

    /// Asked at any instants, a watch tells what the list says: what is down then, and every change while it is followed.
    #[test]
    fn a_watch_tells_what_the_list_says() {
        for (times, number) in [1, RARELY].into_iter().flat_map(|times| (0..10).map(move |number| (times, number))) {
            let (hazard, span) = (&hazards(times)[number], span(times));
            let alone = std::slice::from_ref(hazard);
            let mut watch = Watch::new(0, hazard, 1);
            let mut stream = Key::new(9, "instants").stream(Cause::of_history(number as u64), 0);
            for history in 0..40 {
                let list = listed(alone, history, span, 1);
                watch.start(history);
                let (mut held, mut now) = (Vec::new(), Time::ZERO);
                loop {
                    now += Time((standard_exponential(&mut stream) * 3e11) as i64 * times);
                    if now > span {
                        break;
                    }
                    while let Some(change) = watch.catch_up(now) {
                        toggle(&mut held, &change);
                    }
                    let until = now + Time((standard_exponential(&mut stream) * 1e11) as i64 * times);
                    let expected = state(&list, now);
                    held.sort_unstable();
                    assert_eq!(held, expected, "hazard {number}, history {history}, at {now:?}");
                    let next: Vec<Change> =
                        list.iter().filter(|change| change.at > now && change.at <= until).copied().collect();
                    for expected in next.into_iter().filter(|_| until < span) {
                        let change = watch.pop().expect("there is one");
                        assert_eq!(change, expected, "hazard {number}, history {history}");
                        toggle(&mut held, &change);
                        now = change.at;
                    }
                }
            }
        }
    }

    /// Looked at together, many instants are told what the list says: that something is down, or else that nothing changes
    /// until some time, most often the next change.
    #[test]
    fn looks_at_many_instants_tell_what_the_list_says() {
        for (times, number) in [1, RARELY].into_iter().flat_map(|times| (0..10).map(move |number| (times, number))) {
            let (hazard, span) = (&hazards(times)[number], span(times));
            let mut stream = Key::new(9, "instants").stream(Cause::of_history(number as u64), 0);
            let mut instants: Vec<(u64, Time)> = (0..1000)
                .map(|index| (index / 25, Time((stream.random::<f64>() * span.0 as f64 * 0.9) as i64)))
                .collect();
            instants.sort_unstable();
            let mut until = vec![Time::NEVER; instants.len()];
            Watch::new(0, hazard, 1).lower_to_next(instants.iter().copied(), &mut until);
            let (mut busy, mut exact) = (0, 0);
            for (&(history, now), &until) in instants.iter().zip(&until) {
                let list = listed(std::slice::from_ref(hazard), history, span, 1);
                if state(&list, now).is_empty() {
                    assert!(until > now, "hazard {number}, history {history}, at {now:?}");
                    let next = list.iter().map(|change| change.at).find(|at| *at > now).unwrap_or(Time::NEVER);
                    assert!(until <= next, "hazard {number}, history {history}, at {now:?}");
                    exact += usize::from(until == next);
                } else {
                    assert!(until <= now, "hazard {number}, history {history}, at {now:?}");
                    busy += 1;
                }
            }
            assert!(4 * exact > 1000 - busy, "hazard {number}: only {exact} of {} looks are exact", 1000 - busy);
        }
    }

    /// What is down, by event and kind.
    fn toggle(held: &mut Vec<(u64, bool)>, change: &Change) {
        let spread = matches!(change.kind, ChangeKind::SpreadDown(_) | ChangeKind::SpreadUp(_));
        let hold = (change.event.number, spread);
        match change.kind {
            ChangeKind::Down { .. } | ChangeKind::SpreadDown(_) => held.push(hold),
            ChangeKind::Up | ChangeKind::SpreadUp(_) => {
                let index = held.iter().position(|other| *other == hold).expect("it was down");
                held.remove(index);
            }
            ChangeKind::Corrupted | ChangeKind::Found { .. } => panic!("no corruption here"),
        }
    }

    fn state(list: &[Change], now: Time) -> Vec<(u64, bool)> {
        let mut held = Vec::new();
        list.iter().take_while(|change| change.at <= now).for_each(|change| toggle(&mut held, change));
        held.sort_unstable();
        held
    }
}
