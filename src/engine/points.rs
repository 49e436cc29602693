//! Recovery points: which past instants the data can be brought back to.
//!
//! Periodic schedules are looked up backwards when an incident asks; they are never simulated as events.

use super::world::{LONG_AGO, World};
use crate::model::{Backups, PointInTime, SiteId};
use crate::plan::{Keys, Program};
use crate::rng::{Cause, Key, Stream};
use crate::units::Time;
use rand::RngExt;

/// What of a history decides which copies exist.
#[derive(Clone, Debug)]
pub(super) struct Copies<'a> {
    backups: Option<&'a Backups>,
    point_in_time: Option<&'a PointInTime>,
    keys: &'a Keys,
    history: u64,
    /// When the schedule of backups starts, in [0, every).
    phase: Time,
    /// Where the copies were made from, the latest last.
    epochs: Vec<Epoch>,
    /// Copies that start in one of these are bad for ever.
    bad: Vec<(Time, Time)>,
    /// Copies that are not immutable and older than this are gone.
    wiped: Time,
}

/// From when on copies were made at which site.
#[derive(Clone, Copy, Debug)]
struct Epoch {
    from: Time,
    site: SiteId,
    /// When the site before this one was lost; `None` where it handed over in good order.
    broken: Option<Time>,
}

/// The question that an incident asks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Query<'q> {
    pub(super) event: Cause,
    /// The incident opens; of a corruption, the stop.
    pub(super) at: Time,
    /// Only copies that lie here count.
    pub(super) target: Option<SiteId>,
    /// Only points before this count.
    pub(super) before: Option<Time>,
    /// The last backup that is complete then, if that was looked for.
    pub(super) last: Option<&'q Backup>,
}

/// A backup of the schedule.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backup {
    pub(super) number: i64,
    /// How long it takes.
    pub(super) takes: Time,
}

impl Backup {
    /// The last one that starts up to `at`, with what it takes still to be drawn; `phase` is when the schedule starts.
    #[inline]
    pub(super) fn last(at: Time, phase: Time, backups: &Backups) -> Backup {
        Backup { number: (at - phase).0.div_euclid(backups.every.0), takes: Time::ZERO }
    }

    /// When it starts.
    #[inline]
    pub(super) fn start(self, phase: Time, backups: &Backups) -> Time {
        phase + Time(self.number * backups.every.0)
    }

    /// Its draws are keyed by its number.
    #[inline]
    pub(super) fn cause(self, history: u64) -> Cause {
        Cause::new(history, 0, self.number as u64)
    }
}

/// When the schedule of backups starts in `history`, in [0, every).
#[inline]
pub(super) fn phase(backups: Option<&Backups>, keys: &Keys, history: u64) -> Time {
    backups.map_or(Time::ZERO, |backups| {
        Time(keys.backup_phase.stream(Cause::of_history(history), 0).random_range(0..backups.every.0.max(1)))
    })
}

/// The newest good point among the copies, and how many bad backups are tried before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Best {
    pub(super) point: Option<Time>,
    pub(super) bad: u32,
}

impl<'a> Copies<'a> {
    pub(super) fn new(program: &'a Program) -> Copies<'a> {
        Copies {
            backups: program.strategy.backups.as_ref(),
            point_in_time: program.strategy.point_in_time.as_ref(),
            keys: &program.keys,
            history: 0,
            phase: Time::ZERO,
            epochs: Vec::new(),
            bad: Vec::new(),
            wiped: LONG_AGO,
        }
    }

    /// In `history`, all schedules have been running at `home` for ever; that of backups since this phase, if it is known.
    pub(super) fn reset(&mut self, history: u64, home: SiteId, phase: Option<Time>) {
        self.history = history;
        self.phase = phase.unwrap_or_else(|| self::phase(self.backups, self.keys, history));
        self.epochs.clear();
        self.epochs.push(Epoch { from: LONG_AGO, site: home, broken: None });
        self.bad.clear();
        self.wiped = LONG_AGO;
    }

    /// From now on copies are made at `site`; `broken` is when the site before was lost.
    pub(super) fn move_to(&mut self, site: SiteId, now: Time, broken: Option<Time>) {
        if self.epochs.last().is_some_and(|epoch| epoch.site != site) {
            self.epochs.push(Epoch { from: now, site, broken });
        }
    }

    /// Copies made in `[onset, stop)` are bad for ever.
    pub(super) fn spoil(&mut self, onset: Time, stop: Time) {
        self.bad.push((onset, stop));
    }

    /// Copies older than `now` that are not immutable are gone.
    pub(super) fn wipe(&mut self, now: Time) {
        self.wiped = now;
    }

    /// The newest good point among point in time and backups.
    #[inline]
    pub(super) fn best(&self, query: &Query, world: &World) -> Best {
        match self.last_backup(query, world) {
            Some(start) => Best { point: Some(start), bad: 0 },
            None => self.search(query, world),
        }
    }

    /// When the last backup started that is complete, if that is known and surely the newest good point.
    #[inline]
    fn last_backup(&self, query: &Query, world: &World) -> Option<Time> {
        let (last, backups) = (query.last?, self.backups?);
        let start = last.start(self.phase, backups);
        let sure = self.point_in_time.is_none() && backups.usable >= 1.0 && start > self.oldest(query, backups);
        (sure && self.is_good(query, backups, world, start, || last.takes)).then_some(start)
    }

    /// The same, going back from backup to backup.
    #[inline(never)] // mostly the last one tells
    fn search(&self, query: &Query, world: &World) -> Best {
        let instant = self.point_in_time.and_then(|copies| self.instant(query, copies, world));
        let Some(backups) = self.backups else { return Best { point: instant, bad: 0 } };
        let older = self.oldest(query, backups).max(instant.unwrap_or(LONG_AGO));
        let mut bad = 0;
        let newest = || query.before.map_or(query.at, |before| query.at.min(before - Time(1)));
        let mut backup = query.last.copied().unwrap_or_else(|| Backup::last(newest(), self.phase, backups));
        let mut start = backup.start(self.phase, backups);
        while start > older {
            let draw = || Time::from_seconds(backups.takes.draw(|| self.stream(self.keys.backup_takes, backup)));
            let known = query.last.filter(|last| last.number == backup.number);
            if self.is_good(query, backups, world, start, || known.map_or_else(draw, |last| last.takes)) {
                if backups.usable >= 1.0
                    || self.stream(self.keys.backup_usable, backup).random::<f64>() < backups.usable
                {
                    return Best { point: Some(start), bad };
                }
                bad += 1;
            }
            backup.number -= 1;
            start -= backups.every;
        }
        Best { point: instant, bad }
    }

    fn stream(&self, key: Key, backup: Backup) -> Stream {
        key.stream(backup.cause(self.history), 0)
    }

    /// Backups that started up to then are gone.
    #[inline]
    fn oldest(&self, query: &Query, backups: &Backups) -> Time {
        let expired = query.at - backups.kept_for;
        if backups.immutable { expired } else { expired.max(self.wiped - Time(1)) }
    }

    /// Whether a backup that started then and `takes` so long can be brought back, but for luck.
    #[inline]
    fn is_good(
        &self,
        query: &Query,
        backups: &Backups,
        world: &World,
        start: Time,
        takes: impl FnOnce() -> Time,
    ) -> bool {
        if !lies(&backups.at, query.target, start, world) || self.bad.iter().any(|bad| within(start, bad)) {
            return false;
        }
        let source =
            self.epochs.iter().rev().find(|epoch| epoch.from <= start).expect("the first has no beginning").site;
        let end = start + takes();
        // While its source is down none starts, and one under way is lost.
        end <= query.at && !world.was_down(source, start, end)
    }

    /// The newest instant that point in time can bring back.
    fn instant(&self, query: &Query, copies: &PointInTime, world: &World) -> Option<Time> {
        let lag = Time::from_seconds(copies.lag.draw(|| self.keys.point_in_time_lag.stream(query.event, 0)));
        let oldest = query.at - copies.kept_for;
        let mut end = query.at;
        for epoch in self.epochs.iter().rev() {
            let newest = query.before.unwrap_or(Time::NEVER).min(end - lag);
            let newest = self.before_bad(newest);
            let kept = copies.immutable || newest >= self.wiped;
            if newest >= epoch.from {
                let exists = newest >= oldest && kept && lies(&copies.at, query.target, newest, world);
                return exists.then_some(newest);
            }
            end = epoch.broken.unwrap_or(end);
        }
        None
    }

    /// The newest instant up to `instant` that no corruption has spoilt.
    fn before_bad(&self, instant: Time) -> Time {
        self.bad.iter().rev().fold(instant, |instant, bad| if within(instant, bad) { bad.0 } else { instant })
    }
}

/// Whether something copied at `instant` lies at `target` (or anywhere), at a site that has not lost it since.
fn lies(at: &[bool], target: Option<SiteId>, instant: Time, world: &World) -> bool {
    let there = |site: usize| at[site] && instant >= world.sites[site].destroyed;
    match target {
        Some(site) => there(site.0),
        None => (0..at.len()).any(there),
    }
}

fn within(instant: Time, bad: &(Time, Time)) -> bool {
    bad.0 < instant && instant < bad.1
}
