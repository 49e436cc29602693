//! Arguments as typed, made commands as checked, and run.
//!
//! What was asked for goes to standard output; progress and warnings go to standard error.

pub(crate) mod args;
pub(crate) mod exit;
mod interrupt;
mod progress;
mod record;
mod run;
mod scenario;
mod shard;
mod trace;

use std::io::{self, Write};

use args::{Arguments, Command};
use clap::CommandFactory as _;
use drsim::report::strip::Glyphs;
use exit::Failure;

/// Does what the arguments ask for.
pub(crate) fn execute(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Merge(arguments) => shard::merge(&arguments),
        Command::Check(arguments) => scenario::check(&arguments),
        Command::Trace(arguments) => trace::trace(&arguments),
        Command::New(arguments) => scenario::new(&arguments),
        Command::Schema => print(&format!("{:#}\n", drsim::scenario::schema())),
        Command::Completions { shell } => print(&completions(shell)),
        Command::Man => print(&manual()?),
    }
}

/// How many threads simulate: one for each processor, or fewer where fewer are asked for. More would only wait for each
/// other, each with a memory of its own.
fn threads(asked: Option<u16>) -> usize {
    let (asked, processors) = (asked.map(usize::from), std::thread::available_parallelism().ok().map(usize::from));
    asked.into_iter().chain(processors).min().unwrap_or(1)
}

/// What a shell must know to complete commands and options.
fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "drsim", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual: the program, then each command, as roff.
fn manual() -> Result<String, Failure> {
    let mut program = Arguments::command();
    program.build();
    let mut page = Vec::new();
    let broken = |error| Failure::broken("cannot make the manual page", &error);
    clap_mangen::Man::new(program.clone()).render(&mut page).map_err(broken)?;
    for command in program.get_subcommands().filter(|command| command.get_name() != "help") {
        let man = clap_mangen::Man::new(command.clone());
        page.extend_from_slice(format!(".SH DRSIM {}\n", command.get_name().to_uppercase()).as_bytes());
        man.render_synopsis_section(&mut page).map_err(broken)?;
        man.render_options_section(&mut page).map_err(broken)?;
    }
    Ok(String::from_utf8_lossy(&page).into_owned())
}

/// Writes the payload to standard output.
fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    written.map_err(|error| Failure::broken("cannot write to standard output", &error))
}

/// Writes remarks to standard error; nobody is left to be told when that is gone.
fn remark(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

/// Whether to colour what goes to a stream: on a terminal, unless <https://no-color.org> speaks against it.
fn colour(stream: &impl io::IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Whether output may hold more than ASCII: not where the locale is set to one without Unicode, or on a dumb terminal.
fn glyphs() -> Glyphs {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value).map(|locale| locale.to_uppercase());
    let unicode = locale.is_none_or(|locale| locale.contains("UTF-8") || locale.contains("UTF8"));
    if unicode && value("TERM").is_none_or(|term| term != "dumb") { Glyphs::Blocks } else { Glyphs::Ascii }
}

/// What to add to the complaint about an unknown name: the nearest there is, and all there are.
fn nearest(name: &str, known: &[&str]) -> String {
    let likeness = |known: &&&str| strsim::jaro_winkler(name, known);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let hint = nearest.filter(|nearest| likeness(nearest) > 0.6);
    let hint = hint.map_or(String::new(), |nearest| format!("; did you mean `{nearest}`?"));
    format!("{hint} (there are: {})", known.join(", "))
}
