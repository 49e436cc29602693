//! The limit: the model specialised by hand, with no queue.
//!
//! [`all_samples`] draws the very samples that an event simulation draws, every cycle of the control plane to the
//! horizon among them; [`what_matters`] only those that something depends on.

use crate::draws::Draws;
use crate::*;

/// The control plane's cycles, drawn as far as somebody asked.
struct Control {
    up: bool,
    next: f64,
}

impl Control {
    #[inline(always)]
    fn toggle(&mut self, draws: &mut Draws) {
        let lasts = if self.up { draws.control_down() } else { draws.control_up() };
        self.up = !self.up;
        self.next += lasts;
    }

    #[inline(always)]
    fn advance(&mut self, to: f64, draws: &mut Draws) {
        while self.next <= to {
            self.toggle(draws);
        }
    }

    /// When work of that length is done that goes on only while the control plane is up; never, when after the horizon.
    #[inline(always)]
    fn work(&mut self, start: f64, work: f64, draws: &mut Draws) -> f64 {
        self.advance(start, draws);
        let (mut now, mut rest) = (start, work);
        loop {
            if self.up {
                let done = now + rest;
                if done <= self.next {
                    return done;
                }
                rest = done - self.next;
            }
            now = self.next;
            self.toggle(draws);
            if now > HORIZON {
                return f64::INFINITY;
            }
        }
    }
}

/// The same samples as an event simulation, no queue.
#[inline]
pub fn all_samples(mut draws: Draws) -> Tally {
    let draws = &mut draws;
    let mut tally = Tally { histories: 1, ..Tally::default() };
    let mut control = Control { up: true, next: draws.control_up() };
    let mut disaster = draws.to_disaster();
    // Until when the last cost is booked, and when the service is back home.
    let (mut booked, mut home) = (0.0, 0.0_f64);
    while disaster <= HORIZON {
        if disaster >= home {
            tally.disasters += 1;
            let loss = draws.data_loss(disaster);
            tally.data_loss += loss;
            tally.cost += COST_LOSS * loss;
            let repaired = disaster + draws.repair();
            let decided = disaster + draws.detect() + draws.decide();
            let mut restored = f64::INFINITY;
            if decided <= HORIZON {
                tally.cost += COST_ALWAYS * (decided - booked);
                booked = decided;
                let data = decided + draws.restore();
                let work = draws.provision();
                let ready = data.max(control.work(decided, work, draws));
                if ready <= HORIZON {
                    let work = draws.deploy();
                    let deployed = control.work(ready, work, draws);
                    if deployed <= HORIZON {
                        let valid = deployed + draws.validate();
                        if valid <= HORIZON {
                            restored = valid + draws.shift_traffic();
                        }
                    }
                }
            }
            home = f64::INFINITY;
            if restored <= HORIZON {
                tally.recoveries += 1;
                tally.recovery_time += restored - disaster;
                tally.downtime += restored - disaster;
                tally.cost += COST_DOWN * (restored - disaster);
                if restored.max(repaired) <= HORIZON {
                    home = restored.max(repaired) + draws.failback();
                }
            } else {
                tally.downtime += HORIZON - disaster;
                tally.cost += COST_DOWN * (HORIZON - disaster);
            }
            if decided <= HORIZON {
                let until = home.min(HORIZON);
                tally.cost += (COST_ALWAYS + COST_RUNNING) * (until - booked);
                booked = until;
            }
        }
        disaster += draws.to_disaster();
    }
    tally.cost += COST_ALWAYS * (HORIZON - booked);
    control.advance(HORIZON, draws);
    tally
}

/// Only what matters: the state of the control plane at a disaster is drawn from its long-run law (the rest of a repair
/// in proportion to its length), cycles elsewhere are never drawn. Other samples, same law.
#[inline]
pub fn what_matters(mut draws: Draws) -> Tally {
    let draws = &mut draws;
    let mean_down = CONTROL_DOWN.0 * (CONTROL_DOWN.1 * CONTROL_DOWN.1 / 2.0).exp();
    let share_down = mean_down / (mean_down + CONTROL_UP_MEAN);
    let mut tally = Tally { histories: 1, cost: COST_ALWAYS * HORIZON, ..Tally::default() };
    let mut disaster = draws.to_disaster();
    while disaster <= HORIZON {
        tally.disasters += 1;
        let loss = draws.data_loss(disaster);
        tally.data_loss += loss;
        tally.cost += COST_LOSS * loss;
        let repaired = disaster + draws.repair();
        let decided = disaster + draws.detect() + draws.decide();
        let data = decided + draws.restore_at_once();
        let work = draws.provision();
        let mut control = if draws.uniform() < share_down {
            Control { up: false, next: decided + draws.uniform() * draws.control_down_met() }
        } else {
            Control { up: true, next: decided + draws.control_up() }
        };
        let ready = data.max(control.work(decided, work, draws));
        let work = draws.deploy();
        let restored = control.work(ready, work, draws) + draws.validate() + draws.shift_traffic();
        let mut home = f64::INFINITY;
        if restored <= HORIZON {
            tally.recoveries += 1;
            tally.recovery_time += restored - disaster;
            tally.downtime += restored - disaster;
            tally.cost += COST_DOWN * (restored - disaster);
            home = restored.max(repaired) + draws.failback();
        } else {
            tally.downtime += HORIZON - disaster;
            tally.cost += COST_DOWN * (HORIZON - disaster);
        }
        tally.cost += COST_RUNNING * (home.min(HORIZON) - decided).max(0.0);
        // Disasters during a recovery are absorbed, and the time to the next one forgets how long it has been.
        disaster = home + draws.to_disaster();
    }
    tally
}
