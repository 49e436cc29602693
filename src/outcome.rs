//! What happened in one history under one strategy: what the engine makes and everything after it reads.

use crate::model::ComponentId;
use crate::units::Time;
use std::fmt;
use std::ops::{Deref, DerefMut};

/// One simulated life of the system under one strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// In the order in which they opened; measured whole, also past the horizon.
    pub incidents: Incidents,
    /// Full-outage time (integral of 1 - served) within the horizon, planned outages apart.
    pub downtime: Time,
    /// Planned outage (failback) within the horizon.
    pub planned_downtime: Time,
    /// By year of the history, the last one perhaps cut by the horizon.
    pub years: Vec<Year>,
}

/// The incidents of a history: a slice of them. Room of those of an earlier history is kept behind them.
#[derive(Default)]
pub struct Incidents {
    /// Those that there are come first.
    records: Vec<Incident>,
    count: usize,
}

impl Incidents {
    /// There are none any more.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
    }

    /// Another one, of which nothing is known yet but that `hazard` opened it at that time, to be written where it stays; its
    /// outage is divided into so many bands.
    #[inline]
    pub(crate) fn open(&mut self, hazard: usize, at: Time, bands: usize) -> &mut Incident {
        if self.count == self.records.len() {
            self.make_room(bands);
        }
        let record = &mut self.records[self.count];
        self.count += 1;
        record.renew(hazard, at);
        record
    }

    #[cold]
    #[inline(never)]
    fn make_room(&mut self, bands: usize) {
        self.records.push(Incident::unknown(bands));
    }

    /// The same, to be handed back by [`Incidents::push`].
    pub(crate) fn begin(&mut self, hazard: usize, at: Time, bands: usize) -> Incident {
        let spare = if self.records.len() > self.count { self.records.pop() } else { None };
        let mut record = spare.unwrap_or_else(|| Incident::unknown(bands));
        record.renew(hazard, at);
        record
    }

    /// Adds one behind the others.
    pub(crate) fn push(&mut self, incident: Incident) {
        self.records.push(incident);
        let last = self.records.len() - 1;
        self.records.swap(self.count, last);
        self.count += 1;
    }
}

impl Deref for Incidents {
    type Target = [Incident];

    fn deref(&self) -> &[Incident] {
        &self.records[..self.count]
    }
}

impl DerefMut for Incidents {
    fn deref_mut(&mut self) -> &mut [Incident] {
        &mut self.records[..self.count]
    }
}

impl From<Vec<Incident>> for Incidents {
    fn from(records: Vec<Incident>) -> Incidents {
        Incidents { count: records.len(), records }
    }
}

impl<'a> IntoIterator for &'a Incidents {
    type Item = &'a Incident;
    type IntoIter = std::slice::Iter<'a, Incident>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Clone for Incidents {
    fn clone(&self) -> Incidents {
        self.to_vec().into()
    }
}

impl PartialEq for Incidents {
    fn eq(&self, other: &Incidents) -> bool {
        **self == **other
    }
}

impl fmt::Debug for Incidents {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

/// What a year held besides its incidents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Year {
    /// Full-outage time outside incidents, planned outages apart, within the horizon.
    pub dips: Time,
    /// Planned outage within the horizon.
    pub planned: Time,
    /// Time during which the service ran away from home (with a failback to come), within the horizon.
    pub away: Time,
}

/// Some of the years of a history, bit by bit. Nothing foretells which: so they are noted without a branch for each.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct YearSet(Vec<u64>);

impl YearSet {
    const WORD: usize = u64::BITS as usize;

    /// None of so many.
    pub(crate) fn none(count: usize) -> YearSet {
        YearSet(vec![0; count.div_ceil(Self::WORD)])
    }

    pub(crate) fn clear(&mut self) {
        self.0.fill(0);
    }

    /// Those of all `years`, as many as there may be in the set, that are `wanted`.
    #[inline]
    pub(crate) fn set_to(&mut self, years: &[Year], wanted: impl Fn(&Year) -> bool) {
        debug_assert_eq!(self.0.len(), years.len().div_ceil(Self::WORD), "a set of other years");
        for (word, years) in self.0.iter_mut().zip(years.chunks(Self::WORD)) {
            *word = years.iter().rev().fold(0, |before, year| before << 1 | u64::from(wanted(year)));
        }
    }

    /// Adds a year, if it is `wanted`.
    #[inline]
    pub(crate) fn add(&mut self, year: usize, wanted: bool) {
        self.0[year / Self::WORD] |= u64::from(wanted) << (year % Self::WORD);
    }

    /// How many there are.
    #[inline]
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Ascending.
    #[inline]
    pub(crate) fn for_each(&self, mut what: impl FnMut(usize)) {
        for (word, &years) in self.0.iter().enumerate() {
            let mut left = years;
            while left != 0 {
                what(word * Self::WORD + left.trailing_zeros() as usize);
                left &= left - 1;
            }
        }
    }
}

/// A disruption and its recovery.
#[derive(Clone, Debug, PartialEq)]
pub struct Incident {
    /// Index of the hazard that opened it.
    pub hazard: usize,
    /// When the failure began; of a corruption, when the data went bad.
    pub onset: Time,
    /// When the clock started: the disruption; of a corruption, the stop.
    pub opened: Time,
    /// The end of the decision.
    pub declared: Option<Time>,
    /// Achieved recovery time; never where unresolved.
    pub rto: Time,
    /// The same from the declaration.
    pub rto_from_declaration: Option<Time>,
    /// Achieved data loss; never where everything is lost.
    pub rpo: Time,
    /// Of a corruption, from its onset to the stop.
    pub exposure: Option<Time>,
    /// How it ended.
    pub ended: Ended,
    /// Time on the critical path in which work stood still.
    pub waited: Time,
    /// Of that, by the component that was down (or, a data plane, short of capacity). The rest: a plan that was suspended,
    /// a restart that was cut short.
    pub waits: Vec<(ComponentId, Time)>,
    /// Whether a step that the restoration depended on needed the target's control plane.
    pub control_plane_needed: bool,
    /// Full-outage time (integral of 1 - served) by age of the incident: one entry for each band of
    /// `Costs::downtime_per_hour`.
    pub outage: Vec<Time>,
    /// Time on the critical path by step, from the last one back to the first: (plan, index of the step in it, time at work).
    pub phases: Vec<(PlanKind, usize, Time)>,
}

impl Incident {
    /// The year of the history in which it began, from 0.
    #[inline]
    pub fn year(&self) -> usize {
        (self.onset.0.max(0) / Time::YEAR.0) as usize
    }

    /// Room for one of whose outage this many bands are told apart.
    fn unknown(bands: usize) -> Incident {
        Incident {
            hazard: 0,
            onset: Time::ZERO,
            opened: Time::ZERO,
            declared: None,
            rto: Time::NEVER,
            rto_from_declaration: None,
            rpo: Time::ZERO,
            exposure: None,
            ended: Ended::Unresolved,
            waited: Time::ZERO,
            waits: Vec::new(),
            control_plane_needed: false,
            outage: vec![Time::ZERO; bands],
            phases: Vec::new(),
        }
    }

    /// Nothing is known of it yet but what opened it, and when.
    #[inline]
    fn renew(&mut self, hazard: usize, at: Time) {
        (self.hazard, self.onset, self.opened) = (hazard, at, at);
        (self.declared, self.rto, self.rto_from_declaration) = (None, Time::NEVER, None);
        (self.rpo, self.exposure, self.ended) = (Time::ZERO, None, Ended::Unresolved);
        (self.waited, self.control_plane_needed) = (Time::ZERO, false);
        match &mut self.outage[..] {
            [all] => *all = Time::ZERO,
            bands => bands.fill(Time::ZERO),
        }
        self.waits.clear();
        self.phases.clear();
    }
}

/// How an incident ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Traffic moved to another site.
    FailedOver,
    /// The site came back first, or was waited for.
    Resumed,
    /// Good data were restored from copies.
    Restored,
    /// No good data were left.
    Unrecoverable,
    /// Still open one horizon after the horizon.
    Unresolved,
}

/// Which of a strategy's plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PlanKind {
    /// A site is lost.
    Failover,
    /// The data are bad.
    Restore,
}

impl Ended {
    /// Every way, in the order of the tables.
    pub const ALL: [Ended; 5] =
        [Ended::FailedOver, Ended::Resumed, Ended::Restored, Ended::Unrecoverable, Ended::Unresolved];

    /// As the result files write it.
    pub fn name(self) -> &'static str {
        match self {
            Ended::FailedOver => "failed-over",
            Ended::Resumed => "resumed",
            Ended::Restored => "restored",
            Ended::Unrecoverable => "unrecoverable",
            Ended::Unresolved => "unresolved",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_of_a_set_are_found_however_many_there_are() {
        for held in [vec![], vec![0], vec![0, 63, 64, 127, 128, 129], (0..130).collect::<Vec<_>>()] {
            let mut years = vec![Year::default(); 130];
            held.iter().for_each(|&year: &usize| years[year].away = Time(1));
            let (mut one, mut other) = (YearSet::none(years.len()), YearSet::none(years.len()));
            one.set_to(&years, |year| year.away > Time::ZERO);
            (0..130).rev().for_each(|year| other.add(year, held.contains(&year)));
            assert_eq!((&one, one.count()), (&other, held.len() as u64));
            let mut found = Vec::new();
            one.for_each(|year| found.push(year));
            assert_eq!(found, held);
        }
    }
}
