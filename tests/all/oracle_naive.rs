//! An independent oracle: a history worked out with pencil and paper, without events, queue or state machine.
//!
//! Since the timeline of a history is known beforehand, so is when each component is up. A plan is then a sum over its
//! steps, each walked through the up times of what it needs; which of repair and plan comes first is a comparison of two
//! instants. Given the same draws (purpose, cause, attempt) it must agree with the engine to the microsecond.
//!
//! It covers active/passive with two sites, outages of data planes, control planes and the replication link, plans of any
//! shape with needs, restarts, retries and a decision that may decline, resume and continue, replication with backlog and
//! stress, reprotection, and both ways home. It does not cover capacity, corruption, copies, spreads, destruction,
//! active/active, drift and money.

use crate::support::parse;
use drsim::engine::Engine;
use drsim::hazard::{ChangeKind, Event, Timeline};
use drsim::model::{ComponentId, Need, OnRepair, Response, Scenario, SiteId, Step};
use drsim::outcome::Ended;
use drsim::rng::Key;
use drsim::units::Time;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const NEVER: i64 = Time::NEVER.0;

/// What is compared.
#[derive(Debug, PartialEq)]
struct Case {
    hazard: usize,
    opened: i64,
    rto: i64,
    rpo: i64,
    ended: Ended,
}

/// The service runs away from home: since when, when its last incident closed, which event moved it.
struct Away {
    moved: i64,
    closed: i64,
    event: Event,
}

/// A stretch of time in which something is down, and because of which event it went down.
type Down = (i64, i64, Event);

struct Paper<'a> {
    scenario: &'a Scenario,
    timeline: &'a Timeline<'a>,
    /// By component, each outage of each event.
    downs: Vec<Vec<Down>>,
}

impl<'a> Paper<'a> {
    fn new(scenario: &'a Scenario, timeline: &'a Timeline<'a>) -> Paper<'a> {
        let mut downs = vec![Vec::new(); scenario.components.len()];
        let mut index = 0;
        while let Some(&change) = timeline.get(index) {
            let hazard = &scenario.hazards[change.event.hazard];
            let components = hazard.outage.as_ref().map_or(&[][..], |outage| &outage.takes_down);
            for component in components {
                let list: &mut Vec<Down> = &mut downs[component.0];
                match change.kind {
                    ChangeKind::Down { .. } => list.push((change.at.0, NEVER, change.event)),
                    ChangeKind::Up => {
                        let open = list.iter_mut().find(|down| down.2 == change.event && down.1 == NEVER);
                        open.expect("it went down").1 = change.at.0;
                    }
                    _ => panic!("not covered"),
                }
            }
            index += 1;
        }
        Paper { scenario, timeline, downs }
    }

    fn up(&self, component: ComponentId, at: i64) -> bool {
        !self.downs[component.0].iter().any(|down| down.0 <= at && at < down.1)
    }

    fn all_up(&self, components: &[ComponentId], at: i64) -> bool {
        components.iter().all(|component| self.up(*component, at))
    }

    /// The first instant from `at` on at which the components are (or are not) all up.
    fn first(&self, components: &[ComponentId], at: i64, want: bool) -> i64 {
        let ends = components.iter().flat_map(|c| &self.downs[c.0]).flat_map(|down| [down.0, down.1]);
        let mut instants: Vec<i64> = ends.filter(|end| *end > at && *end < NEVER).chain([at]).collect();
        instants.sort_unstable();
        instants.into_iter().find(|&t| self.all_up(components, t) == want).unwrap_or(NEVER)
    }

    /// Since when the component has been up at `at`, or never.
    fn up_since(&self, component: ComponentId, at: i64) -> i64 {
        if !self.up(component, at) {
            return NEVER;
        }
        self.downs[component.0].iter().map(|down| down.1).filter(|end| *end <= at).max().unwrap_or(0)
    }

    fn seconds(&self, dist: &drsim::dist::Dist, purpose: &str, event: Event, attempt: u32) -> i64 {
        let key = Key::new(self.scenario.run.seed, purpose);
        Time::from_seconds(dist.sample(&mut key.stream(self.timeline.key(event), attempt))).0
    }

    fn luck(&self, purpose: &str, event: Event, attempt: u32) -> f64 {
        Key::new(self.scenario.run.seed, purpose).stream(self.timeline.key(event), attempt).random()
    }

    /// When `work` that starts at `start` is done, while it needs `components` and rests in `rests`.
    fn work(&self, start: i64, work: i64, components: &[ComponentId], restarts: bool, rests: &[(i64, i64)]) -> i64 {
        let (mut at, mut left) = (start, work);
        loop {
            if let Some(rest) = rests.iter().find(|rest| rest.0 <= at && at < rest.1) {
                at = rest.1;
                if at >= NEVER {
                    return NEVER;
                }
                continue;
            }
            let down = !self.all_up(components, at);
            let change = self.first(components, at, down);
            let rest = rests.iter().map(|rest| rest.0).filter(|begin| *begin > at).min().unwrap_or(NEVER);
            let until = change.min(rest);
            if down {
                if restarts {
                    left = work;
                }
                at = until;
            } else if left <= until - at {
                return at + left;
            } else {
                left -= until - at;
                at = until;
                if restarts && at == change {
                    left = work;
                }
            }
            if at >= NEVER {
                return NEVER;
            }
        }
    }

    fn needs(&self, step: &Step, on_site: bool, target: SiteId) -> Vec<ComponentId> {
        let named = step.needs.iter().map(|need| match need {
            Need::Component(component) => *component,
            Need::DataPlane => target.data_plane(),
            Need::ControlPlane => target.control_plane(),
        });
        named.chain(on_site.then(|| target.data_plane())).collect()
    }

    /// When each step of the failover plan ends; a decision that declines ends the plan: its end is the second value.
    fn plan(&self, begun: i64, target: SiteId, event: Event, rests: &[(i64, i64)]) -> (Vec<i64>, i64) {
        let steps = &self.scenario.strategies[0].failover;
        let decision = steps.iter().position(|step| step.decision);
        let mut after_decision = vec![decision.is_none(); steps.len()];
        let (mut ends, mut declined): (Vec<i64>, i64) = (Vec::new(), NEVER);
        for (index, step) in steps.iter().enumerate() {
            after_decision[index] |=
                step.after.iter().any(|&b| Some(b) == decision || (decision.is_some() && after_decision[b]));
            let needs = self.needs(step, after_decision[index], target);
            let purpose = |what: &str| format!("failover.{}.{what}", step.name);
            let mut at = step.after.iter().map(|&before| ends[before]).max().unwrap_or(begun);
            let mut attempt = 0;
            while at < NEVER {
                let work = self.seconds(&step.takes, &purpose("takes"), event, attempt);
                at = self.work(at, work, &needs, step.restarts, rests);
                if step.fails == 0.0 || self.luck(&purpose("fails"), event, attempt) >= step.fails {
                    break;
                }
                let wait = self.seconds(&step.retry_after, &purpose("retry_after"), event, attempt);
                at = self.work(at.min(NEVER), wait, &[], false, rests);
                attempt += 1;
            }
            if step.decision && step.declines > 0.0 && self.luck(&purpose("declines"), event, 0) < step.declines {
                declined = at;
            }
            ends.push(at);
        }
        (ends, declined)
    }

    /// How far the live copy at `site`, begun at `since`, is behind at `at` beyond its lag (catch-up 2: one for one).
    fn backlog(&self, site: SiteId, since: i64, at: i64) -> i64 {
        let needs = [site.data_plane(), ComponentId::replication(2)];
        let (mut t, mut behind) = (since, 0);
        while t < at {
            let up = self.all_up(&needs, t);
            let next = self.first(&needs, t, !up).min(at);
            behind = if up { (behind - (next - t)).max(0) } else { behind + (next - t) };
            t = next;
        }
        behind
    }

    /// When both sites have been up together, from `from` on and without a break, for a draw of `reprotect`; `spell` says
    /// when the stretch began that lasts at an instant.
    fn lasts(&self, from: i64, spell: impl Fn(i64) -> i64, components: &[ComponentId], event: Event) -> i64 {
        let dist = &self.scenario.strategies[0].reprotect;
        let mut at = from;
        for attempt in 0.. {
            at = self.first(components, at, true);
            if at >= NEVER {
                return NEVER;
            }
            let since = spell(at);
            let end = self.first(components, at, false);
            let due = (since + self.seconds(dist, "reprotect", event, attempt)).max(at);
            // What goes down at the instant at which it is due goes down first.
            if due < end {
                return due;
            }
            at = end;
        }
        NEVER
    }

    /// The whole history: incidents, and full-outage time up to the horizon.
    fn history(&self) -> (Vec<Case>, i64) {
        let scenario = self.scenario;
        let strategy = &scenario.strategies[0];
        let horizon = scenario.run.horizon.0;
        let (home, other) = (SiteId(0), SiteId(1));
        let (mut active, mut now, mut downtime) = (home, 0, 0);
        let mut cases: Vec<Case> = Vec::new();
        // The copy at the site that is not active: since when it follows (never: not yet), and from when that is known.
        let mut follows = 0;
        let mut away: Option<Away> = None;
        loop {
            let standby = if active == home { other } else { home };
            let lost = self.first(&[active.data_plane()], now, false);
            let back = away.as_ref().map_or(NEVER, |away| self.failback(away, follows));
            if back < lost && back < horizon {
                // The planned return: home is active from its beginning, and may be lost before its end.
                (active, now, follows, away) = (home, back, back, None);
                continue;
            }
            if lost >= horizon {
                return (cases, downtime);
            }
            let event = self.downs[active.data_plane().0].iter().find(|down| down.0 == lost).expect("it is lost").2;
            let (shifted, case, closed, event) = self.incident(active, standby, lost, event, follows);
            downtime += (lost + case.rto).min(horizon) - lost;
            cases.push(case);
            now = closed;
            if let Some(away) = &mut away {
                away.closed = closed;
            }
            if shifted < NEVER {
                let both = [active.data_plane(), standby.data_plane()];
                (active, now) = (standby, shifted);
                let since = |at: i64| both.iter().map(|c| self.up_since(*c, at)).max().unwrap_or(0).max(shifted);
                follows = self.lasts(shifted, since, &both, event);
                let leaves = strategy.failback.is_some() && active != home;
                away = leaves.then_some(Away { moved: shifted, closed, event });
            }
        }
    }

    /// When the planned return begins: home has been up for a draw, the copy there follows, no incident is open.
    fn failback(&self, away: &Away, follows: i64) -> i64 {
        let home = [SiteId(0).data_plane()];
        let after = &self.scenario.strategies[0].failback.as_ref().expect("there is one").after;
        let mut at = away.moved;
        for attempt in 0.. {
            at = self.first(&home, at, true);
            if at >= NEVER {
                break;
            }
            let end = self.first(&home, at, false);
            let stable = self.up_since(home[0], at) + self.seconds(after, "failback.after", away.event, attempt);
            let due = stable.max(at).max(away.closed).max(follows);
            if due < end {
                return due;
            }
            at = end;
        }
        NEVER
    }

    /// Restarts of the lost site from `from` on that are cut short, and the one that is not: (begin, end).
    fn restarts(&self, site: SiteId, event: Event, from: i64, before: u32) -> (Vec<(i64, i64)>, (i64, i64)) {
        let site = [site.data_plane()];
        let (mut at, mut rests) = (from, Vec::new());
        loop {
            let back = if at < NEVER { self.first(&site, at, true) } else { NEVER };
            if back >= NEVER {
                return (rests, (NEVER, NEVER));
            }
            let attempt = before + rests.len() as u32;
            let takes = self.seconds(&self.scenario.strategies[0].resume, "resume", event, attempt);
            let fails = self.first(&site, back, false);
            if back + takes < fails {
                return (rests, (back, back + takes));
            }
            rests.push((back, fails));
            at = fails;
        }
    }

    /// When traffic moved (or never), the incident, when it is closed, and which event moved it.
    fn incident(
        &self,
        active: SiteId,
        standby: SiteId,
        opened: i64,
        event: Event,
        follows: i64,
    ) -> (i64, Case, i64, Event) {
        let strategy = &self.scenario.strategies[0];
        let replication = strategy.replication.as_ref().expect("there is one");
        let own = self.scenario.hazards[event.hazard].response == Response::FailOver;
        let (_, unplanned) = self.restarts(active, event, opened, 0);
        // Where the plan is not invoked, a further event that takes the site down may do so.
        let fails_over = |down: &&Down| self.scenario.hazards[down.2.hazard].response == Response::FailOver;
        let further = self.downs[active.data_plane().0].iter().filter(|down| down.0 > opened).find(fails_over);
        let further = further.filter(|down| down.0 < unplanned.1).map(|down| (down.0, down.2));
        let plan = if own { Some((opened, event)) } else { further }.filter(|plan| follows <= plan.0);
        let continues = strategy.on_repair == OnRepair::Continue;
        let (rests, restart) = match plan {
            Some((begun, cause)) if continues => {
                // Until the plan begins, and once it is declined, the repair is waited for.
                let before = self.restarts(active, event, opened, 0).0.iter().filter(|rest| rest.0 < begun).count();
                let declined = self.plan(begun, standby, cause, &[]).1;
                self.restarts(active, event, declined, before as u32)
            }
            _ => self.restarts(active, event, opened, 0),
        };
        let (mut shifted, mut closed) = (NEVER, restart.1);
        let mut moved_by = event;
        if let Some((begun, cause)) = plan {
            let stops: Vec<(i64, i64)> =
                if continues { Vec::new() } else { rests.iter().copied().chain([(restart.0, NEVER)]).collect() };
            let (ends, declined) = self.plan(begun, standby, cause, &stops);
            let traffic = strategy.failover.iter().position(|step| step.traffic).expect("there is one");
            if ends[traffic] < declined && ends[traffic] < NEVER {
                (shifted, moved_by) = (ends[traffic], cause);
                // Past the point of no return nothing rests.
                let stops: Vec<(i64, i64)> = stops.into_iter().filter(|stop| stop.0 < shifted).collect();
                let done = self.plan(begun, standby, cause, &stops).0.into_iter().max().expect("it has steps");
                closed = done.min(self.first(&[standby.data_plane()], shifted, false));
            }
        }
        let case = |rto, rpo, ended| Case { hazard: event.hazard, opened, rto, rpo, ended };
        if shifted < NEVER {
            let lag = Time::from_seconds(
                replication.lag.sample(
                    &mut Key::new(self.scenario.run.seed, "replication.lag").stream(self.timeline.key(moved_by), 0),
                ) * replication.stress,
            );
            let lost = lag.0 + self.backlog(standby, follows, opened);
            return (shifted, case(shifted - opened, lost, Ended::FailedOver), closed, moved_by);
        }
        (NEVER, case(restart.1 - opened, 0, Ended::Resumed), closed, event)
    }
}

/// A scenario within what is covered.
fn covered(rng: &mut Xoshiro256PlusPlus) -> String {
    let mut between = |low: f64, high: f64| format!("{:.3}s", low * (high / low).powf(rng.random::<f64>()));
    let mut text = format!(
        r#"
        title = "naive"
        [run]
        histories = 6
        horizon = "2y"
        [workload]
        home = "one"
        [sites]
        one = "1"
        two = "2"
        [hazards.home]
        takes_down = ["one.data-plane"]
        mttf = "{}"
        time_to_repair = {{ exponential = {{ mean = "{}" }} }}
        source = "test"
        [hazards.region]
        takes_down = ["one"]
        mttf = "{}"
        time_to_repair = {{ lognormal = {{ median = "{}", sigma = 1.2 }} }}
        source = "test"
        [hazards.other]
        takes_down = ["two.data-plane"]
        mttf = "{}"
        time_to_repair = {{ exponential = {{ mean = "{}" }} }}
        source = "test"
        [hazards.plane]
        takes_down = ["two.control-plane", "one.control-plane"]
        mttf = "{}"
        time_to_repair = {{ exponential = {{ mean = "{}" }} }}
        source = "test"
        [hazards.link]
        takes_down = ["replication"]
        mttf = "{}"
        time_to_repair = {{ exponential = {{ mean = "{}" }} }}
        source = "test"
        [hazards.waited-for]
        takes_down = ["one.data-plane"]
        response = "wait"
        mttf = "{}"
        time_to_repair = {{ exponential = {{ mean = "{}" }} }}
        source = "test"
        [strategies.only]
        kind = "custom"
        standby_capacity = 1
        replication = {{ lag = {{ exponential = {{ mean = "20s" }} }}, catch_up = 2, stress = 3 }}
        resume = {{ exponential = {{ mean = "{}" }} }}
        reprotect = {{ exponential = {{ mean = "{}" }} }}
        "#,
        between(3e5, 6e6),
        between(1e3, 1e5),
        between(1e6, 2e7),
        between(1e3, 1e5),
        between(3e5, 6e6),
        between(1e3, 1e5),
        between(1e5, 3e6),
        between(1e3, 1e5),
        between(1e6, 6e6),
        between(1e3, 1e5),
        between(1e7, 9e7),
        between(1e3, 1e5),
        between(60.0, 5e3),
        between(600.0, 1e5),
    );
    let takes: Vec<String> = (0..6).map(|_| between(30.0, 2e4)).collect();
    let back = (between(1e3, 1e5), between(10.0, 1e3));
    let mut chance = |probability: f64| rng.random::<f64>() < probability;
    if chance(0.5) {
        text += "on_repair = \"continue\"\n";
    }
    if chance(0.5) {
        let (after, takes) = back;
        text += &format!(
            "failback = {{ after = {{ exponential = {{ mean = \"{after}\" }} }}, takes = {{ exponential = {{ mean = \"{takes}\" }} }} }}\n"
        );
    }
    let decision = chance(0.6);
    for (step, takes) in takes.iter().enumerate() {
        // Traffic moves after the decision, and so only while the target is up.
        let tied = |before: usize| decision && step == 4 && before == 1;
        let after: Vec<String> =
            (0..step).filter(|&b| chance(0.4) || tied(b)).map(|before| format!("\"f{before}\"")).collect();
        let mut keys = format!("after = [{}], takes = {{ exponential = {{ mean = \"{takes}\" }} }}", after.join(", "));
        if chance(0.4) {
            keys += ", needs = [\"control-plane\"]";
            if chance(0.3) {
                keys += ", on_interruption = \"restart\"";
            }
        }
        if chance(0.3) {
            keys += ", fails = 0.3, retry_after = { exponential = { mean = \"300s\" } }";
        }
        if step == 1 && decision {
            keys += ", decision = true, declines = 0.2";
        }
        if step == 4 {
            keys += ", traffic = true";
        }
        text += &format!("failover.f{step} = {{ {keys} }}\n");
    }
    text
}

#[test]
fn the_engine_agrees_with_pencil_and_paper() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(17);
    let mut compared = 0;
    for number in 0..200 {
        let text = covered(&mut rng);
        let scenario = parse(&text);
        let engine = Engine::new(&scenario);
        let mut worker = engine.worker();
        for history in 0..scenario.run.histories {
            let outcome = &worker.history(history)[0];
            let mut timeline = Timeline::new(&scenario);
            timeline.start(history, Time(2 * scenario.run.horizon.0));
            let (cases, downtime) = Paper::new(&scenario, &timeline).history();
            let simulated: Vec<Case> = outcome
                .incidents
                .iter()
                .map(|incident| Case {
                    hazard: incident.hazard,
                    opened: incident.opened.0,
                    rto: incident.rto.0,
                    rpo: incident.rpo.0,
                    ended: incident.ended,
                })
                .collect();
            for (index, (engine, paper)) in simulated.iter().zip(&cases).enumerate() {
                assert_eq!(
                    engine, paper,
                    "scenario {number}, history {history}, incident {index} (engine, paper)\n{text}"
                );
            }
            assert_eq!(simulated.len(), cases.len(), "scenario {number}, history {history}\n{text}");
            assert_eq!(outcome.downtime.0, downtime, "downtime of scenario {number}, history {history}\n{text}");
            compared += cases.len();
        }
    }
    assert!(compared > 10_000, "only {compared} incidents were compared");
}
