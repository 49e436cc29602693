//! Running the program as a user does, in a folder of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Two strategies, two hazards; a second's work for thousands of histories.
pub(crate) const SMALL: &str = r#"
title = "Small"

[run]
histories = 600
horizon = "5y"

[workload]
home = "east"
data = "100 GiB"
write_rate = "1 GiB/h"

[objectives]
rto = "1h"
rpo = "15m"

[objectives.bad-deploy]
rto = "24h"
rpo = "4d"

[sites]
east = "East"
west = "West"

[hazards.outage]
takes_down = ["east"]
rate = "2/y"
time_to_repair = { exponential = { mean = "9h" } }
source = "assumed"

[hazards.bad-deploy]
corrupts = "data"
rate = "0.5/y"
time_to_detect = "1h to 2d"
source = "assumed"

[costs]
downtime_per_hour = 10_000

[costs.infrastructure]
compute_per_hour = 10

[defaults]
backups = { every = "6h", takes = "1h", kept_for = "35d" }

[strategies.backup-restore]
kind = "backup-restore"

[strategies.hot-standby]
kind = "hot-standby"
replication = { lag = "1s to 10s" }
"#;

/// A folder with a scenario `small.toml` in it.
pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        let place = Place { folder: tempfile::tempdir().expect("a temporary folder") };
        place.put("small.toml", SMALL);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn put(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).expect("written");
    }

    /// A file's text; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.path(name)).unwrap_or_default()).into_owned()
    }

    /// The program with these arguments, divided by spaces.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_drsim"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).stdin(Stdio::null());
        // What is printed depends on these.
        ["LC_ALL", "LC_CTYPE", "LANG", "TERM", "NO_COLOR"].iter().for_each(|name| {
            command.env_remove(name);
        });
        command
    }

    pub(crate) fn drsim(&self, arguments: &str) -> Ended {
        Ended::of(self.command(arguments).output().expect("the program starts"))
    }

    /// Every file below a folder with its bytes, by name.
    pub(crate) fn files(&self, below: &str) -> Vec<(String, Vec<u8>)> {
        let mut files = Vec::new();
        collect(&self.path(below), &self.path(below), &mut files);
        files.sort();
        files
    }
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below").to_string_lossy().replace('\\', "/");
            files.push((name, std::fs::read(&path).expect("read")));
        }
    }
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ended {
    pub(crate) fn of(output: Output) -> Ended {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        Ended { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    pub(crate) fn with(self, code: i32) -> Ended {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Ended {
        assert!(self.stderr.contains(text), "no {text:?} on standard error:\n{}", self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Ended {
        assert!(self.stdout.contains(text), "no {text:?} on standard output:\n{}", self.stdout);
        self
    }
}

/// The rows of a CSV file, each a list of its cells; the first is the header.
pub(crate) fn rows(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().map(|line| line.split(',').collect()).collect()
}
