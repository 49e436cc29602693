//! Arguments as typed.

use std::ops::Range;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

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
    /// Put the shards of a run together: print and write what one run of all its histories would have
    Merge(MergeArguments),
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
    /// Most threads [default: one for each processor, never more]; the results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// Simulate this strategy only; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Vec<String>,
    /// The strategy that the others are compared with [default: the first]
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Also write every history and every incident
    #[arg(long)]
    pub(crate) raw: bool,
    /// How to simulate; the results do not depend on it
    #[arg(long, value_enum, default_value_t = EngineKind::Fast)]
    pub(crate) engine: EngineKind,
    /// Simulate only this part of the histories, e.g. 3/8, for drsim merge to put together
    #[arg(long, value_name = "K/N", value_parser = Shard::parse, conflicts_with = "gate")]
    pub(crate) shard: Option<Shard>,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
}

#[derive(Debug, Args)]
#[command(after_help = "Exit codes: as drsim run.")]
pub(crate) struct MergeArguments {
    /// Folders of the shards, in any order
    #[arg(value_name = "DIR", required = true)]
    pub(crate) folders: Vec<PathBuf>,
    /// Folder for the results
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    #[command(flatten)]
    pub(crate) show: ShowArguments,
}

/// What becomes of the results.
#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Exit with 3 unless this strategy meets the objectives of every hazard, the lower bound of each attainment
    /// counting; repeatable
    #[arg(long, value_name = "NAME")]
    pub(crate) gate: Vec<String>,
    /// What is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Write no charts and no report
    #[arg(long)]
    pub(crate) no_charts: bool,
    /// No progress, no warnings, no line about where the results are
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// A part of a run: the `number`-th of `of`, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Shard {
    pub(crate) number: u32,
    pub(crate) of: u32,
}

impl Shard {
    fn parse(text: &str) -> Result<Shard, String> {
        let parts = text.split_once('/').and_then(|(k, n)| Some((k.parse().ok()?, n.parse().ok()?)));
        match parts {
            Some((number, of)) if number >= 1 && number <= of => Ok(Shard { number, of }),
            Some(_) | None => Err("a shard is K/N with K from 1 to N, such as 3/8".into()),
        }
    }

    /// Its histories, of so many in all.
    pub(crate) fn histories(self, all: u64) -> Range<u64> {
        let until = |shards: u32| (u128::from(all) * u128::from(shards) / u128::from(self.of)) as u64;
        until(self.number - 1)..until(self.number)
    }
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
    #[arg(value_name = "FILE", required_unless_present = "from")]
    pub(crate) file: Option<PathBuf>,
    /// Take everything from the run.json of an earlier run instead: repeats it exactly, but for what further options
    /// change
    #[arg(long, value_name = "RUN.JSON", conflicts_with = "file")]
    pub(crate) from: Option<PathBuf>,
    /// Change a value of the scenario, by its dotted path: strategies.warm-standby.standby_capacity=0.5; repeatable
    #[arg(long, value_name = "PATH=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EngineKind {
    /// Passing over what nobody waits for
    Fast,
    /// Everything that happens is an event: slower, to compare with
    Plain,
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
    fn shards_divide_all_histories() {
        for (all, of) in [(10, 3), (7, 13), (1_000_000, 8), (u64::MAX, 7)] {
            let shards = (1..=of).map(|number| Shard { number, of }.histories(all));
            let end = shards.fold(0, |end, shard| {
                assert_eq!(shard.start, end);
                shard.end
            });
            assert_eq!(end, all);
        }
        assert!(["0/3", "4/3", "3", "a/b", "1/0"].iter().all(|text| Shard::parse(text).is_err()));
    }

    #[test]
    fn the_definition_of_the_arguments_is_sound() {
        Arguments::command().debug_assert();
    }
}
