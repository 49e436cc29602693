//! What the tests share: a scenario run to its outcomes, and comparisons with exact answers.

use drsim::engine::Engine;
use drsim::outcome::{Incident, Outcome};
use drsim::scenario;

/// Histories in which everything that happens is looked at as an event too.
const PLAIN: u64 = 200;

/// The outcomes of all histories of a scenario text: by strategy, then by history. The plain engine must give the same.
pub(crate) fn outcomes(text: &str) -> Vec<Vec<Outcome>> {
    let scenario = parse(text);
    let (engine, plain) = (Engine::new(&scenario), Engine::plain(&scenario));
    let (mut worker, mut event_by_event) = (engine.worker(), plain.worker());
    let mut all: Vec<Vec<Outcome>> = vec![Vec::new(); scenario.strategies.len()];
    for history in 0..scenario.run.histories {
        let outcomes = worker.history(history);
        if history < PLAIN {
            assert_eq!(outcomes, event_by_event.history(history), "history {history} of\n{text}");
        }
        for (all, outcome) in all.iter_mut().zip(outcomes) {
            all.push(outcome.clone());
        }
    }
    all
}

/// The incidents of the only (or first) strategy.
pub(crate) fn incidents(text: &str) -> Vec<Incident> {
    outcomes(text).swap_remove(0).into_iter().flat_map(|outcome| outcome.incidents.to_vec()).collect()
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

/// A comparison with an exact answer.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    /// Of which quantity, with its unit, which statistic.
    pub(crate) what: String,
    pub(crate) expected: f64,
    pub(crate) obtained: f64,
    /// Size of the sample.
    pub(crate) count: usize,
    pub(crate) score: Score,
}

/// How far the obtained value is from the expected one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Score {
    /// In standard errors: must be within 4, false alarm 6e-5.
    Z(f64),
    /// Kolmogorov-Smirnov: largest distance of the distribution functions times the root of the sample size. Must be
    /// within 2.47, false alarm 1e-5 (2 exp(-2 x^2)).
    Distance(f64),
    /// Nothing is left to chance: must be equal but for the last tick.
    Exact,
}

impl Check {
    /// Nothing is left to chance.
    pub(crate) fn exact(what: &str, obtained: f64, expected: f64, count: usize) -> Check {
        Check { what: what.into(), expected, obtained, count, score: Score::Exact }
    }

    /// Why it fails, if it does.
    pub(crate) fn fault(&self) -> Option<String> {
        let holds = match self.score {
            Score::Z(z) => z.abs() < 4.0,
            Score::Distance(distance) => distance < 2.47,
            Score::Exact => (self.expected - self.obtained).abs() <= 1e-9 * self.expected.abs().max(1.0),
        };
        let Check { what, expected, obtained, count, score } = self;
        (!holds).then(|| format!("{what}: {obtained}, exact {expected}, of {count} values, {score:?}"))
    }

    #[track_caller]
    fn hold(&self) {
        if let Some(fault) = self.fault() {
            panic!("{fault}");
        }
    }
}

/// The mean of a sample.
pub(crate) fn mean(what: &str, sample: &[f64], expected: f64) -> Check {
    let n = sample.len() as f64;
    let obtained = sample.iter().sum::<f64>() / n;
    let sd = (sample.iter().map(|x| (x - obtained).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
    let error = (sd / n.sqrt()).max(expected.abs() * 1e-9);
    let what = format!("{what}: mean");
    Check { what, expected, obtained, count: sample.len(), score: Score::Z((obtained - expected) / error) }
}

/// The standard deviation of a sample; its standard error by the fourth moment.
pub(crate) fn sd(what: &str, sample: &[f64], expected: f64) -> Check {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let moment = |k: i32| sample.iter().map(|x| (x - mean).powi(k)).sum::<f64>() / n;
    let (variance, fourth) = (moment(2), moment(4));
    let z = (variance - expected * expected) / ((fourth - variance * variance) / n).sqrt();
    let what = format!("{what}: sd");
    Check { what, expected, obtained: variance.sqrt(), count: sample.len(), score: Score::Z(z) }
}

/// The share of a sample up to `x`.
pub(crate) fn share(what: &str, sample: &[f64], x: f64, expected: f64) -> Check {
    let n = sample.len() as f64;
    let obtained = sample.iter().filter(|&&value| value <= x).count() as f64 / n;
    let z = (obtained - expected) / (expected * (1.0 - expected) / n).sqrt();
    let what = format!("{what}: share up to {x}");
    Check { what, expected, obtained, count: sample.len(), score: Score::Z(z) }
}

/// The `p`-quantile is `x` where the law is continuous: the share up to it says so.
pub(crate) fn quantile(what: &str, sample: &[f64], p: f64, x: f64) -> Check {
    let Score::Z(z) = share(what, sample, x, p).score else { unreachable!("a share has a standard error") };
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let obtained = sorted[((p * sorted.len() as f64).ceil() as usize - 1).min(sorted.len() - 1)];
    let what = format!("{what}: p{}", p * 100.0);
    Check { what, expected: x, obtained, count: sample.len(), score: Score::Z(z) }
}

/// The whole distribution function, by Kolmogorov-Smirnov.
pub(crate) fn law(what: &str, sample: &[f64], cdf: impl Fn(f64) -> f64) -> Check {
    let mut sorted = sample.to_vec();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len() as f64;
    let distance = sorted.iter().enumerate().fold(0.0_f64, |worst, (i, &x)| {
        let exact = cdf(x);
        worst.max((exact - i as f64 / n).abs()).max((exact - (i + 1) as f64 / n).abs())
    });
    let (what, score) = (format!("{what}: law, largest distance"), Score::Distance(distance * n.sqrt()));
    Check { what, expected: 0.0, obtained: distance, count: sample.len(), score }
}

/// [`mean`] must hold.
#[track_caller]
pub(crate) fn assert_mean(what: &str, sample: &[f64], exact: f64) {
    mean(what, sample, exact).hold();
}

/// [`share`] must hold.
#[track_caller]
pub(crate) fn assert_share(what: &str, sample: &[f64], x: f64, exact: f64) {
    share(what, sample, x, exact).hold();
}
