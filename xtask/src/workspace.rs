//! Where the workspace is, and the shell that commands run in.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use xshell::Shell;

use crate::Result;

/// The folder of the root `Cargo.toml`, wherever the command was called from.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// The folder for build products: the caller's choice, or `target`.
pub fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(chosen)
}

/// The packages whose tests every run of the gate runs. A run over them builds nothing that another
/// one over them has built: cargo unites what the packages ask of each other.
pub const TESTED: &[&str] = &[
    "--workspace",
    "--exclude",
    "benches",
    "--exclude",
    "instructions",
];

/// The arguments that name these packages.
pub fn packages<'a>(names: &[&'a str]) -> Vec<&'a str> {
    names.iter().flat_map(|name| ["--package", *name]).collect()
}

/// A shell in `dir` whose cargo prints what this program reads: no colours, no quiet mode.
pub fn shell(dir: &Path) -> Result<Shell> {
    let sh = Shell::new()?;
    sh.change_dir(dir);
    sh.set_var("CARGO_TERM_COLOR", "never");
    sh.set_var("CARGO_TERM_QUIET", "false");
    Ok(sh)
}

/// Lets release builds of a shell take little time to build: for those that run once.
pub fn build_quickly(sh: &Shell) {
    let codegen = [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "1")];
    for (setting, value) in codegen.into_iter().chain([("INCREMENTAL", "true")]) {
        sh.set_var(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
}

/// The caller's flags in the environment variable `name`, with `more` after them.
pub fn flags(name: &str, more: &str) -> String {
    match std::env::var(name) {
        Ok(own) if !own.trim().is_empty() => format!("{own} {more}"),
        _ => more.to_string(),
    }
}

/// Folders with nothing of the sources: build products, history, and what a fuzzer keeps, which
/// comes and goes while one runs.
const NO_SOURCES: &[&str] = &["target", ".git", "corpus", "artifacts", "coverage"];

/// The files of the sources under a folder: nothing of [`NO_SOURCES`].
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_source =
        |path: &Path| path != target() && !NO_SOURCES.iter().any(|name| path.ends_with(name));
    let entries = WalkDir::new(folder).into_iter();
    let entries = entries.filter_entry(|entry| is_source(entry.path()));
    let entries: Vec<DirEntry> = entries.collect::<walkdir::Result<_>>()?;
    let files = entries
        .into_iter()
        .filter(|entry| entry.file_type().is_file());
    Ok(files.map(DirEntry::into_path).collect())
}

/// Copies the sources under `from` to a fresh folder `to`.
pub fn copy(sh: &Shell, from: &Path, to: &Path) -> Result<()> {
    sh.remove_path(to)?;
    for path in files(from)? {
        let copied = to.join(path.strip_prefix(from)?);
        sh.create_dir(copied.parent().unwrap_or(to))?;
        sh.copy_file(path, copied)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_the_sources_and_no_more() {
        let sh = Shell::new().unwrap();
        let dir = sh.create_temp_dir().unwrap();
        sh.change_dir(dir.path());
        let files = "from/a/b.rs from/target/x from/.git/x from/fuzz/corpus/x from/fuzz/a.rs \
                     from/.cargo/c to/old";
        for file in files.split(' ') {
            sh.write_file(file, file).unwrap();
        }
        copy(&sh, &dir.path().join("from"), &dir.path().join("to")).unwrap();
        assert_eq!(sh.read_file("to/a/b.rs").unwrap(), "from/a/b.rs");
        assert_eq!(sh.read_file("to/.cargo/c").unwrap(), "from/.cargo/c");
        assert!(sh.path_exists("to/fuzz/a.rs"));
        for gone in ["to/target", "to/.git", "to/old", "to/fuzz/corpus"] {
            assert!(!sh.path_exists(gone), "{gone}");
        }
    }
}
