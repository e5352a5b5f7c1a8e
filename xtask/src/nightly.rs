//! The nightly toolchain, which only checks need: sanitizers and fuzzing.

use xshell::{Shell, cmd};

use crate::Result;
use crate::process;

/// What to install before nightly can be used; nothing when it is there.
pub fn missing(sh: &Shell) -> Option<String> {
    let version = cmd!(sh, "cargo +nightly --version");
    let works = process::run(version, |_| {}).is_ok_and(|done| done.succeeded());
    (!works).then(|| {
        "the nightly toolchain is missing; run `rustup toolchain install nightly`".to_string()
    })
}

/// The target that the toolchain builds for here. A sanitizer wants it named, so
/// that it stays out of build scripts and macros.
pub fn host(sh: &Shell) -> Result<String> {
    let verbose = cmd!(sh, "rustc +nightly --version --verbose");
    let done = process::run(verbose, |_| {})?;
    let line = done
        .output
        .lines()
        .find_map(|line| line.strip_prefix("host: "));
    Ok(line
        .ok_or("rustc does not say which host it runs on")?
        .into())
}
