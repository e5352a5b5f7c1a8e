//! The workspace's folders and files, and the shell in which commands run.

use std::path::{Path, PathBuf};

use walkdir::{DirEntry, WalkDir};
use xshell::Shell;

use crate::Result;

/// Returns the folder of the root `Cargo.toml`.
pub fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// Returns the folder of build products: `CARGO_TARGET_DIR`, or `target`.
pub fn target() -> PathBuf {
    let chosen = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root().join(chosen)
}

/// The packages that every gate tests. Commands on all of them share their build products, since cargo
/// unifies the features of the packages of one command.
pub const TESTED: &[&str] = &[
    "--workspace",
    "--exclude",
    "benches",
    "--exclude",
    "instructions",
];

/// Returns cargo's arguments for these packages.
pub fn packages<'a>(names: &[&'a str]) -> Vec<&'a str> {
    names.iter().flat_map(|name| ["--package", *name]).collect()
}

/// Returns a shell in `dir` whose cargo prints output that this program can parse: without colours or
/// quiet mode.
pub fn shell(dir: &Path) -> Result<Shell> {
    let sh = Shell::new()?;
    sh.change_dir(dir);
    sh.set_var("CARGO_TERM_COLOR", "never");
    sh.set_var("CARGO_TERM_QUIET", "false");
    Ok(sh)
}

/// Makes release builds of a shell build quickly, for programs that run once.
pub fn build_quickly(sh: &Shell) {
    let codegen = [("LTO", "off"), ("CODEGEN_UNITS", "16"), ("OPT_LEVEL", "1")];
    for (setting, value) in codegen.into_iter().chain([("INCREMENTAL", "true")]) {
        sh.set_var(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
}

/// Returns the flags in the environment variable `name`, followed by `more`.
pub fn flags(name: &str, more: &str) -> String {
    match std::env::var(name) {
        Ok(own) if !own.trim().is_empty() => format!("{own} {more}"),
        _ => more.to_string(),
    }
}

/// Folders without sources: build products, history, and a fuzzer's files, which change while it runs.
const NO_SOURCES: &[&str] = &["target", ".git", "corpus", "artifacts", "coverage"];

/// Returns the source files under a folder, without those in [`NO_SOURCES`].
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_source =
        |path: &Path| path != target() && !NO_SOURCES.iter().any(|name| path.ends_with(name));
    let entries = WalkDir::new(folder).follow_links(true).into_iter();
    let entries = entries.filter_entry(|entry| is_source(entry.path()));
    let entries: Vec<DirEntry> = entries.collect::<walkdir::Result<_>>()?;
    let files = entries
        .into_iter()
        .filter(|entry| entry.file_type().is_file());
    Ok(files.map(DirEntry::into_path).collect())
}

/// Copies the sources under `from` to a new folder `to`.
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
    fn a_copy_has_only_the_sources() {
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
