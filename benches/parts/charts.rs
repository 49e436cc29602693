//! Each chart of the web shop as SVG and as PNG, and the Gantt chart of an incident.

use criterion::Criterion;
use drsim::cost;
use drsim::engine::Engine;
use drsim::model::Scenario;
use drsim::report;
use drsim::report::charts::Canvas;
use drsim::report::trace::Told;
use drsim::study;
use drsim::summary::Summary;
use std::sync::atomic::AtomicBool;

use crate::scenarios;

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut scenario = scenarios::read(scenarios::shipped("web-shop"));
    scenario.run.histories = 2000;
    let cancel = AtomicBool::new(false);
    let options = study::Options {
        histories: 0..scenario.run.histories,
        plain: false,
        threads: 1,
        cancel: &cancel,
        progress: &mut |_| {},
        raw: None,
    };
    let study = study::run(&scenario, 0, options).expect("no sink, no error");
    let summary = Summary::new(&scenario, &study.partial);

    let mut group = criterion.benchmark_group("chart");
    group.bench_function("all, laid out", |bencher| {
        bencher.iter(|| report::charts::charts(&scenario, &summary).len());
    });
    let mut charts = report::charts::charts(&scenario, &summary);
    charts.push(("gantt", gantt(&scenario)));
    for (name, chart) in &charts {
        group.bench_function(format!("{name}, SVG"), |bencher| bencher.iter(|| chart.clone().svg().len()));
        group.bench_function(format!("{name}, PNG"), |bencher| bencher.iter(|| chart.png().len()));
    }
    group.finish();
}

/// Of the incident of history 0 in which most happens.
fn gantt(scenario: &Scenario) -> Canvas {
    let engine = Engine::new(scenario);
    let worker = engine.worker();
    let (outcome, notes) = worker.trace(0, 0);
    let bill = cost::bill(scenario, 0, &outcome);
    let told = Told { scenario, strategy: 0, history: 0, outcome: &outcome, bill: &bill, notes: &notes };
    let chapters = told.chapters();
    let chapter = chapters.iter().max_by_key(|chapter| chapter.notes.len()).expect("ten years without an incident");
    report::charts::gantt(&report::gantt::incident(&told, chapter))
}
