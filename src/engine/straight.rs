//! An outage that nothing disturbs, lived through in one go instead of event by event.
//!
//! Most often all else is up when something fails, and nothing else happens until all is as it was before. Then every
//! instant that matters is known as soon as the draws are: when the steps of the plan end, when traffic moves or the site
//! is back before that, when all is served, when the copy follows again, when the service is home. So they are worked
//! out first; if anything is not that simple, nothing has changed yet, and the outage is left to the events. The draws,
//! and the rules, are those of `incident`, `steps` and `home`; work stands still only where the outage itself spreads to
//! what a step needs. What no draw decides is the same each time that a hazard strikes, so its rules are asked once: a
//! [`Case`].

use super::block::{Prepared, Quiet, Strike, Strikes};
use super::life::{Life, Standing};
use super::path;
use super::points::{self, Backup};
use super::rounds::Rounds;
use super::run::{Aim, Wait};
use super::served::{Flow, Late};
use super::sites::Sites;
use super::steps::{meets_bad_backup, skipped};
use crate::dist::Dist;
use crate::hazard::{Change, Event, Watch};
use crate::model::{Backups, ComponentId, OnRepair, Outage, Response, Scenario, SiteId};
use crate::outcome::{Ended, Incident, PlanKind};
use crate::plan::{Before, Keys, Plan, Program, Task};
use crate::rng::{Cause, Key, Stream};
use crate::units::Time;
use std::ops::RangeInclusive;

/// Whether outages may be lived through in one go under this strategy: only the step that makes capacity ready depends
/// on how much there is, and at most one live copy is made anew.
pub(super) fn is_simple(scenario: &Scenario, program: &Program) -> bool {
    let plan = &program.failover;
    let scaled = |step: usize| plan.steps[step].step.scaled_by_missing_capacity;
    let simple = |step: usize| !scaled(step) || plan.capacity == Some(step);
    let copies = program.strategy.replication.is_some() || program.writes.is_some();
    (!copies || scenario.sites.len() == 2) && (0..plan.steps.len()).all(simple)
}

/// An outage has spread to components that nothing but the steps of a plan waits for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stall {
    /// Which of the outage's spreads.
    pub(super) spread: usize,
    pub(super) from: Time,
    pub(super) to: Time,
}

impl Stall {
    /// What `work` that begins at `at` waits for `on`, if it does, and when it ends. Components change before steps do
    /// what is due at the same instant.
    fn hold_up(&self, at: Time, work: Time, restarts: bool, on: ComponentId) -> (Option<Wait>, Time) {
        if at + work < self.from || at >= self.to {
            return (None, at + work);
        }
        let from = at.max(self.from);
        let left = if restarts { work } else { work - (from - at) };
        (Some(Wait { on: Some(on), from, to: self.to }), self.to + left)
    }
}

/// What an outage of a hazard leads to when all else is up and nothing is under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    rest: Rest,
    /// Sites whose data planes go down.
    dark: Sites,
    /// Serving sites that are lost, and the one that the incident is about.
    lost: Sites,
    site: SiteId,
    /// The share of the load that is served meanwhile.
    served: f64,
    /// What the service waits for at that site.
    lacking: Option<ComponentId>,
    reaction: Reaction,
}

/// Where the service runs while nothing is the matter. (The writer tells the others; a case is asked anew where it should not.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rest {
    member: Sites,
    home: SiteId,
    writer: SiteId,
}

/// What is done about an outage.
#[derive(Clone, Copy, Debug)]
enum Reaction {
    /// It is not as simple as that.
    Events,
    /// No site is lost, but some serve less, by a share that is drawn; the repair is waited for.
    Less,
    /// The repair is waited for.
    Wait,
    FailOver(Way),
}

/// How a site takes over.
#[derive(Clone, Copy, Debug)]
struct Way {
    target: SiteId,
    /// Capacity that stands ready there.
    ready: f64,
    /// The restoration depends on the control plane there.
    control_plane_needed: bool,
    /// The share of the load whose users arrive late.
    late: f64,
}

/// Where outages that nothing disturbs are worked out.
#[derive(Clone, Debug)]
pub(super) struct Room {
    /// By hazard and writer: what its outage leads to, once that was asked.
    cases: Vec<Option<Case>>,
    /// By hazard.
    ahead: Vec<Ahead>,
    /// The number of some history, and when the schedule of backups starts in it and the next ones.
    phases: (u64, Vec<Time>),
    sketch: Sketch,
}

impl Room {
    pub(super) fn new(scenario: &Scenario) -> Room {
        let (hazards, sites) = (scenario.hazards.len(), scenario.sites.len());
        Room {
            cases: vec![None; hazards * sites],
            ahead: vec![Ahead { wanted: true, ..Ahead::default() }; hazards],
            phases: Default::default(),
            sketch: Sketch::default(),
        }
    }

    /// When the schedule of backups starts in `history`, if that was drawn.
    #[inline]
    pub(super) fn phase(&self, history: u64) -> Option<Time> {
        let (first, phases) = &self.phases;
        phases.get(history.checked_sub(*first)? as usize).copied()
    }
}

/// Where it is not known how long a plan will take, what sleepers do is looked for so far ahead: most plans are over by
/// then, and one that is not may be left to the events.
const WHILE: Time = Time::DAY;

/// The plans of so many outages are added up together: so few that what is known of them stays near the processor.
const TOGETHER: usize = 32;

/// What failovers take, drawn ahead for all outages of a hazard in a block.
#[derive(Clone, Debug, Default)]
struct Ahead {
    /// Whether its outages lead to failovers, as far as that was asked.
    wanted: bool,
    /// How many those are.
    outages: usize,
    /// By outage: what its draws are keyed by, together.
    keys: Vec<Cause>,
    /// What is drawn, before it is told as a time.
    seconds: Vec<f64>,
    /// By step, and last for how long home must be up before the service returns and for the return: how long it takes in each
    /// outage, unless that depends on more than a draw.
    takes: Vec<Time>,
    /// All of those are short.
    short: bool,
    /// Where all steps are plain, by outage and mark of the plan: when after the opening it is reached.
    reached: Vec<Time>,
    /// The same by mark, for some outages in turn.
    ends: Vec<[Time; TOGETHER]>,
    /// By outage: the last backup that is complete before it, if there are any.
    backups: Vec<Backup>,
    /// Room to look for them.
    rounds: Rounds,
    /// By outage: when what sleepers take down changes next; where some of it is down already, no later than the outage.
    /// Empty where nothing was drawn for the block.
    stirs: Vec<Time>,
}

impl Ahead {
    /// What a plain step takes in an outage.
    #[inline]
    fn step(&self, step: usize, outage: usize) -> Time {
        self.takes[step * self.outages + outage]
    }

    /// How long home must be up after an outage before the service returns, if it does, and how long that takes: they stand
    /// behind the steps.
    #[inline]
    fn way_home(&self, plan: &Plan, outage: usize) -> (Time, Time) {
        (self.step(plan.steps.len(), outage), self.step(plan.steps.len() + 1, outage))
    }

    /// Draws for each of `strikes`, step by step.
    fn draw<'l>(&mut self, strikes: &[Strike], laws: impl Iterator<Item = Option<(&'l Dist, Key)>>) {
        (self.outages, self.short) = (strikes.len(), true);
        self.keys.clear();
        self.keys.extend(strikes.iter().map(|strike| strike.key));
        for (column, law) in laws.enumerate() {
            let place = column * strikes.len()..(column + 1) * strikes.len();
            // What is there from the last block is drawn anew, or never asked for.
            self.takes.resize(self.takes.len().max(place.end), Time::ZERO);
            if let Some((law, key)) = law {
                let streams = self.keys.iter().map(|cause| key.stream_in_loop(*cause));
                let drawn = drawn(&mut self.seconds, law, streams);
                self.short &= Time::fill_from_seconds(&mut self.takes[place], drawn);
            }
        }
    }

    /// Looks for the last backup that is complete before each of `strikes`, from the last one back, as
    /// [`points::Copies::best`] does.
    fn look_back(&mut self, strikes: &[Strike], backups: &Backups, keys: &Keys, phase: impl Fn(u64) -> Time) {
        let Ahead { backups: found, rounds, seconds, .. } = self;
        found.clear();
        found.extend(strikes.iter().map(|strike| Backup::last(strike.opened, phase(strike.history), backups)));
        rounds.begin(strikes.len());
        while !rounds.left().is_empty() {
            let causes = rounds.left().iter().map(|&index| found[index].cause(strikes[index].history));
            let streams = causes.map(|cause| keys.backup_takes.stream_in_loop(cause));
            let mut drawn = drawn(seconds, &backups.takes, streams).iter();
            rounds.go(|index| {
                let (strike, last) = (&strikes[index], &mut found[index]);
                last.takes = Time::from_seconds(*drawn.next().expect("one for each"));
                let age = strike.opened - last.start(phase(strike.history), backups);
                let goes_on = (age < last.takes) & (age < backups.kept_for);
                last.number -= i64::from(goes_on);
                goes_on
            });
        }
    }

    /// Asks what sleepers do while the plan lasts that follows each of `strikes`.
    fn look_out(&mut self, strikes: &[Strike], plan: &Plan, sleepers: &mut [Watch]) {
        let Ahead { stirs, reached, .. } = self;
        stirs.resize(strikes.len(), Time::NEVER);
        let lasts =
            |strike: &Strike| marks_of(reached, plan, strike.place).map_or(WHILE, |reached| plan.lasts(reached));
        for sleeper in sleepers {
            let spans = strikes.iter().map(|strike| (strike.history, strike.opened, strike.opened + lasts(strike)));
            sleeper.lower_to_next(spans, stirs);
        }
    }

    /// Adds to what each step takes when it can begin.
    fn add_up(&mut self, before: &[Before]) {
        // So few short times are never "never".
        if self.short && before.len() <= 1000 {
            self.add_up_by(before, |begins, takes| begins + takes);
        } else {
            self.add_up_by(before, |begins, takes| (begins + takes).min(Time::NEVER));
        }
    }

    #[inline(always)]
    fn add_up_by(&mut self, before: &[Before], add: impl Fn(Time, Time) -> Time) {
        let (marks, outages) = (before.len() + 1, self.outages);
        self.reached.resize(marks * outages, Time::ZERO); // the first mark of each outage is 0, and stays it
        self.ends.resize(marks, [Time::ZERO; TOGETHER]); // the first mark stays 0
        for (reached, start) in self.reached.chunks_mut(marks * TOGETHER).zip((0..outages).step_by(TOGETHER)) {
            let count = reached.len() / marks;
            for (step, before) in before.iter().enumerate() {
                let (known, new) = self.ends.split_at_mut(step + 1);
                let (first, others) = before.marks();
                let (new, takes) = (&mut new[0][..count], &self.takes[step * outages + start..][..count]);
                let ends = |mark: usize| known[mark].iter().zip(takes).map(|(begins, takes)| add(*begins, *takes));
                new.iter_mut().zip(ends(first)).for_each(|(new, end)| *new = end);
                others.for_each(|mark| new.iter_mut().zip(ends(mark)).for_each(|(new, end)| *new = end.max(*new)));
                reached.chunks_exact_mut(marks).zip(new).for_each(|(reached, end)| reached[step + 1] = *end);
            }
        }
    }
}

/// When each mark of the plan is reached in an outage, if that was worked out: those of all outages are `reached`.
#[inline]
fn marks_of<'r>(reached: &'r [Time], plan: &Plan, outage: usize) -> Option<&'r [Time]> {
    let marks = plan.steps.len() + 1;
    reached.get(outage * marks..(outage + 1) * marks)
}

/// What is drawn from each stream, in the room of what was drawn before.
#[inline]
fn drawn<'s>(room: &'s mut Vec<f64>, law: &Dist, streams: impl ExactSizeIterator<Item = Stream>) -> &'s [f64] {
    room.resize(streams.len(), 0.0);
    law.draw_each(streams, room);
    room
}

/// The steps of a plan, worked out beforehand.
#[derive(Clone, Debug, Default)]
struct Sketch {
    /// By mark of the plan: when after the opening it is reached.
    reached: Vec<Time>,
    /// Which step waited, and when.
    waits: Vec<(usize, Wait)>,
}

/// An outage that leads to a failover.
#[derive(Clone, Copy, Debug)]
struct Situation<'s> {
    strike: &'s Strike,
    quiet: &'s Quiet,
    case: &'s Case,
    way: &'s Way,
    ahead: &'s Ahead,
}

/// The instants of a failover and of the way back.
#[derive(Clone, Copy, Debug)]
struct Course {
    /// Traffic moves.
    moves: Time,
    /// The required capacity is served; the last step has ended too; all is served.
    restored: Time,
    closes: Time,
    full: Time,
    /// The live copy at the lost site follows again.
    protected: Option<Time>,
    back: Back,
}

/// How the lost site takes part again.
#[derive(Clone, Copy, Debug)]
enum Back {
    /// The planned return home begins and ends.
    Home(Time, Time),
    /// The site of active/active takes its share.
    Share(Time),
    /// The sites have swapped roles.
    Swapped,
}

impl Back {
    /// When its first change comes.
    fn at(self) -> Option<Time> {
        match self {
            Back::Home(at, _) | Back::Share(at) => Some(at),
            Back::Swapped => None,
        }
    }
}

impl Course {
    /// When all is as before, the site itself apart.
    fn ends(&self) -> Time {
        let back = match self.back {
            Back::Home(_, at) | Back::Share(at) => at,
            Back::Swapped => self.protected.unwrap_or(self.full),
        };
        back.max(self.full).max(self.closes)
    }
}

impl<'a> Life<'a> {
    /// Lives through the outage that begins with `change`, which comes after `before` others, until all is as it was before
    /// it, and returns how many changes after it were part of that; `None`, and nothing has happened, if it is not as simple.
    #[inline]
    pub(super) fn live_through(&mut self, change: &Change, prepared: &Prepared, before: usize) -> Option<usize> {
        let strike = prepared.strike(change.event.hazard, before)?;
        let quiet = strike.quiet.as_ref().filter(|quiet| quiet.repaired < self.queue.next_at())?;
        if !self.is_at_rest() {
            return None;
        }
        let mut room = self.room.take()?;
        let lived = self.live_case(&mut room, strike, quiet);
        self.room = Some(room);
        lived.then_some(quiet.changes)
    }

    /// Draws what the failovers take that these outages, of these histories, may lead to, and the backups before them, and
    /// asks when sleepers stir.
    pub(super) fn draw_ahead(&mut self, histories: RangeInclusive<u64>, strikes: &Strikes) {
        let Some(room) = &mut self.room else { return };
        let Program { strategy, failover: plan, keys, writes, .. } = self.program;
        let (first, phases) = &mut room.phases;
        *first = *histories.start();
        phases.clear();
        phases.extend(histories.map(|history| points::phase(strategy.backups.as_ref(), keys, history)));
        let failback = strategy.failback.as_ref();
        let home = [
            failback.map(|failback| (&failback.after, keys.failback_after)),
            failback.filter(|_| writes.is_none()).map(|failback| (&failback.takes, keys.failback_takes)),
        ];
        for (ahead, strikes) in room.ahead.iter_mut().zip(strikes) {
            ahead.stirs.clear(); // what is there from the last block is never asked for
            if !ahead.wanted {
                continue;
            }
            let steps = plan.steps.iter().map(|task| task.plain.then_some((&task.step.takes, task.takes)));
            ahead.draw(strikes, steps.chain(home));
            if plan.plain {
                ahead.add_up(&plan.before);
            }
            ahead.look_out(strikes, plan, &mut self.sleepers);
            if let Some(backups) = &strategy.backups {
                ahead.look_back(strikes, backups, keys, |history| phases[(history - *first) as usize]);
            }
        }
    }

    /// Nothing is under way, nothing is down, all is served.
    #[inline]
    fn is_at_rest(&self) -> bool {
        self.steady && self.world.is_up_and_whole() && self.flow.full() && self.ruined.is_empty()
    }

    /// Where it stands what an outage of this hazard leads to.
    #[inline]
    fn case_of(&self, room: &mut Room, hazard: usize) -> usize {
        let rest = Rest { member: self.member, home: self.home, writer: self.writer };
        let place = hazard * self.replicas.len() + self.writer.0;
        if room.cases[place].as_ref().is_none_or(|case| case.rest != rest) {
            let case = self.clone().work_out(Event { hazard, number: 0 }, rest);
            let sites = self.replicas.len();
            let known = room.cases[hazard * sites..][..sites].iter().any(Option::is_some);
            let ahead = &mut room.ahead[hazard];
            ahead.wanted = (known && ahead.wanted) || matches!(case.reaction, Reaction::FailOver(_));
            room.cases[place] = Some(case);
        }
        place
    }

    /// Asks the rules what an outage now leads to, of which nothing need be undone.
    #[cold]
    #[inline(never)]
    fn work_out(mut self, event: Event, rest: Rest) -> Case {
        let (scenario, sites) = (self.scenario, self.scenario.sites.len());
        let hazard = &scenario.hazards[event.hazard];
        let mut case = Case {
            rest,
            dark: Sites::NONE,
            lost: Sites::NONE,
            site: self.home,
            served: 1.0,
            lacking: None,
            reaction: Reaction::Events,
        };
        let Some(outage) = hazard.outage.as_ref().filter(|_| hazard.corruption.is_none()) else { return case };
        case.dark = outage.takes_down.iter().filter_map(|component| component.site_of_data_plane(sites)).collect();
        self.take_down(&outage.takes_down, event);
        (case.lost, case.site) = (self.just_lost(), self.struck());
        self.lost = case.lost;
        let flow = self.make_flow();
        case.served = flow.at(self.now);
        case.lacking = self.lacks(case.site);
        let enough = flow.reaches(self.required(), self.now);
        case.reaction = match (case.lost.is_empty(), outage.capacity_loss.is_some()) {
            (true, true) => Reaction::Less,
            (false, false) if !enough => match self.target_for(event, case.site) {
                Ok(target) => self.way_to(target, case.site).map_or(Reaction::Events, Reaction::FailOver),
                Err(_) => Reaction::Wait,
            },
            (_, _) => Reaction::Events,
        };
        case
    }

    /// How `target` takes over from `site`, which is down, if nothing but the steps of the plan is waited for.
    fn way_to(&self, target: SiteId, site: SiteId) -> Option<Way> {
        let plan = &self.program.failover;
        let traffic = plan.traffic?;
        let ready = self.ready(target);
        let simple = plan.needs.iter().all(|&need| self.world.met(need, target))
            && (plan.capacity.is_some() || ready >= 1.0)
            && self.serving.has(target)
            && (self.program.writes.is_none() || self.member.has(target))
            && !self.world.is_up(site.data_plane());
        let needs = |step: usize| plan.steps[step].control_plane;
        let short = plan.capacity.filter(|_| self.is_short(target, site));
        simple.then(|| Way {
            target,
            ready,
            control_plane_needed: needs(traffic) || short.is_some_and(needs),
            late: self.late_share(site),
        })
    }

    /// The outage is lived through, if it is simple.
    #[inline]
    fn live_case(&mut self, room: &mut Room, strike: &Strike, quiet: &Quiet) -> bool {
        let place = self.case_of(room, strike.event.hazard);
        let Room { cases, ahead, sketch, .. } = room;
        let Some(case) = cases[place].as_ref().filter(|case| !matches!(case.reaction, Reaction::Events)) else {
            return false;
        };
        // What is copied at this very instant is lost, too.
        self.world.darken(case.dark, self.now);
        let lived = match &case.reaction {
            Reaction::Events => false,
            Reaction::Less => self.serve_less(strike, quiet, case),
            Reaction::Wait => self.wait_out(strike, quiet, case, None),
            Reaction::FailOver(way) => {
                let ahead = &ahead[strike.event.hazard];
                self.fail_over(&Situation { strike, quiet, case, way, ahead }, sketch)
            }
        };
        if !lived {
            self.world.lighten(case.dark);
        }
        lived
    }

    /// Sites lose a share of their capacity: enough is served all the same, or the repair is waited for.
    fn serve_less(&mut self, strike: &Strike, quiet: &Quiet, case: &Case) -> bool {
        for &site in self.outage(strike).capacity_loss.iter().flat_map(|loss| &loss.sites) {
            self.world.lose_capacity(site, strike.share, strike.event);
        }
        let flow = self.make_flow();
        let lacking = self.lacks(self.struck());
        let case = Case { served: flow.at(self.now), lacking, ..*case };
        self.world.forget_losses();
        if flow.reaches(self.required(), self.now) {
            self.account(strike.opened, quiet.repaired, case.served, Standing::default());
            self.pass(strike, quiet, &case, quiet.repaired);
            return true;
        }
        self.scenario.hazards[strike.event.hazard].response == Response::Wait
            && self.wait_out(strike, quiet, &case, None)
    }

    /// The repair comes first, perhaps after a decision: the service is restarted where it was, if it had stopped there.
    fn wait_out(&mut self, strike: &Strike, quiet: &Quiet, case: &Case, declared: Option<Time>) -> bool {
        let (Strike { event, opened, .. }, Quiet { repaired, .. }) = (*strike, *quiet);
        let restart = if case.lost.is_empty() { Time::ZERO } else { self.restart_takes(strike.key, 0) };
        let back = repaired + restart;
        if back >= quiet.until.min(self.queue.next_at()) {
            return false;
        }
        let waited = repaired - opened;
        let record = self.enter(event);
        (record.ended, record.declared) = (Ended::Resumed, declared);
        (record.rto, record.waited) = (back - opened, waited);
        record.rto_from_declaration = declared.map(|declared| back - declared);
        record.waits.extend(case.lacking.map(|component| (component, waited)));
        self.account(opened, back, case.served, Standing::incident(opened));
        self.pass(strike, quiet, case, back);
        true
    }

    /// The incident's failover plan begins.
    fn fail_over(&mut self, now: &Situation, sketch: &mut Sketch) -> bool {
        let Situation { strike, quiet, case, way, ahead } = *now;
        // Of a hazard that only now turns out to lead to failovers, nothing was drawn ahead.
        let Some(&stirs) = ahead.stirs.get(strike.place) else { return false };
        self.note_backlog();
        let mut aim = Aim::new(way.target, case.site, strike.event, strike.key);
        self.find_point(&mut aim, strike.opened, ahead.backups.get(strike.place));
        if aim.point.is_none() {
            return self.wait_out(strike, quiet, case, None);
        }
        let plan = &self.program.failover;
        if stirs <= strike.opened || plan.decision.is_some_and(|step| self.declines(&plan.steps[step], aim.key)) {
            return false;
        }
        match marks_of(&ahead.reached, plan, strike.place) {
            Some(reached) if quiet.stall.is_none() && !aim.nothing_lost => {
                self.follow_plan(now, &aim, stirs, reached, &[])
            }
            Some(_) | None => {
                self.walk(now, &aim, sketch);
                self.follow_plan(now, &aim, stirs, &sketch.reached, &sketch.waits)
            }
        }
    }

    /// Traffic moves to the target, unless the repair comes first; the marks of the plan are `reached` then after the
    /// opening, and what sleepers take down does not change before it `stirs`.
    #[inline]
    fn follow_plan(
        &mut self,
        now: &Situation,
        aim: &Aim,
        stirs: Time,
        reached: &[Time],
        waits: &[(usize, Wait)],
    ) -> bool {
        let Situation { strike, quiet, case, .. } = *now;
        let program = self.program;
        let (plan, opened) = (&program.failover, strike.opened);
        let Some(traffic) = plan.traffic else { return false };
        let takes = plan.lasts(reached);
        let moves = opened + reached[traffic + 1];
        if takes.is_never() {
            return false;
        }
        if program.strategy.on_repair == OnRepair::Resume && quiet.repaired <= moves {
            let declared =
                plan.decision.map(|step| opened + reached[step + 1]).filter(|declared| *declared < quiet.repaired);
            let lived = stirs > quiet.repaired && self.wait_out(strike, quiet, case, declared);
            if lived {
                self.note_mended(opened, reached, quiet.repaired);
            }
            return lived;
        }
        if plan.capacity.is_some_and(|step| reached[step + 1] > reached[traffic + 1]) || stirs <= opened + takes {
            return false;
        }
        let late = self.late(now.way.late, moves);
        let Some(course) = self.course(now, aim, late, (moves, opened + takes)) else { return false };
        self.record(now, aim, course.restored, reached, waits);
        self.note_mended(opened, reached, Time::NEVER);
        self.move_and_return(now, aim, late, &course);
        true
    }

    /// Puts down how long after the opening each mark of the plan is reached.
    #[inline(never)]
    fn walk(&self, now: &Situation, aim: &Aim, sketch: &mut Sketch) {
        let Situation { strike, quiet: &Quiet { stall, .. }, way, ahead, .. } = *now;
        let plan = &self.program.failover;
        let Sketch { reached, waits } = sketch;
        reached.clear();
        reached.push(Time::ZERO);
        waits.clear();
        for (step, task) in plan.steps.iter().enumerate() {
            let begins = strike.opened + reached[plan.before[step].last(reached)];
            let end = if task.plain && stall.is_none() && !aim.nothing_lost {
                begins + ahead.step(step, strike.place)
            } else {
                let held =
                    stall.and_then(|stall| Some((stall, held_up(aim, task, self.outage(strike), stall.spread)?)));
                self.end_of(aim, step, begins, way.ready, |at, work| {
                    let Some((stall, on)) = held else { return at + work };
                    let (wait, end) = stall.hold_up(at, work, task.step.restarts, on);
                    waits.extend(wait.map(|wait| (step, wait)));
                    end
                })
            };
            reached.push((end - strike.opened).min(Time::NEVER));
        }
    }

    fn outage(&self, strike: &Strike) -> &'a Outage {
        self.scenario.hazards[strike.event.hazard].outage.as_ref().expect("it has begun")
    }

    /// When a step that begins then ends, after all its attempts; `work` tells when work begun then is done.
    fn end_of(
        &self,
        aim: &Aim,
        step: usize,
        begins: Time,
        ready: f64,
        mut work: impl FnMut(Time, Time) -> Time,
    ) -> Time {
        if begins.is_never() {
            return begins; // more such lengths could not be added
        }
        let task = &self.program.failover.steps[step];
        let mut at = begins;
        if let Some(faults) = &task.step.latent_faults {
            at += self.mend(PlanKind::Failover, aim, step, faults, begins);
        }
        let (mut attempt, mut bad_met) = (0, 0);
        loop {
            at = work(at, self.draw(aim, task, attempt, ready));
            if let Some(wait) = self.fails(aim, task, attempt) {
                at += wait;
            } else if meets_bad_backup(aim, task, bad_met) {
                bad_met += 1;
            } else {
                return at;
            }
            attempt += 1;
            if at.is_never() {
                return at;
            }
        }
    }

    /// What follows when traffic `moves`, the last step having `ended` at some time; `None` where something else happens
    /// before all is over.
    #[inline]
    fn course(&self, now: &Situation, aim: &Aim, late: Option<Late>, (moves, ended): (Time, Time)) -> Option<Course> {
        let Situation { strike, quiet: &Quiet { repaired, until, .. }, ahead, .. } = *now;
        let Program { strategy, keys, .. } = self.program;
        let (restored, full) = match late {
            None => (moves, moves),
            Some(_) => {
                let flow = Flow { late, ..Flow::constant(1.0, moves) };
                (flow.reach(self.required(), moves), flow.reach(1.0, moves))
            }
        };
        let closes = restored.max(ended);
        let lasts =
            |since: Time, dist: &Dist, key: Key| since + Time::from_seconds(dist.draw(|| key.stream(aim.key, 0)));
        let both_up = repaired.max(moves);
        let protected = self.keeps_replicas().then(|| lasts(both_up, &strategy.reprotect, keys.reprotect));
        let home = || ahead.way_home(&self.program.failover, strike.place);
        let back = if self.program.writes.is_some() {
            match &strategy.failback {
                Some(_) => Back::Share(both_up + home().0),
                None => Back::Share(protected?),
            }
        } else if strategy.failback.is_some() {
            let (up_for, takes) = home();
            let begins = (repaired + up_for).max(closes).max(protected.unwrap_or(closes));
            Back::Home(begins, begins + takes)
        } else {
            Back::Swapped
        };
        let course = Course { moves, restored, closes, full, protected, back };
        let all_served = back.at().is_none_or(|at| full.max(closes) <= at);
        let quiet_until = until.min(self.queue.next_at());
        (all_served && course.ends().max(repaired) < quiet_until).then_some(course)
    }

    /// Puts down what is measured of a failover, but for what is not served meanwhile.
    #[inline]
    fn record(&mut self, now: &Situation, aim: &Aim, restored: Time, reached: &[Time], waits: &[(usize, Wait)]) {
        let Situation { strike: &Strike { opened, event, .. }, way, .. } = *now;
        let plan = &self.program.failover;
        let declared = plan.decision.map(|step| opened + reached[step + 1]);
        let record = self.enter(event);
        (record.ended, record.declared) = (Ended::FailedOver, declared);
        record.rto = restored - opened;
        record.rto_from_declaration = declared.map(|declared| restored - declared).filter(|time| *time >= Time::ZERO);
        record.rpo = aim.point.map_or(Time::NEVER, |point| (opened - point).max(Time::ZERO));
        record.control_plane_needed = way.control_plane_needed;
        let before = &plan.before[..];
        let (mut at, mut mark) = (record.rto, plan.traffic.map_or(0, |step| step + 1));
        while mark > 0 {
            let step = mark - 1;
            mark = before[step].last(reached);
            let begins = reached[mark];
            if begins < at {
                record.phases.push((PlanKind::Failover, step, at - begins));
                at = begins;
            }
        }
        if !waits.is_empty() {
            take_out(waits, record);
        }
    }

    /// The record of an incident that `event` opens now.
    #[inline]
    fn enter(&mut self, event: Event) -> &mut Incident {
        let bands = self.bands();
        self.outcome.incidents.open(event.hazard, self.now, bands)
    }

    /// The failover and the way back.
    fn move_and_return(&mut self, now: &Situation, aim: &Aim, late: Option<Late>, course: &Course) {
        let &Course { moves, full, closes, protected, back, .. } = course;
        let Situation { strike, quiet, case, .. } = *now;
        let opened = strike.opened;
        self.account(opened, moves, case.served, Standing::incident(opened));
        self.pass(strike, quiet, case, moves);
        self.go_back_to(aim.point, !aim.from_copies, opened);
        let away = matches!(back, Back::Home(..));
        let mut since = moves;
        if late.is_some() {
            since = full.max(closes);
            let flow = Flow { late, ..Flow::constant(1.0, moves) };
            self.account_flow(moves, since, &flow, Standing { away, ..Standing::incident(opened) });
        }
        match back {
            Back::Home(begins, ends) => {
                self.account_away(since, begins);
                self.account(begins, ends, 0.0, Standing { planned: true, ..Standing::default() });
                self.been_away(aim, opened, (moves, begins), protected);
            }
            Back::Share(at) => {
                self.take_over(aim, case, opened);
                self.follow_again(aim.lost, protected.filter(|protected| *protected <= at));
                self.now = at;
                self.rejoin(aim.lost);
            }
            Back::Swapped => {
                self.take_over(aim, case, opened);
                self.follow_again(aim.lost, protected);
            }
        }
        self.now = course.ends();
        self.done_until(self.now);
    }

    /// Traffic moves now.
    fn take_over(&mut self, aim: &Aim, case: &Case, opened: Time) {
        self.lost = case.lost;
        if self.program.failover.capacity.is_some() {
            self.capacity[aim.target.0] += 1.0 - self.ready(aim.target);
        }
        self.hand_over(aim.target, aim.lost, aim.event, opened);
        self.release_capacity();
    }

    /// The live copy at `site` follows again from some time on.
    fn follow_again(&mut self, site: SiteId, protected: Option<Time>) {
        if let Some(protected) = protected {
            self.now = protected;
            self.protect(site);
        }
    }

    /// What was down is up again, and until `at` all is booked.
    fn pass(&mut self, strike: &Strike, quiet: &Quiet, case: &Case, at: Time) {
        let lasted = (strike.opened, quiet.repaired);
        self.world.pass(self.outage(strike), case.dark, lasted, self.catch_up());
        self.now = at;
        self.done_until(at);
    }

    /// Steps that began `before` the plan ended have found and mended their latent faults.
    #[inline(always)] // hardly any plan has such steps
    fn note_mended(&mut self, opened: Time, reached: &[Time], before: Time) {
        let plan = &self.program.failover;
        for &step in &plan.drifting {
            let begins = opened + reached[plan.before[step].last(reached)];
            if begins < before {
                self.mended[PlanKind::Failover as usize][step] = begins;
            }
        }
    }
}

/// Takes what steps waited for out of the critical path of `record`, its last step first.
#[cold]
fn take_out(waits: &[(usize, Wait)], record: &mut Incident) {
    let (mut phases, mut at) = (std::mem::take(&mut record.phases), record.opened + record.rto);
    for (_, step, takes) in &mut phases {
        let begins = at - *takes;
        let own = waits.iter().filter(|wait| wait.0 == *step).map(|wait| &wait.1);
        let waited = path::book(record, own, begins, at);
        record.waited += waited;
        *takes -= waited;
        at = begins;
    }
    record.phases = phases;
}

/// The first component that a step needs of those that the outage spreads to.
fn held_up(aim: &Aim, task: &Task, outage: &Outage, spread: usize) -> Option<ComponentId> {
    let spread = &outage.spreads_to[spread].components;
    let mut needs = task.step.needs.iter().map(|&need| need.at(aim.target));
    needs.find(|component| spread.contains(component)).filter(|_| !skipped(aim, task))
}
