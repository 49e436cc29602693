//! One history: under each strategy of the web shop (every built-in kind), of the reference model, and as scenarios grow.

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion};
use drsim::engine::Engine;
use drsim::model::Scenario;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("history");
    let shop = scenarios::read(scenarios::shipped("web-shop"));
    for strategy in &shop.strategies {
        let mut alone = shop.clone();
        alone.strategies = vec![strategy.clone()];
        history(&mut group, &format!("web-shop, {}", strategy.name), &alone);
    }
    history(&mut group, "web-shop, all", &shop);
    history(&mut group, "own-runbook", &scenarios::read(scenarios::shipped("own-runbook")));
    history(&mut group, "reference", &scenarios::read(scenarios::REFERENCE));
    for count in [1, 10, 100] {
        let name = format!("{count} hazards, 2 incidents a year in all");
        history(&mut group, &name, &scenarios::read(&scenarios::hazards(count, 2.0)));
    }
    for count in [10, 100] {
        history(&mut group, &format!("plan of {count} steps"), &scenarios::read(&scenarios::steps(count)));
    }
    group.finish();
}

fn history(group: &mut BenchmarkGroup<WallTime>, name: &str, scenario: &Scenario) {
    let engine = Engine::new(scenario);
    let (mut worker, mut number) = (engine.worker(), 0);
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            number += 1;
            worker.history(number).len()
        });
    });
}
