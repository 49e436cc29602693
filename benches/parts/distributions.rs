//! A draw of each family of distributions.

use criterion::Criterion;
use drsim::dist::{Dist, DistError};
use drsim::rng::{Cause, Key};

pub(crate) fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("distribution");
    let mut stream = Key::new(42, "bench").stream(Cause::of_history(0), 0);
    for (name, dist) in families().expect("valid parameters") {
        group.bench_function(name, |bencher| bencher.iter(|| dist.sample(&mut stream)));
    }
    group.finish();
}

fn families() -> Result<Vec<(&'static str, Dist)>, DistError> {
    let lognormal = Dist::lognormal_median(100.0, 0.5)?;
    Ok(vec![
        ("constant", Dist::constant(60.0)?),
        ("exponential", Dist::exponential(60.0)?),
        ("uniform", Dist::uniform(5.0, 60.0)?),
        ("triangular", Dist::triangular(5.0, 15.0, 60.0)?),
        ("pert", Dist::pert(5.0, 15.0, 60.0)?),
        ("normal", Dist::normal(60.0, 10.0)?),
        ("lognormal", lognormal.clone()),
        ("gamma", Dist::gamma(3.0, 30.0)?),
        ("gamma, shape below 1", Dist::gamma(0.5, 30.0)?),
        ("weibull", Dist::weibull(1.5, 72.0)?),
        ("beta", Dist::beta(0.3, 0.15)?),
        ("empirical, 100 values", Dist::empirical((1..=100).map(f64::from).collect())?),
        ("mixture of two", Dist::mixture(vec![(0.8, lognormal.clone()), (0.2, Dist::exponential(600.0)?)])?),
        ("sum of three", Dist::sum(vec![lognormal.clone(), lognormal.clone(), lognormal.clone()])?),
        ("cut, half of it", lognormal.clone().between(None, Some(100.0))?),
        ("cut, its tail", lognormal.between(Some(500.0), None)?),
    ])
}
