//! The release build of drsim, as a user has it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The reference model, by its path in the project.
pub(crate) const REFERENCE: &str = "benches/reference.toml";
/// The web shop, by its path in the project.
pub(crate) const WEB_SHOP: &str = "scenarios/web-shop.toml";

/// The program.
pub(crate) struct Program {
    pub(crate) file: PathBuf,
}

impl Program {
    /// Builds it.
    pub(crate) fn build() -> Program {
        cargo(Path::new(env!("CARGO_MANIFEST_DIR")), &target());
        Program { file: target().join("release/drsim") }
    }
}

/// Builds the package in `folder` with its release profile.
pub(crate) fn cargo(folder: &Path, target: &Path) {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--release", "--locked", "--target-dir"]).arg(target).current_dir(folder);
    let status = cargo.status().expect("cargo starts");
    assert!(status.success(), "cargo build in {} failed", folder.display());
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in the target folder").to_path_buf()
}

/// An empty folder for results.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// As `rustc --version` says.
pub(crate) fn compiler() -> String {
    let rustc = Command::new("rustc").arg("--version").output().expect("rustc starts");
    String::from_utf8_lossy(&rustc.stdout).trim().to_string()
}
