//! One history: a discrete-event simulation of the service under each strategy.
//!
//! Assumes a checked scenario. Knows no strategy by name and no text; opens no file, reads no clock, draws no random
//! number without a purpose. Histories are prepared in blocks (`block`). The rules it follows are those of `docs/model.md`, section by section:
//! `world` is what can be down (1, 2), `served` the service (3), `points` the recovery points (4), `steps` and `run`
//! the plans (5), `incident` the rules of an incident (6), `home` the way back to normal.

mod block;
mod home;
mod incident;
mod life;
mod path;
mod points;
mod queue;
mod rounds;
mod run;
mod served;
mod sites;
mod steps;
mod straight;
mod world;

use crate::hazard::{Timeline, Watch};
use crate::model::Scenario;
use crate::outcome::Outcome;
use crate::plan::Program;
use crate::trace::Note;
use block::Block;
use life::Life;
use straight::Room;

/// A scenario made ready to be simulated; shared by all threads.
#[derive(Clone, Debug)]
pub struct Engine {
    scenario: Scenario,
    programs: Vec<Program>,
    /// By hazard: it sleeps until a plan waits for what it takes down.
    asleep: Vec<bool>,
    /// By hazard: all that it spreads to is what plans wait for.
    idle_spreads: Vec<bool>,
    /// Outages that nothing disturbs are lived through in one go.
    straight: bool,
}

/// What one thread needs to simulate histories.
#[derive(Clone, Debug)]
pub struct Worker<'a> {
    engine: &'a Engine,
    block: Block<'a>,
    lives: Vec<Life<'a>>,
    outcomes: Vec<Outcome>,
}

impl Engine {
    /// Compiles `scenario`. Hazards that can only keep the steps of a plan waiting are not simulated while no plan is
    /// under way, and an outage that nothing disturbs is not simulated event by event; what comes of it is the same, bit for
    /// bit, as with [`Engine::plain`].
    pub fn new(scenario: &Scenario) -> Engine {
        Engine { asleep: life::idle(scenario), straight: true, ..Engine::plain(scenario) }
    }

    /// Compiles `scenario` so that everything that happens is an event: slower, for comparison.
    pub fn plain(scenario: &Scenario) -> Engine {
        let programs = scenario.strategies.iter().map(|strategy| Program::new(scenario, strategy)).collect();
        Engine {
            scenario: scenario.clone(),
            programs,
            asleep: vec![false; scenario.hazards.len()],
            idle_spreads: life::idle_spreads(scenario),
            straight: false,
        }
    }

    /// Room to simulate in.
    pub fn worker(&self) -> Worker<'_> {
        let hazards = &self.scenario.hazards;
        let life = |program| {
            let waits =
                |index: &usize| self.asleep[*index] && life::keeps_waiting(&self.scenario, program, &hazards[*index]);
            let sleepers = (0..hazards.len()).filter(waits).map(|index| Watch::new(&self.scenario, index));
            let mut life = Life::new(&self.scenario, program, sleepers.collect());
            if self.straight && straight::is_simple(&self.scenario, program) {
                life.room = Some(Box::new(Room::new(&self.scenario)));
            }
            life
        };
        let awake = (0..hazards.len()).filter(|&hazard| !self.asleep[hazard]);
        Worker {
            engine: self,
            block: Block::new(
                &self.scenario,
                block::size(awake.map(|hazard| &hazards[hazard]), self.scenario.run.horizon),
                &self.idle_spreads,
                Timeline::of(&self.scenario, |hazard| !self.asleep[hazard]),
            ),
            lives: self.programs.iter().map(life).collect(),
            outcomes: vec![Outcome::default(); self.programs.len()],
        }
    }
}

impl Worker<'_> {
    /// The outcome of history `number` under strategy `strategy` (its index), and all that happened in it.
    pub fn trace(&self, number: u64, strategy: usize) -> (Outcome, Vec<Note>) {
        let Engine { scenario, programs, idle_spreads, .. } = self.engine;
        let mut block = Block::new(scenario, 1, idle_spreads, Timeline::new(scenario));
        block.prepare(number);
        let mut history = block.history(number).expect("it is in its block");
        let mut life = Life::new(scenario, &programs[strategy], Vec::new());
        life.notes = Some(Vec::new());
        let mut outcome = Outcome::default();
        life.live(number, &mut history, &mut outcome);
        (outcome, life.notes.take().unwrap_or_default())
    }

    /// The outcome of history `number` under each strategy, in the order of the scenario.
    pub fn history(&mut self, number: u64) -> &[Outcome] {
        if self.block.history(number).is_none() {
            let (histories, strikes) = self.block.prepare(number);
            self.lives.iter_mut().for_each(|life| life.draw_ahead(histories.clone(), strikes));
        }
        let mut prepared = self.block.history(number).expect("it is in its block");
        for (life, outcome) in self.lives.iter_mut().zip(&mut self.outcomes) {
            life.live(number, &mut prepared, outcome);
        }
        &self.outcomes
    }
}
