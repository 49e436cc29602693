//! Components and sites: what is up, since when, and because of which event it is not.

use super::sites::Sites;
use crate::hazard::Event;
use crate::model::{ComponentId, Need, Outage, SiteId};
use crate::units::{Time, nearest};

/// Long before every history.
pub(super) const LONG_AGO: Time = Time(-Time::NEVER.0);

/// The state of everything that can be up or down, which is the same for all strategies.
#[derive(Clone, Debug)]
pub(super) struct World {
    /// By component: how many events hold it down.
    down: Vec<u32>,
    /// Who holds what, the latest last.
    holds: Vec<(ComponentId, Event)>,
    /// Who took which share of a site's capacity, the latest last.
    losses: Vec<(SiteId, f64, Event)>,
    pub(super) sites: Vec<Site>,
    replication: ComponentId,
}

/// A site's data plane and what lies there.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// When its data plane came up last, or [`Time::NEVER`] while it is down.
    pub(super) up_since: Time,
    /// When the last capacity loss ended.
    regained: Time,
    /// When its data plane was down, the latest last; an open end is [`Time::NEVER`].
    pub(super) downs: Vec<(Time, Time)>,
    /// When what was stored there was last destroyed.
    pub(super) destroyed: Time,
    /// By how much a live copy here is behind, beyond the usual lag, as of `backlog_at`.
    backlog: Time,
    backlog_at: Time,
}

impl World {
    pub(super) fn new(components: usize, sites: usize) -> World {
        let site = Site {
            up_since: Time::ZERO,
            regained: Time::ZERO,
            downs: Vec::new(),
            destroyed: LONG_AGO,
            backlog: Time::ZERO,
            backlog_at: Time::ZERO,
        };
        World {
            down: vec![0; components],
            holds: Vec::new(),
            losses: Vec::new(),
            sites: vec![site; sites],
            replication: ComponentId::replication(sites),
        }
    }

    /// Everything is up, with age 0.
    pub(super) fn reset(&mut self) {
        self.down.fill(0);
        self.holds.clear();
        self.losses.clear();
        for site in &mut self.sites {
            site.up_since = Time::ZERO;
            site.regained = Time::ZERO;
            site.downs.clear();
            site.destroyed = LONG_AGO;
            site.backlog = Time::ZERO;
            site.backlog_at = Time::ZERO;
        }
    }

    #[inline]
    pub(super) fn is_up(&self, component: ComponentId) -> bool {
        self.down[component.0] == 0
    }

    /// Whether what `need` means at `site` is up.
    #[inline]
    pub(super) fn met(&self, need: Need, site: SiteId) -> bool {
        self.is_up(need.at(site))
    }

    /// Whether the site's data plane and everything the workload needs there is up.
    pub(super) fn can_serve(&self, site: SiteId, needs: &[Need]) -> bool {
        self.is_up(site.data_plane()) && needs.iter().all(|&need| self.met(need, site))
    }

    pub(super) fn take_down(&mut self, component: ComponentId, event: Event, now: Time, catch_up: Option<f64>) {
        self.drain_around(component, now, catch_up);
        self.holds.push((component, event));
        self.down[component.0] += 1;
        if self.down[component.0] == 1
            && let Some(site) = component.site_of_data_plane(self.sites.len())
        {
            self.sites[site.0].up_since = Time::NEVER;
            self.sites[site.0].downs.push((now, Time::NEVER));
        }
    }

    pub(super) fn bring_up(&mut self, component: ComponentId, event: Event, now: Time, catch_up: Option<f64>) {
        self.drain_around(component, now, catch_up);
        let held = self.holds.iter().position(|&hold| hold == (component, event));
        self.holds.remove(held.expect("what comes up was taken down by the same event"));
        self.down[component.0] -= 1;
        if self.down[component.0] == 0
            && let Some(site) = component.site_of_data_plane(self.sites.len())
        {
            self.sites[site.0].up_since = now;
            self.sites[site.0].downs.last_mut().expect("it was down").1 = now;
        }
    }

    pub(super) fn lose_capacity(&mut self, site: SiteId, share: f64, event: Event) {
        self.losses.push((site, share, event));
    }

    pub(super) fn regain_capacity(&mut self, event: Event, now: Time) {
        for loss in self.losses.iter().filter(|loss| loss.2 == event) {
            self.sites[loss.0.0].regained = now;
        }
        self.losses.retain(|loss| loss.2 != event);
    }

    /// Whether all is up, with all its capacity.
    #[inline]
    pub(super) fn is_up_and_whole(&self) -> bool {
        self.holds.is_empty() && self.losses.is_empty()
    }

    /// No capacity was lost after all.
    pub(super) fn forget_losses(&mut self) {
        self.losses.clear();
    }

    /// The data planes of `sites` have an outage from now on, whose end is told later; until then they count as up.
    pub(super) fn darken(&mut self, sites: Sites, now: Time) {
        for site in sites {
            self.sites[site.0].downs.push((now, Time::NEVER));
        }
    }

    /// They have none after all.
    pub(super) fn lighten(&mut self, sites: Sites) {
        for site in sites {
            self.sites[site.0].downs.pop();
        }
    }

    /// The outage of the data planes of `dark`, and of all else that it takes down, has lasted `from` then `to` then. All
    /// else is up.
    pub(super) fn pass(&mut self, outage: &Outage, dark: Sites, (from, to): (Time, Time), catch_up: Option<f64>) {
        if let Some(catch_up) = catch_up {
            let link = outage.takes_down.contains(&self.replication);
            for site in (0..self.sites.len()).map(SiteId).filter(|&site| link || dark.has(site)) {
                self.sites[site.0].backlog = self.backlog(site, from, catch_up) + (to - from);
                self.sites[site.0].backlog_at = to;
            }
        }
        for site in dark {
            let site = &mut self.sites[site.0];
            site.up_since = to;
            site.downs.last_mut().expect("it is dark").1 = to;
        }
        for &site in outage.capacity_loss.iter().flat_map(|loss| &loss.sites) {
            self.sites[site.0].regained = to;
        }
    }

    /// Since when the data plane of `site` has been up with all its capacity; [`Time::NEVER`] while it is not.
    pub(super) fn whole_since(&self, site: SiteId) -> Time {
        if self.losses.iter().any(|loss| loss.0 == site) {
            return Time::NEVER;
        }
        self.sites[site.0].up_since.max(self.sites[site.0].regained)
    }

    /// The share of a site's capacity that capacity losses leave.
    pub(super) fn left(&self, site: SiteId) -> f64 {
        self.losses.iter().filter(|loss| loss.0 == site).map(|loss| 1.0 - loss.1).product()
    }

    /// The latest event that keeps `site` from serving in full.
    pub(super) fn latest_holder(&self, site: SiteId, needs: &[Need]) -> Option<Event> {
        let matters = |held: ComponentId| held == site.data_plane() || needs.iter().any(|&n| n.at(site) == held);
        let hold = self.holds.iter().rev().find(|hold| matters(hold.0)).map(|hold| hold.1);
        hold.or_else(|| self.losses.iter().rev().find(|loss| loss.0 == site).map(|loss| loss.2))
    }

    /// By how much the live copy at `site` is behind at `now`, beyond the usual lag.
    pub(super) fn backlog(&self, site: SiteId, now: Time, catch_up: f64) -> Time {
        let copy = &self.sites[site.0];
        let elapsed = now - copy.backlog_at;
        if !(self.is_up(self.replication) && self.is_up(site.data_plane())) {
            return copy.backlog + elapsed;
        }
        let drained = (elapsed.0 as f64 * (catch_up - 1.0)).min(copy.backlog.0 as f64);
        copy.backlog - Time(nearest(drained))
    }

    /// Whether the data plane of `site` was down at any time of `[start, end]`.
    pub(super) fn was_down(&self, site: SiteId, start: Time, end: Time) -> bool {
        let ended_later = self.sites[site.0].downs.iter().rev().take_while(|down| down.1 > start);
        ended_later.into_iter().any(|down| down.0 <= end)
    }

    /// A live copy is made anew at `site`.
    pub(super) fn start_copy(&mut self, site: SiteId, now: Time) {
        self.sites[site.0].backlog = Time::ZERO;
        self.sites[site.0].backlog_at = now;
    }

    /// Books the backlog of the copies that a change of `component` interrupts or lets go on.
    fn drain_around(&mut self, component: ComponentId, now: Time, catch_up: Option<f64>) {
        let Some(catch_up) = catch_up else { return };
        if component != self.replication && component.site_of_data_plane(self.sites.len()).is_none() {
            return;
        }
        for site in 0..self.sites.len() {
            if component == self.replication || component == SiteId(site).data_plane() {
                self.sites[site].backlog = self.backlog(SiteId(site), now, catch_up);
                self.sites[site].backlog_at = now;
            }
        }
    }
}
