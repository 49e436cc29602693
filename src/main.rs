//! The command line of drsim.

mod cli;
mod output;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::exit::exit(cli::execute(cli::args::Arguments::parse().command))
}
