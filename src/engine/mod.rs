//! One history: a discrete-event simulation of the service under each strategy.
//!
//! Assumes a checked scenario. Knows no strategy by name and no text; opens no file, reads no clock, draws no random
//! number without a purpose. The rules it follows are those of `docs/model.md`, section by section:
//! `world` is what can be down (1, 2), `served` the service (3), `points` the recovery points (4), `steps` and `run`
//! the plans (5), `incident` the rules of an incident (6), `home` the way back to normal.

mod home;
mod incident;
mod life;
mod path;
mod points;
mod run;
mod served;
mod steps;
mod world;

use crate::hazard::Timeline;
use crate::model::Scenario;
use crate::outcome::Outcome;
use crate::plan::Program;
use crate::trace::Note;
use life::Life;

/// A scenario made ready to be simulated; shared by all threads.
#[derive(Clone, Debug)]
pub struct Engine {
    scenario: Scenario,
    programs: Vec<Program>,
}

/// What one thread needs to simulate histories.
#[derive(Clone, Debug)]
pub struct Worker<'a> {
    timeline: Timeline<'a>,
    lives: Vec<Life<'a>>,
    outcomes: Vec<Outcome>,
    scenario: &'a Scenario,
}

impl Engine {
    /// Compiles `scenario`.
    pub fn new(scenario: &Scenario) -> Engine {
        let programs = scenario.strategies.iter().map(|strategy| Program::new(scenario, strategy)).collect();
        Engine { scenario: scenario.clone(), programs }
    }

    /// Room to simulate in.
    pub fn worker(&self) -> Worker<'_> {
        let lives = self.programs.iter().map(|program| Life::new(&self.scenario, program)).collect();
        let timeline = Timeline::new(&self.scenario.hazards, self.scenario.run.seed);
        Worker { timeline, lives, outcomes: Vec::new(), scenario: &self.scenario }
    }
}

impl Worker<'_> {
    /// The outcome of history `number` under strategy `strategy` (its index), and all that happened in it.
    pub fn trace(&mut self, number: u64, strategy: usize) -> (Outcome, Vec<Note>) {
        self.timeline.start(number, self.scenario.run.horizon);
        let life = &mut self.lives[strategy];
        life.notes = Some(Vec::new());
        let outcome = life.live(number, &mut self.timeline);
        (outcome, life.notes.take().unwrap_or_default())
    }

    /// The outcome of history `number` under each strategy, in the order of the scenario.
    pub fn history(&mut self, number: u64) -> &[Outcome] {
        self.timeline.start(number, self.scenario.run.horizon);
        self.outcomes.clear();
        for life in &mut self.lives {
            self.outcomes.push(life.live(number, &mut self.timeline));
        }
        &self.outcomes
    }
}
