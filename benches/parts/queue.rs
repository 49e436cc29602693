//! The engine's queue, through whole histories: the same number of steps one after the other (one event pending) and
//! side by side (all of them pending).

use criterion::Criterion;
use drsim::engine::Engine;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("queue");
    for count in [4, 16, 64, 256] {
        let texts = [
            (format!("{count} steps in turn"), scenarios::steps(count)),
            (format!("{count} steps at once"), scenarios::side_by_side_steps(count)),
        ];
        for (name, text) in texts {
            let engine = Engine::new(&scenarios::read(&text));
            let (mut worker, mut number) = (engine.worker(), 0);
            group.bench_function(name, |bencher| {
                bencher.iter(|| {
                    number += 1;
                    worker.history(number).len()
                });
            });
        }
    }
    group.finish();
}
