//! The output folder: files appear whole or not at all.
//!
//! Everything is written to a hidden folder inside the output folder (so that moving is a rename on the same disk) and
//! moved into place at the end. Dropping the output before that leaves earlier results as they were. Only files that
//! drsim itself makes are ever replaced or removed.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// Every file that a run can make; what an earlier run made and this one does not is stale, and removed.
const OURS: [&str; 13] = [
    "summary.csv",
    RAW[0],
    RAW[1],
    PARTIAL,
    SHARD,
    "rto.csv",
    "rpo.csv",
    "phases.csv",
    "cost_curve.csv",
    "differences.csv",
    "exceedance.csv",
    "report.html",
    COMPLETE,
];

/// The charts, each as SVG and PNG in the folder `charts`.
pub(crate) const CHARTS: [&str; 11] = [
    "rto",
    "rpo",
    "rto_by_hazard",
    "rpo_by_hazard",
    "quantiles",
    "phases",
    "phases_by_hazard",
    "p95_without",
    "cost_curve",
    "exceedance",
    "frontier",
];

/// Every history and every incident.
pub(crate) const RAW: [&str; 2] = ["histories.csv", "incidents.csv"];

/// The counts and sums of a shard.
pub(crate) const PARTIAL: &str = "partial.json";

/// Moved last and removed first: where it is, the files beside it belong together.
const COMPLETE: &str = "run.json";

/// The same for a shard.
pub(crate) const SHARD: &str = "shard.json";

/// Results on their way into the output folder.
#[derive(Debug)]
pub(crate) struct Output {
    folder: PathBuf,
    /// `None` only while being dropped.
    staging: Option<TempDir>,
    /// Whether the folder is new, so that it goes again when nothing comes of the run.
    made: bool,
    names: Vec<String>,
}

impl Output {
    /// Makes the folder and checks that results can be written there, before the long run.
    ///
    /// # Errors
    /// When the folder cannot be made or written to, or when a folder has the name of a result.
    pub(crate) fn open(folder: &Path) -> io::Result<Output> {
        let made = !folder.exists();
        fs::create_dir_all(folder)?;
        for name in owned() {
            if folder.join(&name).is_dir() {
                let message = format!("{} is a folder; results of that name go there", folder.join(&name).display());
                return Err(io::Error::new(io::ErrorKind::IsADirectory, message));
            }
        }
        let staging = tempfile::Builder::new().prefix(".drsim-").tempdir_in(folder)?;
        fs::create_dir(staging.path().join("charts"))?;
        Ok(Output { folder: folder.to_path_buf(), staging: Some(staging), made, names: Vec::new() })
    }

    /// A new result file, by its path within the folder.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn file(&mut self, name: &str) -> io::Result<BufWriter<File>> {
        debug_assert!(owned().any(|ours| ours == name), "{name} is missing in the list of our files");
        let file = File::create(self.staged(name))?;
        self.names.push(name.to_string());
        Ok(BufWriter::with_capacity(1 << 16, file))
    }

    /// Writes a whole result file.
    ///
    /// # Errors
    /// When it cannot be made or written.
    pub(crate) fn write(
        &mut self,
        name: &str,
        content: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut file = self.file(name)?;
        content(&mut file)?;
        file.flush()
    }

    /// Moves the results into place and removes those of earlier runs that have no successor.
    ///
    /// # Errors
    /// When a file cannot be moved or removed.
    pub(crate) fn commit(mut self) -> io::Result<()> {
        remove(&self.folder.join(COMPLETE))?;
        remove(&self.folder.join(SHARD))?;
        for stale in owned().filter(|name| !self.names.contains(name)) {
            remove(&self.folder.join(stale))?;
        }
        let charts = self.folder.join("charts");
        if self.names.iter().any(|name| name.starts_with("charts/")) {
            fs::create_dir_all(&charts)?;
        } else if charts.is_dir() {
            // Fails, as it should, when somebody else's files are left in it.
            let _ = fs::remove_dir(&charts);
        }
        self.names.sort_by_key(|name| name == COMPLETE || name == SHARD);
        for name in &self.names {
            fs::rename(self.staged(name), self.folder.join(name))?;
        }
        self.made = false;
        Ok(())
    }

    fn staged(&self, name: &str) -> PathBuf {
        self.staging.as_ref().expect("there until dropped").path().join(name)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        self.staging = None;
        if self.made {
            // Fails, as it should, when it is not empty.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

fn owned() -> impl Iterator<Item = String> {
    let charts = CHARTS.iter().flat_map(|chart| [format!("charts/{chart}.svg"), format!("charts/{chart}.png")]);
    OURS.iter().map(|name| name.to_string()).chain(charts)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(folder: &Path, name: &str) -> Option<String> {
        fs::read_to_string(folder.join(name)).ok()
    }

    fn put(output: &mut Output, name: &str, text: &str) {
        output.write(name, |file| file.write_all(text.as_bytes())).expect("written");
    }

    #[test]
    fn a_second_run_replaces_the_first_and_spares_what_is_not_ours() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().join("a/b");
        let mut first = Output::open(&folder).expect("opened");
        for name in ["summary.csv", "incidents.csv", "charts/rto.svg", "run.json"] {
            put(&mut first, name, "first");
        }
        assert_eq!(text(&folder, "summary.csv"), None);
        first.commit().expect("moved");
        fs::write(folder.join("notes.txt"), "mine").expect("written");
        fs::write(folder.join("charts/sketch.svg"), "mine").expect("written");

        let mut second = Output::open(&folder).expect("opened");
        put(&mut second, "summary.csv", "second");
        put(&mut second, "run.json", "second");
        second.commit().expect("moved");
        assert_eq!(text(&folder, "summary.csv").as_deref(), Some("second"));
        assert_eq!(text(&folder, "incidents.csv"), None);
        assert_eq!(text(&folder, "charts/rto.svg"), None);
        assert_eq!(text(&folder, "notes.txt").as_deref(), Some("mine"));
        assert_eq!(text(&folder, "charts/sketch.svg").as_deref(), Some("mine"));
        assert_eq!(fs::read_dir(&folder).expect("read").count(), 4, "nothing temporary is left");
    }

    #[test]
    fn a_run_that_ends_early_leaves_everything_as_it_was() {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = temporary.path().join("out");
        put(&mut Output::open(&folder).expect("opened"), "summary.csv", "half");
        assert!(!folder.exists());
        fs::create_dir(&folder).expect("made");
        fs::write(folder.join("summary.csv"), "old").expect("written");
        put(&mut Output::open(&folder).expect("opened"), "summary.csv", "half");
        assert_eq!(text(&folder, "summary.csv").as_deref(), Some("old"));
        assert_eq!(fs::read_dir(&folder).expect("read").count(), 1);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_found_before_the_run() {
        let temporary = tempfile::tempdir().expect("a folder");
        let file = temporary.path().join("file");
        fs::write(&file, "").expect("written");
        assert!(Output::open(&file).is_err());
        fs::create_dir_all(temporary.path().join("out/summary.csv")).expect("made");
        assert!(Output::open(&temporary.path().join("out")).is_err());
    }
}
