//! An independent oracle: where all laws are exponential, the system is a continuous-time Markov chain that can be solved.
//!
//! Two sites that fail and are repaired, a failover of one exponential step to the other site (it works while that site is
//! up), replication that runs the other way once both sites have been up together for an exponential time, no return
//! home. A state is (which site is active, is the active one up, is the other one up, does the replica follow).

use crate::support::outcomes;
use drsim::units::Time;
use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Mean times in hours, by site where there are two.
#[derive(Debug)]
struct Means {
    up: [f64; 2],
    repair: [f64; 2],
    failover: f64,
    reprotect: f64,
}

const STATES: usize = 16;

fn state(active: usize, up: bool, other_up: bool, protected: bool) -> usize {
    active * 8 + usize::from(up) * 4 + usize::from(other_up) * 2 + usize::from(protected)
}

/// Rates between states, per hour.
fn generator(means: &Means) -> Vec<Vec<f64>> {
    let mut rates = vec![vec![0.0; STATES]; STATES];
    for active in 0..2 {
        let other = 1 - active;
        for code in 0..8 {
            let (up, other_up, protected) = (code & 4 != 0, code & 2 != 0, code & 1 != 0);
            let from = state(active, up, other_up, protected);
            let mut go = |to: usize, mean: f64| rates[from][to] += 1.0 / mean;
            let (own, its) = (if up { means.up } else { means.repair }, if other_up { means.up } else { means.repair });
            go(state(active, !up, other_up, protected), own[active]);
            go(state(active, up, !other_up, protected), its[other]);
            if up && other_up && !protected {
                go(state(active, up, other_up, true), means.reprotect);
            }
            if !up && other_up && protected {
                // Traffic moves: the other site is active, the old one is down and follows nothing.
                go(state(other, true, false, false), means.failover);
            }
        }
    }
    rates
}

/// The long-run share of time in each state: the solution of `pi Q = 0`, `sum pi = 1`, by Gaussian elimination.
fn stationary(rates: &[Vec<f64>]) -> Vec<f64> {
    let n = rates.len();
    let mut rows: Vec<Vec<f64>> = (0..n)
        .map(|to| {
            let leaves = |from: usize| if from == to { rates[from].iter().sum::<f64>() } else { 0.0 };
            (0..n).map(|from| rates[from][to] - leaves(from)).chain([0.0]).collect()
        })
        .collect();
    rows[n - 1] = vec![1.0; n + 1];
    for column in 0..n {
        let pivot = (column..n).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
        rows.swap(column, pivot.expect("there is a row"));
        let lead = rows[column].clone();
        for (index, row) in rows.iter_mut().enumerate() {
            if index != column {
                let factor = row[column] / lead[column];
                row.iter_mut().zip(&lead).for_each(|(value, lead)| *value -= factor * lead);
            }
        }
    }
    (0..n).map(|index| rows[index][n] / rows[index][index]).collect()
}

/// The share of time in which the active site is down.
fn unavailability(means: &Means) -> f64 {
    let shares = stationary(&generator(means));
    (0..STATES).filter(|state| state & 4 == 0).map(|state| shares[state]).sum()
}

fn scenario(means: &Means) -> String {
    let hazard = |name: &str, site: usize| {
        format!(
            r#"
            [hazards.{name}]
            takes_down = ["{name}.data-plane"]
            mttf = "{}h"
            time_to_repair = {{ exponential = {{ mean = "{}h" }} }}
            source = "test"
            "#,
            means.up[site], means.repair[site]
        )
    };
    format!(
        r#"
        title = "chain"
        [run]
        histories = 200
        horizon = "20y"
        seed = 11
        [workload]
        home = "one"
        [sites]
        one = "1"
        two = "2"
        {}{}
        [strategies.only]
        kind = "custom"
        standby_capacity = 1
        replication = {{ lag = "0s" }}
        reprotect = {{ exponential = {{ mean = "{}h" }} }}
        failover.shift = {{ takes = {{ exponential = {{ mean = "{}h" }} }}, data = "replica", traffic = true }}
        "#,
        hazard("one", 0),
        hazard("two", 1),
        means.reprotect,
        means.failover
    )
}

#[test]
fn the_chain_of_the_validation_page_is_solved() {
    // V11: every step of length 0, protected at once; the limit of very short means.
    let means = Means { up: [2000.0; 2], repair: [8.0; 2], failover: 1e-7, reprotect: 1e-7 };
    assert!((unavailability(&means) * 8760.0 - 0.208_429).abs() < 1e-5);
}

#[test]
fn long_run_unavailability_is_that_of_the_markov_chain() {
    // 120 comparisons at |z| < 4.5: a false alarm in 8e-4 of all seeds. The start (all up) is forgotten within days.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(5);
    let mut between = |low: f64, high: f64| (low * (high / low).powf(rng.random::<f64>()) * 10.0).round() / 10.0;
    for _ in 0..120 {
        let means = Means {
            up: [between(100.0, 2000.0), between(100.0, 2000.0)],
            repair: [between(2.0, 60.0), between(2.0, 60.0)],
            failover: between(0.2, 20.0),
            reprotect: between(1.0, 100.0),
        };
        let exact = unavailability(&means);
        let horizon = Time(20 * Time::YEAR.0).hours();
        let shares: Vec<f64> =
            outcomes(&scenario(&means))[0].iter().map(|outcome| outcome.downtime.hours() / horizon).collect();
        let n = shares.len() as f64;
        let mean = shares.iter().sum::<f64>() / n;
        let sd = (shares.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
        let z = (mean - exact) / (sd / n.sqrt());
        assert!(z.abs() < 4.5, "{means:?}: simulated {mean}, exact {exact}, z = {z:.2}");
    }
}
