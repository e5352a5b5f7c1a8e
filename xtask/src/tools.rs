//! Tools that checks need, and what to install where one is missing.

use xshell::{Shell, cmd};

use crate::Result;
use crate::process::{self, Finished};
use crate::step::{Missing, missing};

/// Fails with what to install before `command` works.
pub fn need(sh: &Shell, command: &str, install: &str) -> Result<()> {
    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
    let words = words.split(' ');
    let works = process::run(cmd!(sh, "{program} {words...}"), |_| {});
    match works.is_ok_and(|done| done.succeeded()) {
        true => Ok(()),
        false => Err(missing(format!("`{command}` fails; run `{install}`"))),
    }
}

/// Fails where there is no valgrind, which is fine.
pub fn need_valgrind(sh: &Shell) -> Result<()> {
    let missing = need(sh, "valgrind --version", "apt-get install valgrind");
    missing.map_err(|error| Missing::Optional(error.to_string()).into())
}

/// Fails with what to install before the nightly toolchain, which only checks need, can be used with
/// these components.
pub fn need_nightly(sh: &Shell, components: &[&str]) -> Result<()> {
    let list = cmd!(sh, "rustup component list --toolchain nightly --installed");
    let Some(list) = process::run(list, |_| {}).ok().filter(Finished::succeeded) else {
        return Err(missing(
            "nightly is missing; run `rustup toolchain install nightly`",
        ));
    };
    // A component's name goes on with the target, if it has one.
    let here = |component: &str| list.output.lines().any(|line| line.starts_with(component));
    match components.iter().find(|name| !here(name)) {
        None => Ok(()),
        Some(absent) => {
            let install = format!("rustup component add --toolchain nightly {absent}");
            Err(missing(format!("{absent} is missing; run `{install}`")))
        }
    }
}

/// The target that the nightly toolchain builds for here. A sanitizer wants it named, so that it
/// stays out of build scripts and macros.
pub fn nightly_host(sh: &Shell) -> Result<String> {
    Ok(cmd!(sh, "rustc +nightly --print host-tuple").read()?)
}
