//! The nightly toolchain, which only checks need: Miri, sanitizers and fuzzing.

use xshell::{Shell, cmd};

use crate::Result;
use crate::process::{self, Finished};

/// Returns what to install before nightly can be used; nothing when it is there.
pub fn missing(sh: &Shell) -> Option<String> {
    missing_with(sh, &[])
}

/// As [`missing`], with these components of the toolchain.
pub fn missing_with(sh: &Shell, components: &[&str]) -> Option<String> {
    let list = cmd!(sh, "rustup component list --toolchain nightly --installed");
    let Some(list) = process::run(list, |_| {}).ok().filter(Finished::succeeded) else {
        let install = "run `rustup toolchain install nightly`";
        return Some(format!("the nightly toolchain is missing; {install}"));
    };
    // A component's name goes on with the target, if it has one.
    let here = |component: &&str| list.output.lines().any(|line| line.starts_with(*component));
    let missing: Vec<_> = components
        .iter()
        .filter(|name| !here(name))
        .copied()
        .collect();
    let missing = missing.join(" ");
    (!missing.is_empty()).then(|| {
        let install = "rustup component add --toolchain nightly";
        format!("{missing} of nightly is missing; run `{install} {missing}`")
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
