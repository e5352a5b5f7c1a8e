//! The nightly toolchain, which only checks need: Miri, sanitizers and fuzzing.

use xshell::{Shell, cmd};

use crate::Result;
use crate::process::{self, Finished};

/// Returns what to install before nightly can be used with these components; nothing when it is
/// there.
pub fn missing_with(sh: &Shell, components: &[&str]) -> Option<String> {
    let list = cmd!(sh, "rustup component list --toolchain nightly --installed");
    let Some(list) = process::run(list, |_| {}).ok().filter(Finished::succeeded) else {
        return Some("nightly is missing; run `rustup toolchain install nightly`".into());
    };
    // A component's name goes on with the target, if it has one.
    let here = |component: &str| list.output.lines().any(|line| line.starts_with(component));
    let missing: Vec<_> = components
        .iter()
        .filter(|name| !here(name))
        .copied()
        .collect();
    let missing = missing.join(" ");
    let install = "rustup component add --toolchain nightly";
    (!missing.is_empty()).then(|| format!("{missing} is missing; run `{install} {missing}`"))
}

/// The target that the toolchain builds for here. A sanitizer wants it named, so
/// that it stays out of build scripts and macros.
pub fn host(sh: &Shell) -> Result<String> {
    Ok(cmd!(sh, "rustc +nightly --print host-tuple").read()?)
}
