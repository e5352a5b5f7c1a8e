//! `cargo xtask gate --full --only surface`: writes the public items of the libraries to `docs/surface`,
//! and fails if they differ from those that git has. So a change of them is a decision: `git add` accepts it.

use xshell::{Shell, cmd};

use crate::{Result, progress::Progress, step::watch, targets::LIBRARIES, tools};

/// Needs nightly, whose rustdoc lists the items.
pub fn perform(sh: &Shell, progress: &Progress) -> Result<String> {
    tools::need_nightly(sh, &[])?;
    let install = "cargo install --locked --debug cargo-public-api@0.52.0";
    tools::need(sh, "cargo public-api --version", install)?;
    for package in LIBRARIES {
        let items = cmd!(
            sh,
            "cargo +nightly public-api -p {package} --all-features -sss"
        );
        let items = items.read()?;
        sh.write_file(format!("docs/surface/{package}.txt"), items + "\n")?;
    }
    watch(cmd!(sh, "git diff --exit-code -- docs/surface"), progress)?;
    Ok("no change".into())
}
