//! Random streams: making one, and a word of it.

use criterion::Criterion;
use drsim::rng::{Cause, Key, name_hash};
use rand::Rng as _;
use std::hint::black_box;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("stream");
    let key = Key::new(42, "failover.promote-data.takes");
    let hazard = name_hash("region-event");
    let mut history = 0;
    group.bench_function("create, one word", |bencher| {
        bencher.iter(|| {
            history += 1;
            key.stream(Cause::new(black_box(history), hazard, 3), 0).next_u64()
        });
    });
    let mut stream = key.stream(Cause::of_history(17), 0);
    group.bench_function("word", |bencher| bencher.iter(|| stream.next_u64()));
    group.finish();
}
