//! Drawing what fails in a history, of which most scenarios have little and some have a lot.

use criterion::Criterion;
use drsim::hazard::Timeline;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("timeline");
    let scenarios = [
        ("reference".to_string(), scenarios::REFERENCE.to_string()),
        ("web-shop".to_string(), scenarios::shipped("web-shop").to_string()),
    ];
    let sizes = [1, 10, 100].map(|count| (format!("number of hazards {count}"), scenarios::hazards(count, 2.0)));
    for (name, text) in scenarios.into_iter().chain(sizes) {
        let scenario = scenarios::read(&text);
        let mut timeline = Timeline::new(&scenario);
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                number += 1;
                timeline.start(number, scenario.run.horizon);
                timeline.get(0).copied()
            });
        });
    }
    group.finish();
}
