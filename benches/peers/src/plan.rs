//! The plan and the books of a recovery, for peers whose events call back.

use crate::draws::Draws;
use crate::*;

pub const DETECT_STEP: usize = 0;
pub const PROVISION_STEP: usize = 3;
pub const DEPLOY_STEP: usize = 4;
pub const REPAIR_STEP: usize = 7;
/// Detect, decide, restore, provision, deploy, validate, shift traffic; then repair of the region and failback.
pub const STEPS: usize = 9;
/// What may start when a step is done.
pub const NEXT: [&[usize]; STEPS] = [&[1], &[2, 3], &[4], &[4], &[5], &[6], &[8], &[8], &[]];
/// How many steps each waits for.
const WAITS_FOR: [u8; STEPS] = [0, 1, 1, 1, 2, 1, 1, 0, 2];

/// How long a step takes.
pub fn takes(step: usize, draws: &mut Draws) -> f64 {
    match step {
        DETECT_STEP => draws.detect(),
        1 => draws.decide(),
        2 => draws.restore(),
        PROVISION_STEP => draws.provision(),
        DEPLOY_STEP => draws.deploy(),
        5 => draws.validate(),
        6 => draws.shift_traffic(),
        REPAIR_STEP => draws.repair(),
        _ => draws.failback(),
    }
}

/// Whether a step goes on only while the control plane is up.
pub fn needs_control(step: usize) -> bool {
    step == PROVISION_STEP || step == DEPLOY_STEP
}

/// Where a plan stands: what each step still waits for, and work that is held.
#[derive(Clone, Debug)]
pub struct Progress {
    waits_for: [u8; STEPS],
    /// When a step that needs the control plane would be done.
    pub done_at: [f64; STEPS],
    /// The rest of a step that is held.
    pub held: [Option<f64>; STEPS],
}

impl Default for Progress {
    fn default() -> Self {
        Progress { waits_for: WAITS_FOR, done_at: [0.0; STEPS], held: [None; STEPS] }
    }
}

impl Progress {
    /// One of the steps that `step` waits for is done: whether it was the last.
    pub fn ready(&mut self, step: usize) -> bool {
        self.waits_for[step] -= 1;
        self.waits_for[step] == 0
    }
}

/// The books of one history.
#[derive(Clone, Debug)]
pub struct Book {
    tally: Tally,
    booked: f64,
    rate: f64,
    /// Since when the service is down.
    down: Option<f64>,
    /// From a disaster until the service is home.
    pub busy: bool,
}

impl Default for Book {
    fn default() -> Self {
        let tally = Tally { histories: 1, ..Tally::default() };
        Book { tally, booked: 0.0, rate: COST_ALWAYS, down: None, busy: false }
    }
}

impl Book {
    fn accrue(&mut self, now: f64) {
        self.tally.cost += self.rate * (now - self.booked);
        self.booked = now;
    }

    fn up_again(&mut self, since: f64, now: f64) {
        self.tally.downtime += now - since;
        self.tally.cost += COST_DOWN * (now - since);
    }

    /// A disaster that finds the service at home.
    pub fn disaster(&mut self, now: f64, loss: f64) {
        self.busy = true;
        self.down = Some(now);
        self.tally.disasters += 1;
        self.tally.data_loss += loss;
        self.tally.cost += COST_LOSS * loss;
    }

    /// A step is done.
    pub fn done(&mut self, step: usize, now: f64) {
        match step {
            1 => {
                self.accrue(now);
                self.rate = COST_ALWAYS + COST_RUNNING;
            }
            6 => {
                let since = self.down.take().expect("traffic shifts in a disaster");
                self.tally.recoveries += 1;
                self.tally.recovery_time += now - since;
                self.up_again(since, now);
            }
            8 => {
                self.accrue(now);
                self.rate = COST_ALWAYS;
                self.busy = false;
            }
            _ => {}
        }
    }

    /// The history is over.
    pub fn finish(&mut self) -> Tally {
        if let Some(since) = self.down.take() {
            self.up_again(since, HORIZON);
        }
        self.accrue(HORIZON);
        self.tally
    }
}
