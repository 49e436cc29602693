//! One history: under each strategy of the web shop (every built-in kind), of the reference model, with and without the short
//! cuts of the engine, and as scenarios grow.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use drsim::engine::Engine;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("history");
    let shop = scenarios::read(scenarios::shipped("web-shop"));
    for strategy in &shop.strategies {
        let mut alone = shop.clone();
        alone.strategies = vec![strategy.clone()];
        history(&mut group, &format!("web-shop, {}", strategy.name), Engine::new(&alone));
    }
    history(&mut group, "web-shop, all", Engine::new(&shop));
    history(&mut group, "web-shop, all, plain", Engine::plain(&shop));
    history(&mut group, "own-runbook", Engine::new(&scenarios::read(scenarios::shipped("own-runbook"))));
    let reference = scenarios::read(scenarios::REFERENCE);
    history(&mut group, "reference", Engine::new(&reference));
    history(&mut group, "reference, plain", Engine::plain(&reference));
    for count in [1, 10, 100] {
        let scenario = scenarios::read(&scenarios::hazards(count, 2.0));
        history(&mut group, &format!("number of hazards {count}, incidents a year 2"), Engine::new(&scenario));
    }
    for count in [10, 100] {
        let scenario = scenarios::read(&scenarios::steps(count));
        history(&mut group, &format!("number of steps {count}"), Engine::new(&scenario));
    }
    group.finish();
}

fn history(group: &mut BenchmarkGroup<WallTime>, name: &str, engine: Engine) {
    let (mut worker, mut number) = (engine.worker(), 0);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            number += 1;
            worker.history(number).len()
        });
    });
}
