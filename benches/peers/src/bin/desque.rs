//! desque 0.4: boxed events on a binary heap. It cannot cancel one, so an event that is out of date does nothing.

use desque::serial::{Event, Simulation};
use desque::{Result, SimState, SimTime};
use peers::draws::{Draws, Laws};
use peers::plan::{self, Book, DEPLOY_STEP, DETECT_STEP, NEXT, PROVISION_STEP, Progress, REPAIR_STEP, STEPS};
use peers::{HORIZON, Tally, arguments, time};
use std::cmp::Ordering;

#[derive(Copy, Clone, Debug, PartialEq)]
struct Minutes(f64);

impl Eq for Minutes {}

impl PartialOrd for Minutes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Minutes {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.partial_cmp(&other.0).expect("a time")
    }
}

impl SimTime for Minutes {}

struct World<'a> {
    draws: Draws<'a>,
    book: Book,
    control_up: bool,
    progress: Progress,
    /// Which event that ends a step is the valid one.
    stamps: [u32; STEPS],
    running: [bool; STEPS],
}

impl SimState<Minutes> for World<'_> {
    fn is_complete(&self, now: &Minutes) -> bool {
        now.0 > HORIZON
    }
}

type Sim<'a> = Simulation<World<'a>, Minutes>;

/// The control plane fails or is back.
#[derive(Debug)]
struct Toggle;

#[derive(Debug)]
struct Disaster;

#[derive(Debug)]
struct Done {
    step: usize,
    stamp: u32,
}

fn go_on(sim: &mut Sim, step: usize, rest: f64) -> Result {
    let done_at = sim.current_time().0 + rest;
    let world = sim.state_mut();
    world.progress.done_at[step] = done_at;
    world.running[step] = true;
    let stamp = world.stamps[step];
    sim.schedule(Done { step, stamp }, Minutes(done_at))
}

fn start(sim: &mut Sim, step: usize) -> Result {
    let world = sim.state_mut();
    let takes = plan::takes(step, &mut world.draws);
    if plan::needs_control(step) && !world.control_up {
        world.progress.held[step] = Some(takes);
        return Ok(());
    }
    go_on(sim, step, takes)
}

impl Event<World<'_>, Minutes> for Toggle {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        let now = sim.current_time().0;
        if now > HORIZON {
            return Ok(());
        }
        let world = sim.state_mut();
        world.control_up = !world.control_up;
        let up = world.control_up;
        let lasts = if up { world.draws.control_up() } else { world.draws.control_down() };
        for step in [PROVISION_STEP, DEPLOY_STEP] {
            let world = sim.state_mut();
            if !up && world.running[step] {
                world.running[step] = false;
                world.stamps[step] += 1;
                world.progress.held[step] = Some(world.progress.done_at[step] - now);
            } else if up && let Some(rest) = world.progress.held[step].take() {
                go_on(sim, step, rest)?;
            }
        }
        sim.schedule(Toggle, Minutes(now + lasts))
    }
}

impl Event<World<'_>, Minutes> for Disaster {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        let now = sim.current_time().0;
        if now > HORIZON {
            return Ok(());
        }
        let world = sim.state_mut();
        let next = world.draws.to_disaster();
        if !world.book.busy {
            let loss = world.draws.data_loss(now);
            world.book.disaster(now, loss);
            world.progress = Progress::default();
            start(sim, REPAIR_STEP)?;
            start(sim, DETECT_STEP)?;
        }
        sim.schedule(Disaster, Minutes(now + next))
    }
}

impl Event<World<'_>, Minutes> for Done {
    fn execute(&mut self, sim: &mut Sim) -> Result {
        let now = sim.current_time().0;
        let world = sim.state_mut();
        if now > HORIZON || world.stamps[self.step] != self.stamp {
            return Ok(());
        }
        world.running[self.step] = false;
        world.book.done(self.step, now);
        for &next in NEXT[self.step] {
            if sim.state_mut().progress.ready(next) {
                start(sim, next)?;
            }
        }
        Ok(())
    }
}

fn history(number: u64, laws: &Laws) -> Tally {
    let mut draws = Draws::new(number, laws);
    let (control, disaster) = (draws.control_up(), draws.to_disaster());
    let world = World {
        draws,
        book: Book::default(),
        control_up: true,
        progress: Progress::default(),
        stamps: [0; STEPS],
        running: [false; STEPS],
    };
    let mut sim = Simulation::new(world, Minutes(0.0));
    sim.schedule(Toggle, Minutes(control)).expect("later than the start");
    sim.schedule(Disaster, Minutes(disaster)).expect("later than the start");
    sim.run().expect("nothing is scheduled in the past");
    sim.state_mut().book.finish()
}

fn main() {
    let laws = Laws::default();
    time(arguments().0, |number| history(number, &laws));
}
