//! Arguments as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Which disaster-recovery strategy does a workload need? Simulates them all under the same disasters and compares
/// achieved recovery time, data loss and cost.
#[derive(Debug, Parser)]
#[command(name = "drsim", version, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Simulate every strategy of a scenario, print the comparison, write the results
    Run(RunArguments),
    /// Read and validate a scenario without running it
    Check(CheckArguments),
    /// Tell one history event by event, with a Gantt chart of each incident
    Trace(TraceArguments),
    /// Write a commented starter scenario that runs
    New(NewArguments),
    /// Print the JSON Schema of the scenario format
    Schema,
    /// Print completions for a shell
    Completions {
        /// Whose
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 done, 1 could not run or write, 2 wrong usage or scenario, 3 objectives missed \
                        under --gate, 130 interrupted.")]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) scenario: ScenarioArguments,
    /// Folder for the results [default: output/<file stem>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Simulated lives of the system
    #[arg(long, value_name = "N")]
    pub(crate) histories: Option<u64>,
    /// Length of each, e.g. 10y
    #[arg(long, value_name = "D")]
    pub(crate) horizon: Option<String>,
    /// Seed of all random numbers
    #[arg(long, value_name = "N")]
    pub(crate) seed: Option<u64>,
    /// Threads [default: one for each processor]; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Simulate this strategy only; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// The strategy that the others are compared with [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Exit with 3 unless this strategy meets the objectives of every hazard, the lower bound of each attainment
    /// counting; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) gate: Vec<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Also write every history and every incident
    #[arg(long)]
    pub(crate) raw: bool,
    /// Write no charts and no report
    #[arg(long)]
    pub(crate) no_charts: bool,
    /// No progress, no warnings, no line about where the results are
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) scenario: ScenarioArguments,
    /// Print the scenario with everything filled in
    #[arg(long)]
    pub(crate) resolved: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TraceArguments {
    #[command(flatten)]
    pub(crate) scenario: ScenarioArguments,
    /// The strategy under which it is told
    #[arg(long, value_name = "NAME")]
    pub(crate) strategy: String,
    /// Number of the history, from 0
    #[arg(long, value_name = "K", default_value_t = 0, conflicts_with = "at")]
    pub(crate) history: u64,
    /// Tell the incident nearest that quantile of all histories instead: rto:p99, rpo:max, cost:p50
    #[arg(long, value_name = "MEASURE:QUANTILE")]
    pub(crate) at: Option<String>,
    /// Incidents of this hazard only
    #[arg(long, value_name = "NAME")]
    pub(crate) hazard: Option<String>,
    /// Folder in whose `charts` the charts go [default: output/<file stem>]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write no charts
    #[arg(long)]
    pub(crate) no_charts: bool,
    /// Print the story and errors, nothing else
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NewArguments {
    /// File to write; an existing one is never overwritten
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Copy a scenario that comes with the program
    #[arg(long, value_name = "NAME")]
    pub(crate) from: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ScenarioArguments {
    /// Scenario file (TOML)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Change a value of the scenario, by its dotted path: strategies.warm-standby.standby_capacity=0.5; repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
    /// For documents
    Markdown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Arguments::command().debug_assert();
    }
}
