//! What a history costs: an outcome and prices make a bill (`docs/model.md`, section 8).
//!
//! Money is a whole number of millionths, so that parts add up to their total exactly, in any order. What comes to a year is
//! added up in floating point, in the order of the incidents, and rounded once.
//!
//! Assumption: a schedule that runs for ever takes its mean number of backups and drills a year, and conflicts are
//! counted by their mean rate, outages or not.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use crate::model::{Costs, Scenario, Strategy};
use crate::outcome::{Ended, Incident, Outcome, YearSet};
use crate::units::{Time, nearest_of_short};

/// Hours in a year of 365 days.
const HOURS_A_YEAR: f64 = 8760.0;
/// Months of 730 h in a year.
const MONTHS_A_YEAR: f64 = 12.0;
/// Bytes in a GiB.
const GIB: f64 = 1_073_741_824.0;

/// An amount in millionths of the currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Money(pub i128);

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);
    /// Millionths in one unit of the currency.
    pub const SCALE: f64 = 1e6;
    /// What a single amount is capped at: 1e15 units of the currency.
    const LIMIT: f64 = 1e21;

    /// The nearest millionth.
    #[inline]
    pub fn new(amount: f64) -> Money {
        Money::of_millionths(amount * Self::SCALE)
    }

    #[inline]
    fn of_millionths(scaled: f64) -> Money {
        #[cold]
        #[inline(never)]
        fn huge(scaled: f64) -> Money {
            Money(scaled.clamp(-Money::LIMIT, Money::LIMIT).round_ties_even() as i128)
        }
        nearest_of_short(scaled).map_or_else(|| huge(scaled), |millionths| Money(millionths.into()))
    }

    /// In millionths, rounded.
    #[inline]
    pub(crate) fn millionths(self) -> f64 {
        #[cold]
        #[inline(never)]
        fn of_huge(amount: i128) -> f64 {
            amount as f64
        }
        // All others are converted by the processor itself.
        i64::try_from(self.0).map_or_else(|_| of_huge(self.0), |amount| amount as f64)
    }

    /// In units of the currency.
    pub fn amount(self) -> f64 {
        self.millionths() / Self::SCALE
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Add::add)
    }
}

/// Exact, without superfluous zeros: `31000`, `0.5`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, sign) = (self.0.unsigned_abs(), if self.0 < 0 { "-" } else { "" });
        let (whole, fraction) = (size / 1_000_000, size % 1_000_000);
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        write!(f, "{sign}{whole}.{}", format!("{fraction:06}").trim_end_matches('0'))
    }
}

/// The parts of a cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// What stands by, copies and their transfer, backups and drills, extra, compute bought while away from home.
    pub infrastructure: Money,
    /// Outages, dips and planned outages.
    pub downtime: Money,
    /// Data lost.
    pub data_loss: Money,
    /// Fees of incidents and failovers, conflicts.
    pub other: Money,
}

impl Parts {
    /// All of them together.
    pub fn total(self) -> Money {
        self.infrastructure + self.downtime + self.data_loss + self.other
    }
}

impl AddAssign for Parts {
    fn add_assign(&mut self, other: Parts) {
        self.infrastructure += other.infrastructure;
        self.downtime += other.downtime;
        self.data_loss += other.data_loss;
        self.other += other.other;
    }
}

/// What one history costs under one strategy.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bill {
    /// By year, the last one perhaps cut by the horizon: what it costs when nothing happens.
    quiet: Vec<Money>,
    /// The years in which something happened, ascending, and what they cost.
    eventful: Vec<(usize, BilledYear)>,
    /// Over all years.
    parts: Parts,
    charged: Time,
    incidents: Vec<Money>,
    /// Room to make the bill out.
    room: Room,
}

/// A year of a bill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BilledYear {
    /// All that it costs. What an incident costs falls in the year of its onset, whole.
    pub total: Money,
    /// Of that, what its outages, dips and planned outages cost.
    pub downtime: Money,
    /// Full-outage time that it is charged for.
    pub charged: Time,
}

/// What comes to the years of a bill while it is made out; between two bills, nothing.
#[derive(Clone, Debug, Default, PartialEq)]
struct Room {
    /// Years in which something happened.
    eventful: YearSet,
    /// By year.
    extras: Vec<Extra>,
}

/// What comes to the cost of a year in which nothing happens, in millionths that are rounded when all is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Extra {
    infrastructure: f64,
    downtime: f64,
    data_loss: f64,
    other: f64,
    charged: Time,
}

impl Extra {
    fn parts(&self) -> Parts {
        Parts {
            infrastructure: Money::of_millionths(self.infrastructure),
            downtime: Money::of_millionths(self.downtime),
            data_loss: Money::of_millionths(self.data_loss),
            other: Money::of_millionths(self.other),
        }
    }
}

impl Bill {
    /// Of years that cost so much when nothing happens.
    fn quiet(years: &[Parts]) -> Bill {
        let mut bill = Bill { quiet: years.iter().map(|parts| parts.total()).collect(), ..Bill::default() };
        bill.room = Room { eventful: YearSet::none(years.len()), extras: vec![Extra::default(); years.len()] };
        years.iter().for_each(|parts| bill.parts += *parts);
        bill
    }

    /// Of years in all of which something happened: what they cost and the full-outage time that they are charged for.
    pub fn new(years: impl Iterator<Item = (Parts, Time)>) -> Bill {
        let mut bill = Bill::default();
        for (year, (parts, charged)) in years.enumerate() {
            bill.quiet.push(Money::ZERO);
            bill.add(year, parts, charged);
        }
        bill
    }

    /// Something happened in a year; the next one comes later.
    #[inline]
    fn add(&mut self, year: usize, parts: Parts, charged: Time) {
        self.parts += parts;
        self.charged += charged;
        let total = self.quiet[year] + parts.total();
        self.eventful.push((year, BilledYear { total, downtime: parts.downtime, charged }));
    }

    /// By year, the last one perhaps cut by the horizon.
    pub fn years(&self) -> Vec<BilledYear> {
        let quiet = self.quiet.iter().map(|&total| BilledYear { total, ..BilledYear::default() });
        let mut years: Vec<BilledYear> = quiet.collect();
        self.eventful.iter().for_each(|&(year, billed)| years[year] = billed);
        years
    }

    /// The years in which something happened, ascending, with their numbers.
    pub(crate) fn eventful(&self) -> impl Iterator<Item = (usize, &BilledYear)> {
        self.eventful.iter().map(|(year, billed)| (*year, billed))
    }

    /// What each of the others costs that is a whole year; so does the only one, if it is shorter.
    pub(crate) fn quiet_year(&self) -> Money {
        self.quiet.first().copied().unwrap_or_default()
    }

    /// The parts over all years.
    pub fn parts(&self) -> Parts {
        self.parts
    }

    /// Full-outage time that all years are charged for.
    pub fn charged(&self) -> Time {
        self.charged
    }

    /// All of it.
    pub fn total(&self) -> Money {
        self.parts().total()
    }

    /// What each incident costs by itself, in their order: its downtime, its data loss, its fees; rounded as a whole, so that
    /// they add up to the bill's but for rounding. Of a bill that was not itemised there are none.
    pub fn incidents(&self) -> &[Money] {
        &self.incidents
    }
}

/// A price of an hour, made ready: in millionths, for a microsecond.
#[derive(Clone, Copy, Debug)]
struct Rate(f64);

impl Rate {
    fn an_hour(price: f64) -> Rate {
        Rate(price * Money::SCALE / Time::HOUR.0 as f64)
    }

    /// What so long costs.
    #[inline]
    fn of(self, time: Time) -> f64 {
        self.0 * if time.is_never() { f64::INFINITY } else { time.0 as f64 }
    }
}

/// The prices of a scenario, made ready for one of its strategies.
#[derive(Clone, Debug)]
pub struct Tariff<'a> {
    costs: &'a Costs,
    /// The bill of a history in which nothing happens.
    quiet: Bill,
    /// Compute bought while the service runs away from home.
    surge: Rate,
    /// Downtime of an incident, by band.
    downtime: Vec<Rate>,
    /// Downtime outside incidents.
    dips: Rate,
    data_loss: Rate,
    /// Fees of an incident, and of one that ended with a failover, in millionths.
    fees: [f64; 2],
}

impl<'a> Tariff<'a> {
    /// Of the strategy with index `strategy`.
    pub fn new(scenario: &'a Scenario, strategy: usize) -> Tariff<'a> {
        let plan = &scenario.strategies[strategy];
        let (fixed, conflicts) = (infrastructure_per_year(scenario, plan), conflicts_per_year(plan));
        let horizon = scenario.run.horizon;
        let quiet = |year: i64| {
            let length = (horizon - Time(Time::YEAR.0 * year)).min(Time::YEAR).years().max(0.0);
            Parts {
                infrastructure: Money::new(fixed * length),
                other: Money::new(conflicts * scenario.costs.per_conflict * length),
                ..Parts::default()
            }
        };
        let downtime: Vec<Rate> = scenario.costs.downtime_per_hour.iter().map(|band| Rate::an_hour(band.1)).collect();
        Tariff {
            costs: &scenario.costs,
            quiet: Bill::quiet(&(0..(horizon.years().ceil() as i64).max(1)).map(quiet).collect::<Vec<Parts>>()),
            surge: Rate::an_hour((1.0 - plan.standby_capacity) * scenario.costs.compute_per_hour),
            dips: downtime.first().copied().unwrap_or(Rate::an_hour(0.0)),
            downtime,
            data_loss: Rate::an_hour(scenario.costs.data_loss_per_hour),
            fees: [0.0, scenario.costs.per_failover]
                .map(|failover| (scenario.costs.per_incident + failover) * Money::SCALE),
        }
    }

    /// The bill of a history in which nothing happens.
    pub fn quiet(&self) -> Bill {
        self.quiet.clone()
    }

    /// The bill of one history, with its incidents.
    pub fn bill(&self, outcome: &Outcome) -> Bill {
        let mut bill = self.quiet();
        self.make_out(outcome, &mut bill);
        self.itemise(outcome, &mut bill);
        bill
    }

    /// The same but for its incidents, in the room of another bill of this tariff.
    pub fn make_out(&self, outcome: &Outcome, bill: &mut Bill) {
        self.clear(bill);
        let mut room = std::mem::take(&mut bill.room);
        let Room { eventful, extras } = &mut room;
        eventful.set_to(&outcome.years, |year| year.dips.0 | year.planned.0 | year.away.0 != 0);
        eventful.for_each(|index| {
            let year = &outcome.years[index];
            let unserved = year.dips + year.planned;
            let (infrastructure, downtime) = (self.surge.of(year.away), self.dips.of(unserved));
            extras[index] = Extra { infrastructure, downtime, charged: unserved, ..Extra::default() };
        });
        let last = extras.len() - 1;
        for incident in &outcome.incidents {
            let year = incident.year().min(last);
            eventful.add(year, true);
            let extra = &mut extras[year];
            extra.downtime += self.downtime_of(incident);
            extra.data_loss += self.data_loss_of(incident);
            extra.other += self.fee_of(incident);
            extra.charged += total_outage(incident);
        }
        eventful.for_each(|year| {
            let extra = std::mem::take(&mut extras[year]);
            bill.add(year, extra.parts(), extra.charged);
        });
        eventful.clear();
        bill.room = room;
    }

    /// Adds to a bill of an outcome what each of its incidents costs by itself.
    pub fn itemise(&self, outcome: &Outcome, bill: &mut Bill) {
        let cost = |incident| self.downtime_of(incident) + self.data_loss_of(incident) + self.fee_of(incident);
        bill.incidents.extend(outcome.incidents.iter().map(|incident| Money::of_millionths(cost(incident))));
    }

    /// Makes it the bill of a history in which nothing happens again.
    fn clear(&self, bill: &mut Bill) {
        bill.eventful.clear();
        (bill.parts, bill.charged) = (self.quiet.parts, Time::ZERO);
        bill.incidents.clear();
        debug_assert!(*bill == self.quiet, "a bill of another tariff");
    }

    /// What the downtime of an incident costs, in millionths.
    #[inline]
    fn downtime_of(&self, incident: &Incident) -> f64 {
        match (&self.downtime[..], &incident.outage[..]) {
            ([rate], [outage]) => rate.of(*outage), // one price at every age, as in most scenarios
            (rates, outage) => rates.iter().zip(outage).map(|(rate, outage)| rate.of(*outage)).sum(),
        }
    }

    /// What its data loss costs, in millionths. An infinite one has no price but `unrecoverable_loss`.
    #[inline]
    fn data_loss_of(&self, incident: &Incident) -> f64 {
        match incident.ended == Ended::Unrecoverable || incident.rpo.is_never() {
            true => self.costs.unrecoverable_loss * Money::SCALE,
            false => self.data_loss.of(incident.rpo),
        }
    }

    /// Its fees, in millionths.
    #[inline]
    fn fee_of(&self, incident: &Incident) -> f64 {
        self.fees[usize::from(incident.ended == Ended::FailedOver)]
    }
}

/// The bill of one history of the strategy with index `strategy`.
pub fn bill(scenario: &Scenario, strategy: usize, outcome: &Outcome) -> Bill {
    Tariff::new(scenario, strategy).bill(outcome)
}

/// Full-outage time of an incident, of every age.
pub fn total_outage(incident: &Incident) -> Time {
    match &incident.outage[..] {
        [all] => *all,
        bands => bands.iter().fold(Time::ZERO, |sum, part| sum + *part),
    }
}

/// What a strategy costs a year when nothing happens, conflicts apart.
pub fn infrastructure_per_year(scenario: &Scenario, strategy: &Strategy) -> f64 {
    let (costs, workload) = (&scenario.costs, &scenario.workload);
    let others = scenario.sites.len() as f64 - 1.0;
    let capacity = match &strategy.active_active {
        Some(active) => active.capacity.iter().sum(),
        None => 1.0 + strategy.standby_capacity * others,
    };
    let live = if is_live_elsewhere(strategy) { 1.0 + others } else { 1.0 };
    let data = workload.data / GIB;
    let written_a_year = workload.write_rate / GIB * 3600.0 * HOURS_A_YEAR;
    let store = |at: &[bool], kept_for: Time| {
        let sites = at.iter().filter(|&&holds| holds).count() as f64;
        sites * (data + workload.write_rate / GIB * kept_for.seconds()) * costs.backup_per_gib_month * MONTHS_A_YEAR
    };
    let backups = strategy.backups.as_ref();
    let point_in_time = strategy.point_in_time.as_ref();
    capacity * costs.compute_per_hour * HOURS_A_YEAR
        + live * (costs.database_per_hour * HOURS_A_YEAR + data * costs.storage_per_gib_month * MONTHS_A_YEAR)
        + backups.map_or(0.0, |kept| store(&kept.at, kept.kept_for))
        + point_in_time.map_or(0.0, |kept| store(&kept.at, kept.kept_for))
        + written_a_year * costs.transfer_per_gib * destinations(scenario, strategy) as f64
        + backups.map_or(0.0, |kept| a_year(kept.every)) * costs.per_backup
        + drills_per_year(strategy) * costs.per_drill
        + strategy.extra_per_year
}

fn is_live_elsewhere(strategy: &Strategy) -> bool {
    strategy.replication.is_some() || strategy.active_active.is_some()
}

/// Sites other than home to which what is written is sent, once each: those that hold a live copy or copies.
fn destinations(scenario: &Scenario, strategy: &Strategy) -> usize {
    let live = is_live_elsewhere(strategy);
    let backups = strategy.backups.as_ref().map(|kept| &kept.at);
    let point_in_time = strategy.point_in_time.as_ref().map(|kept| &kept.at);
    let holds = |site: usize| {
        let copies = |at: Option<&Vec<bool>>| at.is_some_and(|at| at.get(site) == Some(&true));
        live || copies(backups) || copies(point_in_time)
    };
    (0..scenario.sites.len()).filter(|&site| site != scenario.workload.home.0 && holds(site)).count()
}

/// How often something with this interval happens in a year.
fn a_year(every: Time) -> f64 {
    if every <= Time::ZERO { 0.0 } else { Time::YEAR.seconds() / every.seconds() }
}

/// The drills of the strategy, and those of single steps that keep to a schedule of their own.
fn drills_per_year(strategy: &Strategy) -> f64 {
    let mut schedules: Vec<Time> = strategy.drills.into_iter().collect();
    let steps = strategy.failover.iter().chain(&strategy.restore);
    for own in steps.filter_map(|step| step.latent_faults.as_ref()?.drilled_every) {
        if !schedules.contains(&own) {
            schedules.push(own);
        }
    }
    schedules.into_iter().map(a_year).sum()
}

/// Writes lost to a conflict a year: a write is lost with probability
/// `1 - exp(-rate at the other sites x mean lag / hot records)`; 0 unless every site takes every write.
pub fn conflicts_per_year(strategy: &Strategy) -> f64 {
    use crate::model::Writes;
    let (Some(active), Some(conflicts), Some(replication)) =
        (&strategy.active_active, &strategy.conflicts, &strategy.replication)
    else {
        return 0.0;
    };
    match active.writes {
        Writes::Global | Writes::Partitioned => 0.0,
        Writes::Local => {
            let exposure = replication.lag.mean() / conflicts.hot_records.max(f64::MIN_POSITIVE);
            let lost = |share: &f64| {
                let elsewhere = conflicts.writes_per_second * (1.0 - share);
                conflicts.writes_per_second * share * -(-elsewhere * exposure).exp_m1()
            };
            active.shares.iter().map(lost).sum::<f64>() * Time::YEAR.seconds()
        }
    }
}
