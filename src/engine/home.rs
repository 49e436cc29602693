//! The way back to normal: where traffic goes after a failover, live copies made anew, the return home.

use super::life::{Due, Life, Spell};
use super::run::Aim;
use super::served::Late;
use super::sites::Sites;
use crate::dist::Dist;
use crate::hazard::Event;
use crate::model::SiteId;
use crate::rng::Key;
use crate::trace::Happening;
use crate::units::Time;

impl Life<'_> {
    /// Traffic leaves what is lost and goes to `target`.
    pub(super) fn move_traffic(&mut self, target: SiteId, lost: SiteId, event: Event, opened: Time) {
        self.late = self.late(self.late_share(lost), self.now);
        self.hand_over(target, lost, event, opened);
        let member = self.member;
        self.keep_runs(|run| member.has(run.aim.target));
        self.release_capacity();
    }

    /// The share of the load whose users arrive late when traffic moves away from what is lost.
    pub(super) fn late_share(&self, lost: SiteId) -> f64 {
        let plan = &self.program.failover;
        let tail = plan.traffic.and_then(|step| plan.steps[step].step.tail);
        tail.map_or(0.0, |tail| self.moved_share(lost) * tail.share)
    }

    /// Those users, when traffic `moves`.
    #[inline]
    pub(super) fn late(&self, share: f64, moves: Time) -> Option<Late> {
        if share <= 0.0 {
            return None; // as most often: then nothing need be looked up
        }
        let plan = &self.program.failover;
        let tail = plan.traffic.and_then(|step| plan.steps[step].step.tail)?;
        Late::new(share, moves, tail.mean)
    }

    /// The target takes over the part of what is lost.
    pub(super) fn hand_over(&mut self, target: SiteId, lost: SiteId, event: Event, opened: Time) {
        if self.program.writes.is_some() {
            self.leave_lost(lost, event);
            self.member.put(target, true);
            self.pooled = true;
        } else {
            self.leave_active(target, event);
        }
        self.lost = Sites::NONE;
        self.ruined = Sites::NONE;
        self.moved_by = event;
        self.home_up = Spell::new(event);
        if self.program.writes.is_none() || lost == self.writer {
            self.writer = target;
            self.copies.move_to(target, self.now, Some(opened));
        }
    }

    /// The share of all users who have to move.
    fn moved_share(&self, lost: SiteId) -> f64 {
        let mut leaving = self.lost;
        leaving.put(lost, true);
        let leaving = leaving.and(self.member);
        if self.pooled {
            let all: f64 = self.member.map(|site| self.capacity[site.0]).sum();
            let gone: f64 = leaving.map(|site| self.capacity[site.0]).sum();
            return if all > 0.0 { gone / all } else { 1.0 };
        }
        leaving.map(|site| self.program.shares[site.0]).sum()
    }

    /// Active/active: the lost sites no longer take part.
    fn leave_lost(&mut self, lost: SiteId, event: Event) {
        let mut leaving = self.lost;
        leaving.put(lost, true);
        for site in leaving.and(self.member) {
            self.member.put(site, false);
            self.stop_replica(site, event, self.ruined.has(site));
        }
    }

    /// Active/passive: the target is the active site; without a failback the sites swap roles.
    fn leave_active(&mut self, target: SiteId, event: Event) {
        let old = self.member.first_of().unwrap_or(self.home);
        self.member = Sites::NONE;
        self.member.put(target, true);
        for site in self.sites() {
            if site != target {
                self.stop_replica(site, event, self.ruined.has(site));
            }
        }
        if self.program.strategy.failback.is_some() {
            self.away = target != self.home;
        } else {
            self.nominal.swap(old.0, target.0);
            self.home = target;
        }
    }

    /// The live copy at `site` no longer follows.
    pub(super) fn stop_replica(&mut self, site: SiteId, event: Event, emptied: bool) {
        let replica = &mut self.replicas[site.0];
        (replica.live, replica.since) = (false, self.now);
        replica.emptied = emptied;
        (replica.together, replica.back) = (Spell::new(event), Spell::new(event));
        (replica.due, replica.returns) = (Time::NEVER, Time::NEVER);
        replica.stamp += 1;
    }

    /// When a spell that began at `since` (never: not yet) has lasted long enough.
    fn lasts_until(&self, spell: &mut Spell, since: Time, dist: &Dist, key: Key) -> Time {
        if since.is_never() {
            return Time::NEVER;
        }
        if since != spell.since {
            let stream = || key.stream(self.key(spell.because), spell.count);
            *spell = Spell { since, length: Time::from_seconds(dist.draw(stream)), count: spell.count + 1, ..*spell };
        }
        if spell.length.is_never() { Time::NEVER } else { self.now.max(since + spell.length) }
    }

    /// When live copies follow again, when sites take their share again, when the service returns home.
    pub(super) fn schedule_returns(&mut self) {
        let followers = if self.keeps_replicas() { self.sites().without(self.member) } else { Sites::NONE };
        for site in followers {
            if self.replicas[site.0].live && !self.expected_back(site) {
                continue;
            }
            let mut replica = self.replicas[site.0];
            let due = self.reprotected_at(site, &mut replica.together);
            let returns = self.returns_at(site, &mut replica.back);
            self.replicas[site.0] = replica;
            let replica = &mut self.replicas[site.0];
            if (due, returns) != (replica.due, replica.returns) {
                (replica.due, replica.returns) = (due, returns);
                replica.stamp += 1;
                let stamp = replica.stamp;
                self.schedule(due.min(returns), Due::Replica { site: site.0, stamp });
            }
        }
        let mut home_up = self.home_up;
        let due = self.failback_at(&mut home_up);
        self.home_up = home_up;
        if due != self.failback_due && !self.planned {
            self.failback_due = due;
            self.failback_stamp += 1;
            let stamp = self.failback_stamp;
            self.schedule(due, Due::Failback { stamp });
        }
    }

    /// Whether `site` is to take its share of active/active again.
    fn expected_back(&self, site: SiteId) -> bool {
        self.program.writes.is_some() && self.program.shares[site.0] > 0.0 && !self.member.has(site)
    }

    /// When the copy at `site` follows again: both data planes have been up together for a draw of `reprotect`.
    fn reprotected_at(&self, site: SiteId, spell: &mut Spell) -> Time {
        let replica = &self.replicas[site.0];
        let source = self.world.sites[self.source().0].up_since;
        let together = self.world.sites[site.0].up_since.max(source).max(replica.since);
        if replica.live {
            return Time::NEVER;
        }
        self.lasts_until(spell, together, &self.program.strategy.reprotect, self.program.keys.reprotect)
    }

    /// The site that live copies follow.
    fn source(&self) -> SiteId {
        if self.member.has(self.writer) {
            return self.writer;
        }
        self.member.first_of().unwrap_or(self.home)
    }

    /// When a site takes its share of active/active again: after `failback.after`, or when protected.
    fn returns_at(&self, site: SiteId, spell: &mut Spell) -> Time {
        let Some(failback) = self.program.strategy.failback.as_ref().filter(|_| self.expected_back(site)) else {
            return Time::NEVER;
        };
        let up_since = self.world.whole_since(site).max(self.replicas[site.0].since);
        let emptied = self.replicas[site.0].emptied && !self.replicas[site.0].live;
        let until = self.lasts_until(spell, up_since, &failback.after, self.program.keys.failback_after);
        if emptied { Time::NEVER } else { until }
    }

    /// The copy at `site` follows again.
    pub(super) fn protect(&mut self, site: SiteId) {
        let replica = &mut self.replicas[site.0];
        (replica.live, replica.due) = (true, Time::NEVER);
        self.world.start_copy(site, self.now);
        self.note(Happening::Protected(site));
    }

    pub(super) fn replica_due(&mut self, index: usize) {
        let site = SiteId(index);
        let (due, returns) = (self.replicas[index].due, self.replicas[index].returns);
        if due <= self.now {
            self.protect(site);
        }
        let protected = self.replicas[index].live && self.program.strategy.failback.is_none();
        if self.expected_back(site) && (returns <= self.now || protected) {
            self.rejoin(site);
        }
        self.replicas[index].stamp += 1;
        (self.replicas[index].due, self.replicas[index].returns) = (Time::NEVER, Time::NEVER);
    }

    /// A returned site of active/active takes its share again, without an outage.
    pub(super) fn rejoin(&mut self, site: SiteId) {
        self.note(Happening::Rejoined(site));
        self.member.put(site, true);
        self.replicas[site.0].live = true;
        if site == self.scenario.workload.home && self.program.strategy.failback.is_some() {
            self.writer = site;
            self.copies.move_to(site, self.now, None);
        }
        if self.member == self.planned_members {
            self.pooled = false;
            self.late = None;
            self.capacity.copy_from_slice(&self.nominal);
        }
    }

    /// When the planned return home may begin, if nothing changes.
    fn failback_at(&self, spell: &mut Spell) -> Time {
        let Some(failback) = self.program.strategy.failback.as_ref().filter(|_| self.away) else { return Time::NEVER };
        let up_since = self.world.whole_since(self.home);
        let ready = self.serving.has(self.home) && !up_since.is_never() && !self.unprotected(self.home);
        let until = self.lasts_until(spell, up_since, &failback.after, self.program.keys.failback_after);
        if self.incident.is_some() || !ready { Time::NEVER } else { until }
    }

    /// The planned outage begins, and its end is known.
    pub(super) fn start_failback(&mut self) {
        let Some(failback) = &self.program.strategy.failback else { return };
        let takes = failback.takes.draw(|| self.program.keys.failback_takes.stream(self.key(self.moved_by), 0));
        self.leave_for_home();
        let stamp = self.failback_stamp;
        self.schedule(self.now + Time::from_seconds(takes), Due::Returned { stamp });
    }

    /// Home is the active site, but serves only at the end of the planned outage.
    pub(super) fn leave_for_home(&mut self) {
        for site in self.member {
            self.replicas[site.0].live = true; // a planned switch keeps the copies going, in step
            self.world.start_copy(site, self.now);
        }
        self.note(Happening::FailbackBegins);
        self.member = Sites::NONE;
        self.member.put(self.home, true);
        self.writer = self.home;
        self.copies.move_to(self.home, self.now, None);
        (self.away, self.planned) = (false, true);
        self.late = None;
        self.keep_runs(|_| false);
        self.release_capacity();
        self.failback_stamp += 1;
        self.failback_due = Time::NEVER;
    }

    /// The service has moved away from home and returned, as [`Life::move_traffic`] and the failback would have it: what
    /// is left of that are the copies made meanwhile. `moved` are the instants at which the active site changed, and
    /// `protected` when the live copy at home followed again.
    pub(super) fn been_away(&mut self, aim: &Aim, opened: Time, moved: (Time, Time), protected: Option<Time>) {
        let Aim { target, lost, event, .. } = *aim;
        self.copies.move_to(target, moved.0, Some(opened));
        self.copies.move_to(lost, moved.1, None);
        if self.keeps_replicas() {
            self.stop_replica(lost, event, false);
            for (site, at) in protected.map(|at| (lost, at)).into_iter().chain([(target, moved.1)]) {
                self.replicas[site.0].live = true;
                self.world.start_copy(site, at);
            }
        }
    }

    pub(super) fn end_failback(&mut self) {
        self.planned = false;
        self.note(Happening::FailbackEnds);
    }
}
