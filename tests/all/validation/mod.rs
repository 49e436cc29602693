//! What drsim is held against, and `docs/VALIDATION.md`, which is made of the same table.
//!
//! Each comparison is of a fixed seed, so it cannot fail by chance from run to run; were the seed drawn anew, a single
//! one would give a false alarm with the probability that `support::Score` states.
//!
//! After a change that moves numbers on purpose: `DRSIM_WRITE=1 cargo test validation` writes the page anew.

mod cases;
mod envelopes;

use crate::support::{Check, Score};
use std::fmt::Write as _;

/// A set-up whose exact answer is known.
struct Case {
    id: &'static str,
    title: &'static str,
    setup: &'static str,
    /// The formula, with its source or derivation.
    exact: &'static str,
    checks: Vec<Check>,
}

impl Case {
    fn new(id: &'static str, title: &'static str, setup: &'static str, exact: &'static str) -> Case {
        Case { id, title, setup, exact, checks: Vec::new() }
    }

    fn add(&mut self, check: Check) {
        self.checks.push(check);
    }
}

/// The table of cases: each is a test of its own, run once, and a section of the page.
macro_rules! cases {
    ($($name:ident)*) => {
        mod once {
            use std::sync::OnceLock;
            $(pub(super) fn $name() -> &'static super::Case {
                static CASE: OnceLock<super::Case> = OnceLock::new();
                CASE.get_or_init(super::cases::$name)
            })*
        }
        $(#[test]
        fn $name() {
            hold(once::$name());
        })*
        fn all() -> Vec<&'static Case> {
            vec![$(once::$name()),*]
        }
    };
}

cases! {
    v1_availability_of_an_alternating_renewal_process
    v2_age_of_backups
    v3_bad_backups
    v4_serial_steps
    v5_parallel_steps
    v6_network_of_steps
    v7_control_plane_outages_with_work_that_resumes
    v8_control_plane_outages_with_work_that_restarts
    v9_retries
    v10_cost_of_a_year
    v11_unprotected_window
    v12_end_to_end
    v13_cut_distribution
    v14_synchronous_active_active_loses_nothing_and_no_time
    v15_partial_restoration_during_a_ramp
    v16_backlog_after_an_outage_of_the_link
    v17_retention_against_time_to_detect
    v18_drift_against_drills
    v19_second_failure_before_protection
    v20_failback
    v21_common_cause
    v22_mixture
    v23_sum
    v24_cut_normal
    v25_lognormal_from_an_interval
    v26_strategies_under_one_disaster
    v27_race_of_repair_and_failover
    v28_capacity_loss
    v29_throughput
    v30_a_decision_that_may_be_declined
    v31_late_users
    v32_bad_backups_repeat_the_restore
    v33_ageing_between_failures
    v34_price_by_length
    v35_conflicts
}

fn hold(case: &Case) {
    assert!(!case.checks.is_empty(), "{} checks nothing", case.id);
    let faults: Vec<String> = case.checks.iter().filter_map(Check::fault).collect();
    assert!(
        faults.is_empty(),
        "{} {}\n{}\nexact: {}\n{}",
        case.id,
        case.title,
        case.setup,
        case.exact,
        faults.join("\n")
    );
}

#[test]
fn the_page_of_the_validation_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/VALIDATION.md");
    let current = page();
    if std::env::var_os("DRSIM_WRITE").is_some() {
        std::fs::write(path, &current).expect("written");
    }
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(current == text, "docs/VALIDATION.md is not current: run the tests with DRSIM_WRITE=1");
}

const HEAD: &str = "\
# Validation

What drsim was held against, and what came out. This page is written by the tests (`DRSIM_WRITE=1 cargo test validation`),
and a test fails when it is out of date: every line below is checked on every change.

How to read it: *z* is (obtained - expected) / standard error of the estimate, and must lie within 4 (false alarm 6e-5 for a line).
For a quantile, z is that of the share of the sample up to the exact value. *KS* is the largest distance between the distribution
functions times the root of the sample size, and must lie below 2.47 (false alarm 1e-5). *exact* means that nothing is left to chance.
Each case is a small scenario with fixed seed; its text is in `tests/all/validation/cases.rs` under the function that begins with its number.
Beside the closed forms stand two oracles that share no code with the engine: Markov chains, solved (`tests/all/oracle_chain.rs`), and
histories worked out with pencil and paper, which agree to the microsecond (`tests/all/oracle_naive.rs`). There are the laws that
hold for every scenario, also for random ones (`tests/all/laws.rs`, `tests/all/generate.rs`), the rules of the model worked out by hand
(`tests/all/model.rs`), and the traces, whose bars must add up to the rows of the results (`tests/all/trace.rs`).

";

fn page() -> String {
    let cases = all();
    let mut page = String::from(HEAD);
    let checks: Vec<&Check> = cases.iter().flat_map(|case| &case.checks).collect();
    let worst =
        checks.iter().map(|check| if let Score::Z(z) = check.score { z.abs() } else { 0.0 }).fold(0.0, f64::max);
    let number = checks.iter().filter(|check| matches!(check.score, Score::Z(_))).count();
    let beyond = checks.iter().filter(|check| matches!(check.score, Score::Z(z) if z.abs() > 1.96)).count();
    writeln!(
        page,
        "## Closed forms\n\n{} set-ups, {} comparisons. Of the {number} with a z, {beyond} lie beyond 1.96 (5%, or {:.0}, is to be expected \
         of independent ones); the largest is {worst:.2}.\n",
        cases.len(),
        checks.len(),
        number as f64 * 0.05
    )
    .expect("text grows");
    for case in cases {
        writeln!(page, "### {} {}\n\n{}.\n\nExact: {}.\n", case.id, case.title, case.setup, case.exact)
            .expect("text grows");
        page.push_str("| what | expected | obtained | sample | score |\n|---|--:|--:|--:|--:|\n");
        for check in &case.checks {
            page.push_str(&row(check));
        }
        page.push('\n');
    }
    page + &envelopes::section()
}

fn row(check: &Check) -> String {
    let Check { what, expected, obtained, count, score } = check;
    let score = match score {
        Score::Z(z) => format!("z {}", format!("{z:+.2}").replace("-0.00", "+0.00")),
        Score::Distance(distance) => format!("KS {distance:.2}"),
        Score::Exact => "exact".into(),
    };
    format!("| {what} | {} | {} | {count} | {score} |\n", figures(*expected), figures(*obtained))
}

/// Seven significant figures at most.
fn figures(value: f64) -> String {
    let digits = (6 - value.abs().max(1e-6).log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').into() } else { text }
}
