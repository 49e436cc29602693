//! The timeline of a history: what goes down and when.
//!
//! It depends on the seed and the number of the history alone, never on the strategy: all strategies meet the same
//! disasters. (How a hazard is drawn depends on whether it can only keep plans waiting, which its workload tells too.)
//! Assumes nothing about who reads it; does not know what a failure means for the service.
//!
//! A [`Timeline`] is the list of all changes. A [`Watch`] follows one hazard and can be asked at any instant what is
//! the matter: it answers what the list would say, without drawing the quiet years before.

use crate::dist::{Dist, exponential_of, standard_exponential};
use crate::model::{Hazard, Onset, Outage, Scenario, Spread};
use crate::rng::{Cause, Key, Stream, name_hash};
use crate::units::Time;
use rand::{Rng, RngExt, SeedableRng};
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
    /// The timelines of all hazards of `scenario`; empty until [`Timeline::start`].
    pub fn new(scenario: &'a Scenario) -> Timeline<'a> {
        Timeline::of(scenario, |_| true)
    }

    /// The same, but only of those hazards (by index) that are `awake`.
    pub fn of(scenario: &'a Scenario, awake: impl Fn(usize) -> bool) -> Timeline<'a> {
        Timeline::with(
            (0..scenario.hazards.len()).filter(|index| awake(*index)).map(|index| Source::of(scenario, index)),
        )
    }

    fn with(sources: impl Iterator<Item = Source<'a>>) -> Timeline<'a> {
        let sources: Arc<[Source]> = sources.collect();
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
            while source.comes_by(self.history, course, until) {
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
        // Hardly any, mostly repairs, comes later.
        let later = self.changes.iter().rev().take_while(|change| change.at > self.known).count();
        &self.changes[..self.changes.len() - later]
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
    /// With the numbers of their histories; each is an event, unless it comes while an earlier one lasts.
    candidates: Vec<(u64, Coming)>,
    /// How long the repair of each takes (seconds), if it is an event.
    repairs: Vec<f64>,
}

/// Follows one hazard through a history, from whenever somebody asks.
#[derive(Clone, Debug)]
pub struct Watch<'a> {
    source: Source<'a>,
    history: u64,
    /// Somebody has asked in this history; before, what follows says nothing.
    asked: bool,
    course: Course,
    /// Changes of events that have begun, the next last.
    ahead: Vec<Change>,
}

impl<'a> Watch<'a> {
    /// Of the hazard of `scenario` with this index.
    pub fn new(scenario: &'a Scenario, index: usize) -> Watch<'a> {
        Watch::with(Source::of(scenario, index))
    }

    fn with(source: Source<'a>) -> Watch<'a> {
        let course = source.begin(0);
        Watch { source, history: 0, asked: false, course, ahead: Vec::new() }
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

    /// The next change, if it comes by then.
    #[inline(never)]
    pub fn peek(&mut self, until: Time) -> Option<Change> {
        if !self.asked {
            return None;
        }
        let (source, course) = (&self.source, &mut self.course);
        while source.comes_by(self.history, course, self.ahead.last().map_or(until, |change| change.at.min(until))) {
            source.take(self.history, course, &mut self.ahead);
            self.ahead.sort_by_key(|change| Reverse(change.order()));
        }
        self.ahead.last().copied().filter(|change| change.at <= until)
    }

    /// Takes the next change.
    pub fn pop(&mut self) -> Option<Change> {
        self.peek(Time::NEVER);
        self.ahead.pop()
    }

    /// The next change up to `now`, of those that matter for the state at `now`: quiet time, and what came and went
    /// in it, may be left out.
    #[inline]
    pub fn catch_up(&mut self, now: Time) -> Option<Change> {
        if self.ahead.is_empty() && (!self.asked || self.course.next_at() <= now) {
            self.seek(now);
        }
        let due = self.next_at() <= now && self.peek(now).is_some();
        if due { self.ahead.pop() } else { None }
    }

    /// Lowers each of `until` to when the hazard stirs in a span, as [`Watch::next_at`] tells it, or to some time after that
    /// span, and where something is the matter when it begins, to no later than that. Each span comes with the number of its
    /// history, its beginning and its end; those of one history stand together and ascend. To be asked before a history is
    /// started.
    pub(crate) fn lower_to_next(&mut self, spans: impl Iterator<Item = (u64, Time, Time)>, until: &mut [Time]) {
        let (mut rare, mut of, mut followed, mut held) = (Time::NEVER, None, None, 0);
        for ((history, now, end), until) in spans.zip(until) {
            if of.replace(history) != Some(history) {
                rare = self.source.first_rare(history);
            }
            let next = self.source.glance(history, (now, end), rare).unwrap_or_else(|| {
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

    /// Moves the course to the first event that lasts beyond `now`, or begins after it.
    #[inline(never)]
    fn seek(&mut self, now: Time) {
        let (source, history) = (&self.source, self.history);
        if !self.asked {
            self.asked = true;
            if source.cells.is_none() {
                self.course = source.begin(history);
            }
        }
        source.seek(history, now, &mut self.course);
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

/// How far one hazard is drawn. What is drawn in cells has candidates, some of which come while an event lasts and are
/// none.
#[derive(Clone, Debug)]
struct Course {
    usual: Walk,
    /// The candidates whose repair takes exceptionally long.
    rare: Walk,
}

impl Course {
    /// When the next candidate comes, or a time before that.
    fn next_at(&self) -> Time {
        self.usual.at.min(self.rare.at)
    }

    /// The next candidate.
    fn next(&self) -> Coming {
        match self.rare.at < self.usual.at {
            true => self.exceptional(),
            false => Coming { number: self.usual.number(), onset: self.usual.at, exceptional: false },
        }
    }

    /// The next exceptional one.
    fn exceptional(&self) -> Coming {
        Coming { number: RARE_NUMBERS + self.rare.number(), onset: self.rare.at, exceptional: true }
    }
}

/// How far points of time are drawn.
#[derive(Clone, Debug)]
struct Walk {
    /// Draws the gaps: all of them, or those in one cell.
    gaps: Stream,
    cell: i64,
    /// Number of the next point in its cell, and when it comes.
    index: u64,
    at: Time,
    /// Nothing is drawn in the cell yet: `at` is where it begins.
    fresh: bool,
}

impl Walk {
    /// Whether it stands no later than that.
    #[inline]
    fn stands_by(&self, until: Time) -> bool {
        self.at <= until && !self.at.is_never()
    }

    /// The number of the next point.
    fn number(&self) -> u64 {
        self.cell as u64 * CELL_NUMBERS + self.index
    }
}

/// A Poisson process on all of time. Points in cells of time that do not overlap are independent, and what comes first after
/// the beginning of a cell comes after an exponential gap: so each cell has a stream of its own, and nothing before it need be
/// drawn. Nothing is drawn beyond the next point, or beyond a cell that is asked for.
#[derive(Clone, Debug)]
struct Points {
    key: Key,
    /// Mean gap (seconds) between them.
    gap: f64,
    /// Width of a cell.
    width: Time,
    /// Where most cells are empty: a word below this tells that one is not.
    some: Option<u64>,
}

impl Points {
    /// In cells of so many seconds.
    fn new(key: Key, gap: f64, width: f64) -> Points {
        let some = -(-width / gap).exp_m1();
        let some = (some < 0.5).then(|| (some * 2f64.powi(64)) as u64);
        Points { key, gap, width: Time::from_seconds(width), some }
    }

    /// The cell of an instant.
    #[inline]
    fn cell(&self, now: Time) -> i64 {
        now.0 / self.width.0
    }

    /// When a cell begins.
    #[inline]
    fn begin(&self, cell: i64) -> Time {
        Time(cell * self.width.0)
    }

    /// What is drawn from in a cell.
    #[inline(always)]
    fn stream(&self, history: u64, cell: i64) -> Stream {
        self.key.stream_in_loop(Cause::new(history, 0, cell as u64))
    }

    /// Whether a cell may have points.
    #[inline(always)]
    fn any(&self, history: u64, cell: i64) -> bool {
        self.some.is_none_or(|some| self.stream(history, cell).next_u64() < some)
    }

    /// At the beginning of a cell.
    #[inline]
    fn enter(&self, cell: i64) -> Walk {
        Walk { gaps: Stream::seed_from_u64(0), cell, index: 0, at: self.begin(cell), fresh: true }
    }

    /// To the next point of this cell, else the beginning of the next cell.
    #[inline(always)]
    fn step(&self, history: u64, walk: &mut Walk) {
        if walk.fresh {
            return self.open(history, walk);
        }
        walk.index += 1;
        walk.at += Time::from_seconds(self.gap * standard_exponential(&mut walk.gaps));
        self.leave(walk);
    }

    /// To the first point of a cell in which nothing is drawn yet, else the beginning of the next cell.
    #[inline(never)]
    fn open(&self, history: u64, walk: &mut Walk) {
        (walk.gaps, walk.index, walk.fresh) = (self.stream(history, walk.cell), 0, false);
        let gap = match self.some {
            None => standard_exponential(&mut walk.gaps),
            Some(some) => match walk.gaps.next_u64() {
                word if word < some => exponential_of(word),
                _ => f64::INFINITY,
            },
        };
        walk.at += Time::from_seconds(self.gap * gap);
        self.leave(walk);
    }

    /// To the beginning of the next cell, if the next point is beyond this one.
    #[inline(always)]
    fn leave(&self, walk: &mut Walk) {
        let end = self.begin(walk.cell + 1);
        if walk.at >= end {
            (walk.cell, walk.at, walk.fresh) = (walk.cell + 1, end, true);
        }
    }

    /// Whether the next point comes by then; cells are drawn until that is known.
    #[inline]
    fn comes_by(&self, history: u64, walk: &mut Walk, until: Time) -> bool {
        while walk.fresh && walk.stands_by(until) {
            self.step(history, walk);
        }
        walk.stands_by(until)
    }
}

/// A hazard whose gaps are exponential and that does nothing but take things down.
///
/// Exponential gaps know nothing of the past. So the events are the points of a Poisson process on all of time, less
/// those that come while an earlier one lasts (Cox and Isham, *Point Processes*, 1980, 4.4 and 5.2: it is the M/G/1/1
/// loss system), and nothing before a cell need be drawn but for points so near that their repair may last. For no bound to
/// fail, the points with an exceptionally long repair are a process of their own (a thinned Poisson process is two).
#[derive(Clone, Debug)]
struct Cells {
    usual: Points,
    /// How long (seconds) the repair of a usual candidate takes at most.
    reach: f64,
    /// Beyond this after its onset no usual candidate lasts.
    lasts: Time,
    /// The exceptional ones, and how long their repair takes.
    rare: Option<(Points, Dist)>,
}

/// Share of repairs that are drawn as exceptionally long.
const EXCEPTIONAL: f64 = 1e-4;
/// A cell is as wide as the mean gap of so many candidates: each costs a stream, and that it ends is a branch that nothing
/// foretells. Of a hazard with a mean gap (seconds) above this, one cell mostly holds all that a history has.
const FEW_IN_A_CELL: f64 = 2.0;
const ALL_IN_A_CELL: f64 = 10.0;
const SELDOM: f64 = 365.0 * 86_400.0;
/// Where few instants are asked for, and of exceptional candidates, most cells are empty, which one word of each tells;
/// the former are wider than usual repairs by this, so that two of them tell of an instant and of what comes after it.
const NONE_IN_A_CELL: f64 = 1.0 / 32.0;
const REACHES: f64 = 1.5;
/// Numbers of a cell's candidates are counted up from the number of the cell times this; those of exceptional ones
/// from half of all numbers.
const CELL_NUMBERS: u64 = 1 << 20;
const RARE_NUMBERS: u64 = 1 << 63;

impl Cells {
    /// Whether an exceptional candidate comes by then.
    #[inline]
    fn rare_by(&self, history: u64, course: &mut Course, until: Time) -> bool {
        self.rare.as_ref().is_some_and(|(rare, _)| rare.comes_by(history, &mut course.rare, until))
    }

    /// Whether a candidate comes by then, which is then the next one of the course.
    #[inline]
    fn comes_by(&self, history: u64, course: &mut Course, until: Time) -> bool {
        let rare = self.rare_by(history, course, until);
        self.usual.comes_by(history, &mut course.usual, until.min(course.rare.at)) || rare
    }

    /// Passes on to the next candidate, usual or exceptional.
    fn pass(&self, history: u64, course: &mut Course) {
        if course.rare.at < course.usual.at {
            self.pass_rare(history, course);
        } else {
            self.usual.step(history, &mut course.usual);
        }
    }

    /// Passes on to the next exceptional candidate.
    fn pass_rare(&self, history: u64, course: &mut Course) {
        if let Some((rare, _)) = &self.rare {
            rare.step(history, &mut course.rare);
        }
    }

    /// `None` where the events must be drawn one after the other.
    fn new(hazard: &Hazard, asked: bool, (gap, rare_gap): (Key, Key)) -> Option<Cells> {
        let Onset::Renewal(gaps) = &hazard.onset else { return None };
        let (mean, outage) = (gaps.exponential_mean()?, hazard.outage.as_ref()?);
        let (reach, rare) = outage.time_to_repair.rare_tail(EXCEPTIONAL)?;
        let alone = hazard.corruption.is_none() && outage.spreads_to.is_empty();
        let wide = mean * if mean < SELDOM { FEW_IN_A_CELL } else { ALL_IN_A_CELL };
        let width = if asked { (mean * NONE_IN_A_CELL).max(reach * REACHES) } else { wide };
        let usual = 1.0 - rare.as_ref().map_or(0.0, |rare| rare.0);
        (alone && width > 1.0 && reach < wide / 4.0).then(|| Cells {
            usual: Points::new(gap, mean / usual, width),
            reach,
            lasts: Time::from_seconds(reach) + Time(1),
            rare: rare.map(|(share, tail)| (Points::new(rare_gap, mean / share, mean / share * NONE_IN_A_CELL), tail)),
        })
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
    repair: Key,
    share: Key,
    destroys_data: Key,
    detect: Key,
    destroys_backups: Key,
    spread: Vec<Key>,
}

impl<'a> Source<'a> {
    fn of(scenario: &'a Scenario, index: usize) -> Source<'a> {
        let hazard = &scenario.hazards[index];
        Source::new(index, hazard, scenario.only_delays(hazard), scenario.run.seed)
    }

    /// Where it is `asked`, no more than a few instants of a history matter.
    fn new(index: usize, hazard: &'a Hazard, asked: bool, seed: u64) -> Source<'a> {
        let key = |purpose: &str| Key::new(seed, &format!("hazards.{}.{purpose}", hazard.name));
        let spreads = hazard.outage.as_ref().map_or(0, |outage| outage.spreads_to.len());
        Source {
            index,
            name: name_hash(&hazard.name),
            hazard,
            cells: Cells::new(hazard, asked, (key("time_to_failure"), key("time_to_failure.exceptional"))),
            gap: key("time_to_failure"),
            repair: key("time_to_repair"),
            share: key("capacity_lost"),
            destroys_data: key("destroys_data"),
            detect: key("time_to_detect"),
            destroys_backups: key("destroys_backups"),
            spread: (0..spreads).map(|i| key(&format!("spreads_to.{i}"))).collect(),
        }
    }

    /// Where the hazard stands when `history` begins.
    #[inline]
    fn begin(&self, history: u64) -> Course {
        if let Some(cells) = &self.cells {
            return self.enter(cells, 0);
        }
        let gaps = self.gap.stream(Cause::new(history, 0, 0), 0);
        let mut usual = Walk { gaps, cell: 0, index: 0, at: Time::ZERO, fresh: false };
        self.next_onset(&mut usual, Time::ZERO);
        Course { rare: Walk { at: Time::NEVER, ..usual.clone() }, usual }
    }

    /// At the beginning of a cell, with nothing under way, and no exceptional candidate before it.
    #[inline]
    fn enter(&self, cells: &Cells, cell: i64) -> Course {
        let usual = cells.usual.enter(cell);
        let rare = match &cells.rare {
            Some((rare, _)) => rare.enter(0),
            None => Walk { at: Time::NEVER, fresh: false, ..usual.clone() },
        };
        Course { usual, rare }
    }

    /// A time before which no exceptional candidate comes.
    #[inline]
    fn first_rare(&self, history: u64) -> Time {
        let Some((rare, _)) = self.cells.as_ref().and_then(|cells| cells.rare.as_ref()) else { return Time::NEVER };
        let mut walk = rare.enter(0);
        rare.step(history, &mut walk);
        walk.at
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
            let Some(cells) = self.cells.as_ref().filter(|cells| !cells.rare_by(history, course, until)) else {
                while self.comes_by(history, course, until) {
                    self.take(history, course, changes);
                }
                continue;
            };
            while cells.usual.comes_by(history, &mut course.usual, until) {
                candidates.push((history, course.next()));
                cells.usual.step(history, &mut course.usual);
            }
        }
        let (Some(cells), Some(outage)) = (&self.cells, &self.hazard.outage) else { return };
        repairs.resize(candidates.len(), 0.0);
        let streams = candidates.iter().map(|&(history, event)| self.repair.stream_in_loop(self.key(history, event)));
        outage.time_to_repair.draw_each(streams, repairs);
        let mut drawn = candidates.iter().zip(&*repairs).peekable();
        for Timeline { history, courses, changes, .. } in timelines {
            let mut free = Time::ZERO;
            while let Some((&(_, event), &takes)) = drawn.next_if(|next| next.0.0 == *history) {
                if event.onset < free {
                    continue;
                }
                let key = self.key(*history, event);
                free = if cells.rare.is_some() && takes > cells.reach {
                    self.repaired(event, key)
                } else {
                    event.onset + Time::from_seconds(takes)
                };
                self.outage(outage, key, (event.onset, free), |at, kind| changes.push(self.change(event, at, kind)));
            }
            while courses[index].next_at() < free {
                cells.pass(*history, &mut courses[index]);
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
            course.usual.index += 1;
            self.next_onset(&mut course.usual, free);
            return;
        };
        cells.pass(history, course);
        while course.next_at() < free {
            cells.pass(history, course);
        }
    }

    /// To the event with the index of this walk, where events are drawn in turn and everything is up since `free`.
    fn next_onset(&self, walk: &mut Walk, free: Time) {
        walk.at = match &self.hazard.onset {
            Onset::Renewal(gap) => free + seconds(gap, &mut walk.gaps),
            Onset::At(onsets) => onsets.get(walk.index as usize).copied().unwrap_or(Time::NEVER),
        };
    }

    /// Whether the next event begins by then; cells are drawn until that is known.
    #[inline]
    fn comes_by(&self, history: u64, course: &mut Course, until: Time) -> bool {
        match &self.cells {
            Some(cells) => cells.comes_by(history, course, until),
            None => course.usual.stands_by(until),
        }
    }

    /// Moves `course`, which stands before `now`, to the first event that lasts beyond `now` or begins after it.
    #[inline]
    fn seek(&self, history: u64, now: Time, course: &mut Course) {
        // Nothing is left out where what an event spreads to may last longer than the event.
        let Some(cells) = &self.cells else { return };
        *course = self.enter(cells, 0);
        // By then no exceptional candidate lasts any more, be it an event or not.
        let mut over = Time::ZERO;
        while cells.rare_by(history, course, now) {
            over = over.max(self.repaired(course.exceptional(), self.key(history, course.exceptional())));
            cells.pass_rare(history, course);
        }
        if !self.regenerate(cells, history, (over, now), &mut course.usual) {
            *course = self.enter(cells, 0);
        }
        while self.comes_by(history, course, now) {
            let next = course.next();
            let ends = self.repaired(next, self.key(history, next));
            if ends > now {
                return;
            }
            self.pass(history, course, ends);
        }
    }

    /// When the hazard stirs next after `now`, or some time after `end` if it does not before that; `now` where something is
    /// the matter. `None` where a look at the cells around does not tell that. No exceptional candidate comes before `rare`.
    #[inline]
    fn glance(&self, history: u64, (now, end): (Time, Time), rare: Time) -> Option<Time> {
        let cells = self.cells.as_ref()?;
        let usual = &cells.usual;
        // Most often nothing is near.
        let cell = usual.cell((now - cells.lasts).max(Time::ZERO));
        let next = usual.begin(cell + 2).min(rare);
        let none = !(usual.any(history, cell) | usual.any(history, cell + 1));
        if none & (next > end) { Some(next) } else { self.look(history, cells, (now, end), rare) }
    }

    /// The same, from all candidates near.
    #[inline(never)]
    fn look(&self, history: u64, cells: &Cells, (now, end): (Time, Time), rare: Time) -> Option<Time> {
        let usual = &cells.usual;
        // Far enough back that what came before the last candidate is known too, where that was over.
        let from = usual.cell((now - cells.lasts - cells.lasts).max(Time::ZERO));
        let mut course = self.enter(cells, from);
        if rare <= now && cells.rare_by(history, &mut course, now) {
            return None;
        }
        // At the beginning of a history all is up.
        let (mut before, mut last) =
            (if from > 0 { usual.begin(from) } else { Time::ZERO - cells.lasts }, None::<Coming>);
        while self.comes_by(history, &mut course, now) {
            before = last.map_or(before, |last| last.onset);
            last = Some(course.next());
            usual.step(history, &mut course.usual);
        }
        let under_way = match last.filter(|last| now - last.onset < cells.lasts) {
            None => false,
            Some(last) if last.onset - before >= cells.lasts => self.repaired(last, self.key(history, last)) > now,
            Some(_) => return None,
        };
        self.comes_by(history, &mut course, end);
        Some(if under_way { now } else { course.next_at() })
    }

    /// Moves `usual` past the last instant of `[over, now]` at which surely nothing is under way, given that no exceptional
    /// candidate lasts then; returns whether there is one.
    fn regenerate(&self, cells: &Cells, history: u64, (over, now): (Time, Time), usual: &mut Walk) -> bool {
        let points = &cells.usual;
        for cell in (points.cell(over)..=points.cell(now)).rev() {
            *usual = points.enter(cell);
            let mut found = (cell == 0 && over == Time::ZERO).then(|| usual.clone());
            // Those of earlier cells came before this one begins.
            let mut last = usual.at;
            while points.comes_by(history, usual, now) {
                if usual.at >= over && usual.at - last >= cells.lasts {
                    found = Some(usual.clone());
                }
                last = usual.at;
                points.step(history, usual);
            }
            // Most often the last candidate is long over.
            if now >= over && now - last >= cells.lasts {
                return true;
            }
            if let Some(found) = found {
                *usual = found;
                return true;
            }
        }
        false
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

    /// How long all takes, the number of a hazard, and whether few instants are asked for.
    fn cases() -> impl Iterator<Item = (i64, usize, bool)> {
        [1, RARELY].into_iter().flat_map(|times| (0..20).map(move |number| (times, number / 2, number % 2 > 0)))
    }

    /// Drawn in so many pieces.
    fn listed(hazard: &Hazard, asked: bool, history: u64, span: Time, pieces: i64) -> Vec<Change> {
        let mut timeline = Timeline::with([Source::new(0, hazard, asked, 1)].into_iter());
        timeline.start(history, Time(span.0 / pieces));
        (2..=pieces).for_each(|piece| timeline.extend(Time(span.0 / pieces * piece)));
        (0..).map_while(|index| timeline.get(index).copied()).collect()
    }

    #[test]
    fn quiet_hazards_are_drawn_in_cells() {
        let in_cells = |times| {
            let told =
                |asked| hazards(times).iter().map(|hazard| Source::new(0, hazard, asked, 1).cells.is_some()).collect();
            let [few, all] = [true, false].map(told) as [Vec<bool>; 2];
            assert_eq!(few, all);
            all
        };
        assert_eq!(in_cells(1), [true, false, true, true, true, true, false, false, false, false]);
        assert_eq!(in_cells(RARELY), [true, true, true, true, true, true, false, false, false, false]);
    }

    /// However it is drawn, a list holds what its hazard tells when it is asked for one event after the other.
    #[test]
    fn a_list_is_what_comes_event_by_event() {
        for (times, number, asked) in cases() {
            let (hazard, span) = (&mut hazards(times)[number], span(times));
            if let Some(outage) = &mut hazard.outage {
                let share = Dist::uniform(0.1, 0.9).expect("valid");
                outage.capacity_loss = Some(CapacityLoss { sites: Vec::new(), share });
                outage.destroys_data = 0.5;
            }
            for history in 0..40 {
                let source = Source::new(0, hazard, asked, 1);
                let (mut course, mut changes) = (source.begin(history), Vec::new());
                while source.comes_by(history, &mut course, span) {
                    source.take(history, &mut course, &mut changes);
                }
                changes.retain(|change| change.at <= span);
                changes.sort_by_key(Change::order);
                for pieces in [1, 2, 50] {
                    assert_eq!(listed(hazard, asked, history, span, pieces), changes, "{pieces} pieces");
                }
            }
        }
    }

    /// Asked at any instants, a watch tells what the list says: what is down then, and every change while it is followed.
    #[test]
    fn a_watch_tells_what_the_list_says() {
        for (times, number, asked) in cases() {
            let (hazard, span) = (&hazards(times)[number], span(times));
            let mut watch = Watch::with(Source::new(0, hazard, asked, 1));
            let mut stream = Key::new(9, "instants").stream(Cause::of_history(number as u64), 0);
            for history in 0..40 {
                let list = listed(hazard, asked, history, span, 1);
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
                    if until >= span {
                        continue;
                    }
                    assert_eq!(watch.peek(until), next.first().copied(), "hazard {number}, history {history}");
                    for expected in next {
                        let change = watch.pop().expect("there is one");
                        assert_eq!(change, expected, "hazard {number}, history {history}");
                        toggle(&mut held, &change);
                        now = change.at;
                    }
                }
            }
        }
    }

    /// Looked at together, many spans are told what the list says: that something is down, or else that nothing changes
    /// until some time, most often the next change, or beyond the span.
    #[test]
    fn looks_at_many_spans_tell_what_the_list_says() {
        for (times, number, asked) in cases() {
            let (hazard, span) = (&hazards(times)[number], span(times));
            let mut stream = Key::new(9, "instants").stream(Cause::of_history(number as u64), 0);
            let mut within = |time: Time| Time((stream.random::<f64>() * time.0 as f64) as i64);
            let (early, short) = (Time(span.0 / 10 * 9), Time(span.0 / 100));
            let mut spans: Vec<(u64, Time, Time)> =
                (0..1000).map(|index| (index / 25, within(early), within(short))).collect();
            spans.sort_unstable();
            spans.iter_mut().for_each(|(_, now, end)| *end += *now);
            let mut until = vec![Time::NEVER; spans.len()];
            Watch::with(Source::new(0, hazard, asked, 1)).lower_to_next(spans.iter().copied(), &mut until);
            let (mut busy, mut told) = (0, 0);
            for (&(history, now, end), &until) in spans.iter().zip(&until) {
                let list = listed(hazard, asked, history, span, 1);
                if state(&list, now).is_empty() {
                    assert!(until > now, "hazard {number}, history {history}, at {now:?}");
                    let next = list.iter().map(|change| change.at).find(|at| *at > now).unwrap_or(Time::NEVER);
                    assert!(until <= next, "hazard {number}, history {history}, at {now:?}");
                    told += usize::from(until == next || until > end);
                } else {
                    assert!(until <= now, "hazard {number}, history {history}, at {now:?}");
                    busy += 1;
                }
            }
            assert!(4 * told > 3 * (1000 - busy), "hazard {number}: only {told} of {} looks are told", 1000 - busy);
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
