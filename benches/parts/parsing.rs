//! From text to model, and from mistakes to messages.

use criterion::Criterion;
use drsim::scenario::{self, Options, Source};

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parsing");
    for (name, text) in scenario::shipped() {
        let source = Source { name, text };
        group.bench_function(*name, |bencher| {
            bencher.iter(|| scenario::read(source, &Options::default()).expect("valid").scenario.hazards.len());
        });
    }
    let text = scenarios::hazards(100, 2.0);
    group.bench_function("100 hazards", |bencher| bencher.iter(|| scenarios::read(&text).hazards.len()));

    let broken = broken();
    let source = Source { name: "broken.toml", text: &broken };
    group.bench_function("web-shop with three mistakes, messages", |bencher| {
        bencher.iter(|| {
            let errors = scenario::read(source, &Options::default()).expect_err("broken");
            errors.iter().map(|error| error.render(true).len()).sum::<usize>()
        });
    });
    group.finish();
}

fn broken() -> String {
    let mut text = scenarios::shipped("web-shop").to_string();
    for (right, wrong) in [
        ("mttf = \"180d\"", "mttf = 180"),
        ("readiness =", "rediness ="),
        ("like = \"warm-standby\"", "like = \"warm\""),
    ] {
        assert!(text.contains(right), "the web shop has no `{right}`");
        text = text.replace(right, wrong);
    }
    text
}
