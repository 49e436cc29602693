//! The rules of an incident: when it opens, what is done about it, when it closes.

use super::life::{Due, Life};
use super::path;
use super::points::{Backup, Query};
use super::run::{Aim, Run, Wait};
use super::sites::Sites;
use crate::hazard::Event;
use crate::model::{ComponentId, DataSource, Need, OnRepair, Response, SiteId, Writes};
use crate::outcome::{Ended, Incident, PlanKind};
use crate::rng::Cause;
use crate::trace::Happening;
use crate::units::Time;
use std::iter;

/// An incident that is open.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// What is measured of it so far.
    pub(super) record: Incident,
    pub(super) event: Event,
    /// Whether bad data opened it.
    pub(super) corrupted: bool,
    pub(super) phase: Phase,
    /// The site whose loss the plan makes good.
    pub(super) site: SiteId,
    /// Since when at least the required capacity is served.
    pub(super) restored: Option<Time>,
    /// Since when the service is being restarted where it was.
    pub(super) resuming: Option<Time>,
    /// When the last restart, or the restore plan, was done.
    pub(super) over_since: Time,
    /// Restarts that the site's next failure cut short: draws of a further one are fresh.
    restarts: u32,
    /// Where the data came back to; `None` where all are lost.
    point: Option<Time>,
    /// What stood by was too little: the restoration depended on more capacity.
    short: bool,
    /// The site where the service is to come back: that one, from the point of no return the target.
    awaited: SiteId,
}

impl Open {
    /// Whether run `id` is its plan.
    pub(super) fn runs(&self, id: u32) -> bool {
        match self.phase {
            Phase::Running(run) | Phase::Shifted(run) | Phase::Restoring(run) => run == id,
            Phase::Pending(_) | Phase::Waiting { .. } | Phase::Over(_) => false,
        }
    }
}

/// Where the response to an incident stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// The response to this event is decided next.
    Pending(Event),
    /// No plan runs: the repair is waited for. Unless that was decided, a further event may start one.
    Waiting { decided: bool },
    /// The failover plan (its run) has not yet moved traffic.
    Running(u32),
    /// Traffic has moved: the point of no return is passed.
    Shifted(u32),
    /// The restore plan runs.
    Restoring(u32),
    /// The response is done; the service is restored as soon as enough is served.
    Over(Ended),
}

impl Life<'_> {
    /// Corruption is found: its incident opens now, or right after the one that is open.
    pub(super) fn found(&mut self, event: Event, onset: Time, destroys_backups: bool) -> bool {
        let Some(index) = self.hidden.iter().position(|hidden| hidden.0 == event) else {
            return false; // a recovery to a point before its onset has undone it
        };
        self.hidden.remove(index);
        self.note(Happening::Found(event));
        self.found.push_back((event, onset, destroys_backups));
        true
    }

    /// A further event takes components down: it may start the plan of an incident that only waited.
    pub(super) fn strike(&mut self, components: &[ComponentId], event: Event) {
        if self.phase() != Some(Phase::Waiting { decided: false }) {
            return;
        }
        let fails_over = self.scenario.hazards[event.hazard].response == Response::FailOver;
        let needs_control_plane = self.scenario.workload.needs.contains(&Need::ControlPlane);
        let hits = { self.member }.any(|site| {
            components.contains(&site.data_plane())
                || (needs_control_plane && components.contains(&site.control_plane()))
        });
        if let Some(open) = &mut self.incident
            && hits
            && fails_over
        {
            open.phase = Phase::Pending(event);
            self.schedule(self.now, Due::Response);
        }
    }

    /// Sites that traffic is routed to and that no longer serve, though nobody has noticed.
    pub(super) fn just_lost(&self) -> Sites {
        self.member.without(self.lost).without(self.serving)
    }

    /// Serving sites that have just been lost.
    pub(super) fn note_lost_sites(&mut self, cause: Option<Event>) {
        let Some(site) = self.just_lost().first_of() else { return };
        match (self.phase(), self.incident.as_ref().is_some_and(|open| open.restored.is_some())) {
            (None, _) => self.open_outage(site, cause),
            (Some(Phase::Shifted(_)), true) => {
                // Lost after it was restored: the incident is over, another begins; steps left over go on.
                self.close(Ended::FailedOver);
                self.open_outage(site, cause);
            }
            (Some(Phase::Over(Ended::Resumed)), _) => {
                let holder = self.world.latest_holder(site, &self.scenario.workload.needs);
                let open = self.incident.as_mut().expect("it has a phase");
                open.phase = Phase::Pending(cause.or(holder).unwrap_or(open.event));
                self.schedule(self.now, Due::Response);
            }
            (Some(Phase::Shifted(_) | Phase::Restoring(_) | Phase::Over(_)), _) => return,
            (Some(Phase::Pending(_) | Phase::Waiting { .. } | Phase::Running(_)), _) => {}
        }
        if self.incident.is_some() {
            self.lost = self.lost.or(self.just_lost());
        }
    }

    fn open_outage(&mut self, site: SiteId, cause: Option<Event>) {
        let holder = || self.world.latest_holder(site, &self.scenario.workload.needs);
        if let Some(event) = cause.or_else(holder)
            && self.now < self.horizon()
        {
            self.open(event, site, self.now, false);
            self.schedule(self.now, Due::Response);
        }
    }

    /// Opens an incident; the response to it is not yet due.
    pub(super) fn open(&mut self, event: Event, site: SiteId, onset: Time, corrupted: bool) {
        if self.planned {
            self.planned = false;
            self.failback_stamp += 1;
        }
        let (now, bands) = (self.now, self.bands());
        let mut record = self.outcome.incidents.begin(event.hazard, now, bands);
        (record.onset, record.exposure) = (onset, corrupted.then_some(now - onset));
        self.note_backlog();
        self.incident = Some(Open {
            record,
            event,
            corrupted,
            phase: Phase::Pending(event),
            site,
            restored: self.above.then_some(now),
            resuming: None,
            over_since: now,
            restarts: 0,
            point: Some(now),
            short: false,
            awaited: site,
        });
        self.waits.clear();
        self.watch();
        self.note(Happening::Opened(event));
    }

    /// Puts down how far live copies are behind now.
    pub(super) fn note_backlog(&mut self) {
        self.backlog.clear();
        if let Some(catch_up) = self.catch_up() {
            let (sites, now) = (self.sites(), self.now);
            self.backlog.extend(sites.map(|site| self.world.backlog(site, now, catch_up)));
        }
    }

    /// Puts down for which component the service waits from now on at the site where it is to come back.
    pub(super) fn watch(&mut self) {
        let Some(open) = &self.incident else { return };
        if let Some(last) = self.waits.service.last_mut() {
            last.to = last.to.min(self.now);
        }
        if let Some(on) = self.lacks(open.awaited) {
            self.waits.service.push(Wait { on: Some(on), from: self.now, to: Time::NEVER });
        }
    }

    /// What the service waits for at `site`: the first component that it needs there, the data plane before all others,
    /// and that is down; or the data plane that has lost capacity.
    pub(super) fn lacks(&self, site: SiteId) -> Option<ComponentId> {
        let data_plane = site.data_plane();
        let needs = self.scenario.workload.needs.iter().map(|&need| need.at(site));
        let down = iter::once(data_plane).chain(needs).find(|&component| !self.world.is_up(component));
        down.or_else(|| (self.world.left(site) < 1.0).then_some(data_plane))
    }

    /// What to do is decided once all that changes at the instant is known.
    pub(super) fn respond(&mut self) {
        let Some(Phase::Pending(event)) = self.phase() else { return };
        let open = self.incident.as_ref().expect("it has a phase");
        if open.corrupted {
            let (site, onset) = (open.site, open.record.onset);
            return self.start_restore(event, site, Some(onset));
        }
        let aim = self.failover(event);
        let id = self.next_run();
        let open = self.incident.as_mut().expect("it has a phase");
        match aim {
            Ok(aim) => {
                (open.phase, open.point) = (Phase::Running(id), aim.point);
                self.wake_sleepers();
                self.start(id, PlanKind::Failover, aim);
            }
            Err(waiting) => {
                open.phase = waiting;
                self.note(Happening::Waits);
            }
        }
    }

    /// What the failover plan that `event` starts is to bring about, or how the repair is waited for: without a recovery
    /// point at the target there is nothing that a further event could start.
    pub(super) fn failover(&mut self, event: Event) -> Result<Aim, Phase> {
        let open = self.incident.as_mut().expect("it is open");
        if let Some(lost) = self.lost.first_of()
            && !self.lost.has(open.site)
        {
            open.site = lost;
        }
        let (site, opened) = (open.site, open.record.opened);
        self.aim_for(event, site, opened)
    }

    /// The same for an incident that opened at `opened` because of `site`.
    #[inline]
    fn aim_for(&self, event: Event, site: SiteId, opened: Time) -> Result<Aim, Phase> {
        let mut aim = Aim::new(self.target_for(event, site)?, site, event, self.key(event));
        self.find_point(&mut aim, opened, None);
        if aim.point.is_some() { Ok(aim) } else { Err(Phase::Waiting { decided: true }) }
    }

    /// The site that takes over from `site`, if the plan starts.
    pub(super) fn target_for(&self, event: Event, site: SiteId) -> Result<SiteId, Phase> {
        let response = self.scenario.hazards[event.hazard].response;
        if response == Response::Wait || (self.lost.has(site) && !self.lost_alone(site)) {
            return Err(Phase::Waiting { decided: false });
        }
        let candidates = || self.program.strategy.order.iter().copied().filter(|&candidate| candidate != site);
        let target = candidates().find(|&candidate| self.serving.has(candidate)).or_else(|| candidates().next());
        target.ok_or(Phase::Waiting { decided: true })
    }

    /// Whether `site` lacks something that another site would not lack too.
    fn lost_alone(&self, site: SiteId) -> bool {
        !self.world.is_up(site.data_plane())
            || self.scenario.workload.needs.iter().any(|&need| match need {
                Need::ControlPlane | Need::DataPlane => !self.world.met(need, site),
                Need::Component(_) => false,
            })
    }

    /// The recovery point of a failover: the newest at the target, as it was when the incident opened; `last` is the last
    /// backup that is complete by then, if that was looked for.
    #[inline]
    pub(super) fn find_point(&self, aim: &mut Aim, opened: Time, last: Option<&Backup>) {
        let takes_writes = match self.program.writes {
            None | Some(Writes::Local | Writes::Partitioned) => true,
            Some(Writes::Global) => aim.lost == self.writer,
        };
        if self.program.stateless || !takes_writes {
            (aim.point, aim.nothing_lost) = (Some(opened), true);
            return;
        }
        let replica = self.replica_point(aim, opened);
        let data = self.program.failover.data;
        if data == Some(DataSource::Replica) || (data.is_none() && self.unprotected(aim.target)) {
            aim.point = replica;
            return;
        }
        let query = Query { event: aim.key, at: opened, target: Some(aim.target), before: None, last };
        let copies = self.copies.best(&query, &self.world);
        if data.is_none() && replica >= copies.point {
            aim.point = replica;
        } else {
            (aim.point, aim.bad, aim.from_copies) = (copies.point, copies.bad, true);
        }
    }

    /// Whether the live copy that the strategy keeps at `site` does not follow.
    pub(super) fn unprotected(&self, site: SiteId) -> bool {
        self.program.strategy.replication.is_some() && !self.replicas[site.0].live
    }

    fn replica_point(&self, aim: &Aim, opened: Time) -> Option<Time> {
        let replication = self.program.strategy.replication.as_ref().filter(|_| !self.unprotected(aim.target))?;
        let stream = || self.program.keys.lag.stream(aim.key, 0);
        let lag = Time::from_seconds(replication.lag.draw(stream) * replication.stress);
        Some(opened - lag - self.backlog[aim.target.0])
    }

    /// The restore plan begins at `site`; only points `before` the corruption count.
    fn start_restore(&mut self, event: Event, site: SiteId, before: Option<Time>) {
        let opened = self.incident.as_ref().expect("it is open").record.opened;
        let mut aim = Aim::new(site, site, event, self.key(event));
        let query = Query { event: aim.key, at: opened, target: None, before, last: None };
        let best = self.copies.best(&query, &self.world);
        self.wake_sleepers();
        (aim.point, aim.bad, aim.from_copies) = (best.point, best.bad, true);
        let id = self.next_run();
        let open = self.incident.as_mut().expect("it is open");
        (open.phase, open.point) = (Phase::Restoring(id), best.point);
        self.start(id, PlanKind::Restore, aim);
    }

    /// What the next plan is called.
    fn next_run(&mut self) -> u32 {
        self.runs_begun += 1;
        self.runs_begun
    }

    fn start(&mut self, id: u32, plan: PlanKind, aim: Aim) {
        let steps = self.spare_steps.pop().unwrap_or_default();
        let mut run = Run { id, plan, aim, steps, left: 0, suspended: false, ramp: (0.0, 0.0) };
        run.rewind(self.program.plan(plan));
        let left = run.left;
        self.note(Happening::PlanStarted(plan, aim.target, aim.point));
        self.runs.push(run);
        if left == 0 {
            return self.plan_done(id);
        }
        for &step in &self.program.plan(plan).roots {
            self.begin(id, step);
        }
    }

    /// Before the point of no return: once all that the lost site needs is back, the service is restarted there.
    pub(super) fn check_resume(&mut self) {
        let Some(open) = &self.incident else { return };
        let run = match open.phase {
            Phase::Running(run) => Some(run),
            Phase::Waiting { .. } => None,
            Phase::Pending(_) | Phase::Shifted(_) | Phase::Restoring(_) | Phase::Over(_) => return,
        };
        let back = self.lost.and(self.serving);
        let whole = back.without(self.ruined);
        let able = match run {
            Some(_) => whole.has(open.site),
            None => !whole.is_empty(),
        };
        let goes_on = run.is_some() && self.program.strategy.on_repair == OnRepair::Continue;
        let (event, resuming, restarts) = (open.event, open.resuming.is_some(), open.restarts);
        if able && !goes_on && !resuming {
            self.resume_stamp += 1;
            let takes = self.restart_takes(self.key(event), restarts);
            let stamp = self.resume_stamp;
            self.incident.as_mut().expect("it is open").resuming = Some(self.now);
            self.schedule(self.now + takes, Due::Resumed { stamp });
            self.note(Happening::Restarting);
            self.suspend(run);
        } else if !able && resuming {
            self.resume_stamp += 1;
            let open = self.incident.as_mut().expect("it is open");
            open.resuming = None;
            open.restarts += 1;
            self.note(Happening::RestartCutShort);
            self.unsuspend(run);
        } else if run.is_none()
            && !resuming
            && let Some(site) = back.and(self.ruined).first_of()
        {
            self.start_restore(event, site, None);
        }
    }

    /// How long the service takes to restart where it was, after `restarts` that were cut short.
    pub(super) fn restart_takes(&self, event: Cause, restarts: u32) -> Time {
        let stream = || self.program.keys.resume.stream(event, restarts);
        Time::from_seconds(self.program.strategy.resume.draw(stream))
    }

    /// The service has been restarted at the lost sites that are back.
    pub(super) fn resumed(&mut self) {
        self.note(Happening::Restarted);
        self.lost = self.lost.without(self.serving.without(self.ruined));
        let rest = self.lost.first_of();
        let holder = rest.and_then(|site| self.world.latest_holder(site, &self.scenario.workload.needs));
        let now = self.now;
        let open = self.incident.as_mut().expect("it is being resumed");
        let began = open.resuming.take().expect("it is being resumed");
        open.record.waited = began - open.record.opened;
        open.over_since = now;
        let event = holder.unwrap_or(open.event);
        let old = open.phase;
        match rest {
            None => open.phase = Phase::Over(Ended::Resumed),
            Some(site) => {
                (open.site, open.awaited) = (site, site);
                open.phase = Phase::Pending(event);
                self.schedule(self.now, Due::Response);
            }
        }
        if let Phase::Running(run) = old {
            self.drop_run(run);
        }
        self.watch();
    }

    /// The decision is against the plan, or nothing is left that it could recover from: the repair is waited for.
    pub(super) fn abandon(&mut self, run: u32) {
        self.stale = true;
        self.drop_run(run);
        if let Some(open) = &mut self.incident
            && open.phase == Phase::Running(run)
        {
            open.phase = Phase::Waiting { decided: true };
            open.point = Some(open.record.opened);
        }
    }

    /// Ends a plan that is not to go on; what it made ready is given up.
    pub(super) fn drop_run(&mut self, id: u32) {
        self.keep_runs(|run| run.id != id);
        self.release_capacity();
    }

    /// Sites that serve no more than they are planned to, and that no plan makes ready, fall back to what stands there.
    pub(super) fn release_capacity(&mut self) {
        let stretched = if self.pooled { self.member } else { Sites::NONE };
        for site in self.sites().without(stretched) {
            if !self.runs.iter().any(|run| run.aim.target == site) {
                self.capacity[site.0] = self.nominal[site.0];
            }
        }
    }

    /// The point of no return: traffic moves to the target of the run.
    pub(super) fn shift(&mut self, id: u32) {
        let run = self.runs.iter().find(|run| run.id == id).expect("its step ended");
        let (target, lost, event, point) = (run.aim.target, run.aim.lost, run.aim.event, run.aim.point);
        let from_replica = !run.aim.from_copies;
        if !self.incident.as_ref().is_some_and(|open| open.phase == Phase::Running(id)) {
            return;
        }
        let opened = {
            let open = self.incident.as_mut().expect("just seen");
            open.phase = Phase::Shifted(id);
            open.point = point;
            open.record.opened
        };
        self.go_back_to(point, from_replica, opened);
        let short = self.is_short(target, lost);
        let open = self.incident.as_mut().expect("just seen");
        (open.short, open.awaited) = (short, target);
        self.watch();
        self.note(Happening::TrafficMoved(target));
        self.move_traffic(target, lost, event, opened);
    }

    /// Copies bring back what was before their point; a replica has what had reached it by the opening.
    pub(super) fn go_back_to(&mut self, point: Option<Time>, from_replica: bool, opened: Time) {
        if self.hidden.is_empty() {
            return;
        }
        if let Some(point) = point {
            self.hidden.retain(|hidden| hidden.1 <= point || (from_replica && hidden.1 > opened));
        } else {
            self.hidden.clear();
        }
    }

    /// Whether what stands by is too little when traffic leaves `lost` for `target`, so that a step must make more ready.
    pub(super) fn is_short(&self, target: SiteId, lost: SiteId) -> bool {
        self.program.failover.capacity.is_some() && self.standing_by(target, lost) < self.required()
    }

    /// Capacity that carries the load at once when traffic leaves `lost` for `target`.
    fn standing_by(&self, target: SiteId, lost: SiteId) -> f64 {
        let mut sites = if self.program.writes.is_some() { self.member.without(self.lost) } else { Sites::NONE };
        sites.put(lost, false);
        sites.put(target, true);
        sites.map(|site| self.nominal[site.0] * self.world.left(site)).sum()
    }

    /// The last step of a plan is done.
    pub(super) fn plan_done(&mut self, id: u32) {
        self.stale = true;
        let run = self.runs.iter().find(|run| run.id == id).expect("its last step ended");
        let (plan, target, point) = (run.plan, run.aim.target, run.aim.point);
        let Some(open) = self.incident.as_mut().filter(|open| open.phase == Phase::Restoring(id)) else {
            let current = self.phase() == Some(Phase::Shifted(id));
            if plan == PlanKind::Failover && !current {
                self.drop_run(id); // steps left over from an incident that is closed
            }
            return;
        };
        open.phase = Phase::Over(if point.is_some() { Ended::Restored } else { Ended::Unrecoverable });
        open.over_since = self.now;
        let restored = open.restored.unwrap_or(self.now);
        path::record(&mut open.record, &self.program.restore, &self.runs, id, &self.waits, restored, false);
        self.stopped = false;
        self.lost.put(target, false);
        self.ruined.put(target, false);
        self.hidden.retain(|hidden| point.is_some_and(|point| hidden.1 <= point));
        self.drop_run(id);
    }

    /// Closes the incident when it is over, opens one where there is reason to; whether anything changed.
    pub(super) fn close_or_open(&mut self, cause: Option<Event>) -> bool {
        match self.phase() {
            Some(phase) => {
                let Some(ended) = self.over(phase) else { return false };
                self.close(ended);
                true
            }
            None => self.open_where_due(cause),
        }
    }

    /// How the incident has ended, if it has.
    fn over(&self, phase: Phase) -> Option<Ended> {
        if !self.above {
            return None;
        }
        let lost = !self.lost.is_empty();
        match phase {
            Phase::Pending(_) | Phase::Restoring(_) => None,
            Phase::Waiting { .. } => (!lost).then_some(Ended::Resumed),
            Phase::Running(_) => {
                (!lost && self.program.strategy.on_repair == OnRepair::Resume).then_some(Ended::Resumed)
            }
            Phase::Shifted(id) => {
                self.runs.iter().any(|run| run.id == id && run.left == 0).then_some(Ended::FailedOver)
            }
            Phase::Over(ended) => Some(ended),
        }
    }

    /// Corruption found meanwhile, a serving site that is down, too little served: each opens an incident.
    fn open_where_due(&mut self, cause: Option<Event>) -> bool {
        if self.now >= self.horizon() {
            self.found.clear();
            return false;
        }
        if let Some((event, onset, destroys_backups)) = self.found.pop_front() {
            self.open_corruption(event, onset, destroys_backups);
            return true;
        }
        if self.just_lost().is_empty() && (self.above || self.planned) {
            return false;
        }
        self.open_outage(self.struck(), cause);
        self.incident.is_some()
    }

    /// The site that has just been lost, else the one that has lost most of its capacity.
    pub(super) fn struck(&self) -> SiteId {
        let weakest = || { self.member }.min_by(|a, b| self.world.left(*a).total_cmp(&self.world.left(*b)));
        self.just_lost().first_of().or_else(weakest).unwrap_or(self.home)
    }

    fn open_corruption(&mut self, event: Event, onset: Time, destroys_backups: bool) {
        let serving = self.member.and(self.serving);
        let first = || serving.first_of().or(self.member.first_of()).unwrap_or(self.home);
        let site = if serving.has(self.writer) { self.writer } else { first() };
        self.copies.spoil(onset, self.now);
        if destroys_backups {
            self.copies.wipe(self.now);
        }
        self.open(event, site, onset, true);
        self.schedule(self.now, Due::Response);
        self.stopped = true;
    }

    /// Closes the open incident and puts down what came of it.
    pub(super) fn close(&mut self, ended: Ended) {
        let mut open = self.incident.take().expect("it is open");
        let record = &mut open.record;
        let unresolved = ended == Ended::Unresolved;
        let restored = open.restored.filter(|_| !unresolved);
        let lost_all = open.point.is_none();
        record.ended = if lost_all && !unresolved { Ended::Unrecoverable } else { ended };
        record.rto = restored.map_or(Time::NEVER, |restored| restored - record.opened);
        record.rpo = match (ended, open.point) {
            (Ended::Resumed, _) => Time::ZERO,
            (_, Some(point)) => (record.opened - point).max(Time::ZERO),
            (_, None) => Time::NEVER,
        };
        if let (Some(declared), Some(restored)) = (record.declared, restored) {
            record.rto_from_declaration = (declared <= restored).then_some(restored - declared);
        }
        match (open.phase, restored) {
            (Phase::Shifted(id), Some(restored)) => {
                path::record(record, &self.program.failover, &self.runs, id, &self.waits, restored, open.short);
                self.keep_runs(|run| run.id != id || run.left > 0);
            }
            (Phase::Running(id), restored) => {
                record.waited = restored.map_or(record.waited, |_| record.rto);
                self.drop_run(id);
            }
            (Phase::Waiting { .. }, Some(_)) => record.waited = record.rto,
            (Phase::Waiting { .. } | Phase::Shifted(_), None) => {}
            (Phase::Pending(_) | Phase::Restoring(_) | Phase::Over(_), _) => {}
        }
        record.waited = record.waited.min(record.rto);
        if record.phases.is_empty() {
            record.waits.clear();
            path::book(record, &self.waits.service, record.opened, record.opened + record.waited);
        }
        if let (Phase::Over(_), Some(restored)) = (open.phase, restored) {
            // What the service still waited for when the restart, or the plan, was done.
            let since = open.over_since.min(restored);
            record.waited += restored - since;
            path::book(record, &self.waits.service, since, restored);
        }
        let ended = open.record.ended;
        self.note(Happening::Closed(self.outcome.incidents.len(), ended));
        self.outcome.incidents.push(open.record);
        self.release_capacity();
        self.trail();
    }
}
