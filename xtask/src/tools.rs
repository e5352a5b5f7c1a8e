//! Checks that tools are installed. Errors say how to install them.

use xshell::{Shell, cmd};

use crate::Result;
use crate::process::{self, Finished};
use crate::step::{Missing, missing};

/// Returns an error with `install` unless `command` works.
pub fn need(sh: &Shell, command: &str, install: &str) -> Result<()> {
    let (program, words) = command.split_once(' ').unwrap_or((command, ""));
    let words = words.split(' ');
    let works = process::run(cmd!(sh, "{program} {words...}"), |_| {});
    match works.is_ok_and(|done| done.succeeded()) {
        true => Ok(()),
        false => Err(missing(format!("`{command}` fails; run `{install}`"))),
    }
}

/// Returns an error unless valgrind is installed. It is optional, also in CI.
pub fn need_valgrind(sh: &Shell) -> Result<()> {
    let missing = need(sh, "valgrind --version", "apt-get install valgrind");
    missing.map_err(|error| Missing::Optional(error.to_string()).into())
}

/// Returns an error unless the nightly toolchain, which only checks need, is installed with these
/// components.
pub fn need_nightly(sh: &Shell, components: &[&str]) -> Result<()> {
    let list = cmd!(sh, "rustup component list --toolchain nightly --installed");
    let Some(list) = process::run(list, |_| {}).ok().filter(Finished::succeeded) else {
        return Err(missing(
            "nightly is missing; run `rustup toolchain install nightly`",
        ));
    };
    // The name of a component may have the target as a suffix.
    let here = |component: &str| list.output.lines().any(|line| line.starts_with(component));
    match components.iter().find(|name| !here(name)) {
        None => Ok(()),
        Some(absent) => {
            let install = format!("rustup component add --toolchain nightly {absent}");
            Err(missing(format!("{absent} is missing; run `{install}`")))
        }
    }
}

/// Returns the default target of the nightly toolchain. Sanitizers need an explicit target, so that
/// build scripts and macros are built without them.
pub fn nightly_host(sh: &Shell) -> Result<String> {
    Ok(cmd!(sh, "rustc +nightly --print host-tuple").read()?)
}
