//! `cargo xtask gate --full --only packages`: packages the libraries and tests them from the packages alone.
//! A test that needs a file of another package, or of the repository, fails.

use xshell::{Shell, cmd};

use crate::progress::Progress;
use crate::step::{passed, watch};
use crate::targets::LIBRARIES;
use crate::{Result, workspace};

pub fn perform(sh: &Shell, progress: &Progress) -> Result<String> {
    let dry_run = ["--dry-run", "--no-verify", "--allow-dirty"];
    watch(cmd!(sh, "cargo publish --workspace {dry_run...}"), progress)?;
    let products = workspace::target();
    let folder = products.join("packages");
    sh.remove_path(&folder)?;
    let package = cmd!(sh, "cargo package --no-verify --allow-dirty");
    let package = package.args(workspace::packages(LIBRARIES));
    watch(package.env("CARGO_TARGET_DIR", &folder), progress)?;

    let alone = folder.join("alone");
    sh.create_dir(&alone)?;
    let mut manifest = "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n".to_owned();
    manifest += "[patch.crates-io]\n";
    for name in LIBRARIES {
        let unpacked = format!("{name}-{}", env!("CARGO_PKG_VERSION"));
        let file = folder.join(format!("package/{unpacked}.crate"));
        // The files get the present time: for those of a package, which are old, cargo builds nothing anew.
        let unpack = cmd!(sh, "tar --extract --touch --file {file} -C {alone}");
        watch(unpack, progress)?;
        manifest += &format!("{name}.path = \"{unpacked}\"\n");
    }
    // Versions and profiles of this workspace, so that what is built of other crates is used.
    let own = sh.read_file("Cargo.toml")?;
    manifest += own.find("[profile.").map_or("", |start| &own[start..]);
    sh.write_file(alone.join("Cargo.toml"), manifest)?;
    sh.copy_file("Cargo.lock", &alone)?;
    let _in_alone = sh.push_dir(&alone);
    let tests = cmd!(sh, "cargo test --workspace --all-features --no-fail-fast");
    passed(&watch(tests.env("CARGO_TARGET_DIR", products), progress)?)
}
