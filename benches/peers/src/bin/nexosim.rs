//! NeXosim 1.0: one model that schedules its own events (faster than models connected by ports), a
//! simulation for each history.

use nexosim::model::{Context, Model, schedulable};
use nexosim::simulation::{EventKey, Mailbox, SimInit};
use nexosim::time::MonotonicTime;
use peers::draws::{Draws, Laws};
use peers::plan::{self, Book, DEPLOY_STEP, DETECT_STEP, NEXT, PROVISION_STEP, Progress, REPAIR_STEP, STEPS};
use peers::{HORIZON, Tally, arguments, time};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};
use std::time::Duration;

static LAWS: LazyLock<Laws> = LazyLock::new(Laws::default);

/// What the model knows beyond its own life: models must be serialisable, and the draws are not.
#[derive(Clone)]
struct Shared(Arc<Mutex<World>>);

struct World {
    draws: Draws<'static>,
    book: Book,
    progress: Progress,
    control_up: bool,
}

impl World {
    fn new(history: u64) -> World {
        let draws = Draws::new(history, &LAWS);
        World { draws, book: Book::default(), progress: Progress::default(), control_up: true }
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().expect("nobody panicked")
    }
}

impl Serialize for Shared {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'de> Deserialize<'de> for Shared {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <()>::deserialize(deserializer).map(|()| Shared(Arc::new(Mutex::new(World::new(0)))))
    }
}

#[derive(Serialize, Deserialize)]
struct Recovery {
    shared: Shared,
    keys: [Option<EventKey>; STEPS],
}

#[Model]
impl Recovery {
    #[nexosim(init)]
    async fn init(&mut self, context: &Context<Self>) {
        let (control, disaster) = {
            let draws = &mut self.shared.world().draws;
            (draws.control_up(), draws.to_disaster())
        };
        context.schedule_event(duration(control), schedulable!(Self::toggle), ()).expect("later");
        context.schedule_event(duration(disaster), schedulable!(Self::disaster), ()).expect("later");
    }

    fn go_on(&mut self, step: usize, rest: f64, context: &Context<Self>) {
        if plan::needs_control(step) {
            self.shared.world().progress.done_at[step] = minutes(context.time()) + rest;
            let key = context.schedule_keyed_event(duration(rest), schedulable!(Self::done), step);
            self.keys[step] = Some(key.expect("later"));
        } else {
            context.schedule_event(duration(rest), schedulable!(Self::done), step).expect("later");
        }
    }

    fn start(&mut self, step: usize, context: &Context<Self>) {
        let (takes, up) = {
            let mut world = self.shared.world();
            (plan::takes(step, &mut world.draws), world.control_up)
        };
        if plan::needs_control(step) && !up {
            self.shared.world().progress.held[step] = Some(takes);
        } else {
            self.go_on(step, takes, context);
        }
    }

    /// The control plane fails or is back.
    #[nexosim(schedulable)]
    fn toggle(&mut self, _: (), context: &Context<Self>) {
        let now = minutes(context.time());
        let (up, lasts) = {
            let mut world = self.shared.world();
            world.control_up = !world.control_up;
            let up = world.control_up;
            (up, if up { world.draws.control_up() } else { world.draws.control_down() })
        };
        for step in [PROVISION_STEP, DEPLOY_STEP] {
            if up {
                let held = self.shared.world().progress.held[step].take();
                if let Some(rest) = held {
                    self.go_on(step, rest, context);
                }
            } else if let Some(key) = self.keys[step].take() {
                key.cancel();
                let progress = &mut self.shared.world().progress;
                progress.held[step] = Some((progress.done_at[step] - now).max(0.0));
            }
        }
        context.schedule_event(duration(lasts), schedulable!(Self::toggle), ()).expect("later");
    }

    #[nexosim(schedulable)]
    fn disaster(&mut self, _: (), context: &Context<Self>) {
        let now = minutes(context.time());
        let (next, counts) = {
            let world = &mut *self.shared.world();
            let next = world.draws.to_disaster();
            let counts = !world.book.busy;
            if counts {
                let loss = world.draws.data_loss(now);
                world.book.disaster(now, loss);
                world.progress = Progress::default();
            }
            (next, counts)
        };
        context.schedule_event(duration(next), schedulable!(Self::disaster), ()).expect("later");
        if counts {
            self.start(REPAIR_STEP, context);
            self.start(DETECT_STEP, context);
        }
    }

    #[nexosim(schedulable)]
    fn done(&mut self, step: usize, context: &Context<Self>) {
        self.keys[step] = None;
        self.shared.world().book.done(step, minutes(context.time()));
        for &next in NEXT[step] {
            let ready = self.shared.world().progress.ready(next);
            if ready {
                self.start(next, context);
            }
        }
    }
}

fn duration(minutes: f64) -> Duration {
    Duration::from_nanos((minutes * 60e9) as u64).max(Duration::from_nanos(1))
}

fn minutes(time: MonotonicTime) -> f64 {
    (time.as_secs() as f64 + f64::from(time.subsec_nanos()) * 1e-9) / 60.0
}

fn history(number: u64) -> Tally {
    let shared = Shared(Arc::new(Mutex::new(World::new(number))));
    let recovery = Recovery { shared: shared.clone(), keys: Default::default() };
    let simulation = SimInit::with_num_threads(1).add_model(recovery, Mailbox::new(), "recovery");
    let mut simulation = simulation.init(MonotonicTime::EPOCH).expect("a sound model");
    simulation.step_until(duration(HORIZON)).expect("no event fails");
    shared.world().book.finish()
}

fn main() {
    time(arguments().0, history);
}
