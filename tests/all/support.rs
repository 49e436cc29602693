//! What the tests share: a scenario run to its outcomes, and comparisons with exact answers.

use drsim::engine::Engine;
use drsim::outcome::{Incident, Outcome};
use drsim::scenario;

/// The outcomes of all histories of a scenario text: by strategy, then by history.
pub(crate) fn outcomes(text: &str) -> Vec<Vec<Outcome>> {
    let scenario = parse(text);
    let engine = Engine::new(&scenario);
    let mut worker = engine.worker();
    let mut all: Vec<Vec<Outcome>> = vec![Vec::new(); scenario.strategies.len()];
    for history in 0..scenario.run.histories {
        for (outcomes, outcome) in all.iter_mut().zip(worker.history(history)) {
            outcomes.push(outcome.clone());
        }
    }
    all
}

/// The incidents of the only (or first) strategy.
pub(crate) fn incidents(text: &str) -> Vec<Incident> {
    outcomes(text).swap_remove(0).into_iter().flat_map(|outcome| outcome.incidents).collect()
}

/// A scenario that must be valid.
pub(crate) fn parse(text: &str) -> drsim::model::Scenario {
    match scenario::read(scenario::Source { name: "test.toml", text }, &scenario::Options::default()) {
        Ok(read) => read.scenario,
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(|error| error.render(false)).collect();
            panic!("{}\n{text}", all.join("\n"))
        }
    }
}

/// The mean of a sample must lie within 4 standard errors of `exact`: false alarm 6e-5.
pub(crate) fn assert_mean(what: &str, sample: &[f64], exact: f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let sd = (sample.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let error = (sd / n.sqrt()).max(exact.abs() * 1e-9);
    let z = (mean - exact) / error;
    assert!(z.abs() < 4.0, "{what}: mean {mean} of {n} values, exact {exact}, z = {z:.2}");
}

/// The standard deviation must lie within 4 standard errors of `exact`, by the fourth moment: false alarm 6e-5.
pub(crate) fn assert_sd(what: &str, sample: &[f64], exact: f64) {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let moment = |k: i32| sample.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    let (variance, fourth) = (moment(2), moment(4));
    let z = (variance - exact * exact) / ((fourth - variance * variance) / n).sqrt();
    assert!(z.abs() < 4.0, "{what}: sd {}, exact {exact}, z = {z:.2}", variance.sqrt());
}

/// The share of a sample up to `x` must lie within 4 standard errors of `exact`: false alarm 6e-5.
pub(crate) fn assert_share(what: &str, sample: &[f64], x: f64, exact: f64) {
    let n = sample.len() as f64;
    let share = sample.iter().filter(|&&value| value <= x).count() as f64 / n;
    let z = (share - exact) / (exact * (1.0 - exact) / n).sqrt();
    assert!(z.abs() < 4.0, "{what}: share up to {x} is {share}, exact {exact}, z = {z:.2}");
}

/// The `p`-quantile is `x` where the law is continuous: the share up to it says so.
pub(crate) fn assert_quantile(what: &str, sample: &[f64], p: f64, x: f64) {
    assert_share(&format!("{what}, p{}", p * 100.0), sample, x, p);
}

/// Kolmogorov-Smirnov against a law: false alarm 1e-5 (2 exp(-2 x^2) at x = 2.47).
pub(crate) fn assert_law(what: &str, sample: &[f64], cdf: impl Fn(f64) -> f64) {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = sorted.iter().enumerate().fold(0.0_f64, |worst, (i, &x)| {
        let exact = cdf(x);
        worst.max((exact - i as f64 / n).abs()).max((exact - (i + 1) as f64 / n).abs())
    });
    assert!(distance * n.sqrt() < 2.47, "{what}: Kolmogorov-Smirnov distance {distance} of {n} values");
}
