//! The options of `cargo xtask bench`, which passes its arguments to the runner unchanged.

use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Options {
    /// The group to measure.
    #[arg(value_parser = ["hamt", "hot", "threads", "ambient", "rustpython"])]
    #[arg(required_unless_present_any = ["publish", "render", "instructions"])]
    pub group: Option<String>,
    /// Measure small sizes in fewer rounds.
    #[arg(long)]
    pub quick: bool,
    /// Measure only cells whose title contains this, such as `1000 entries` or `update, shared`; if
    /// given several times, all of them.
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// Add the report (without a group: the last one) to the published ones, and render these.
    #[arg(long, conflicts_with_all = ["quick", "only"])]
    pub publish: bool,
    /// Only render the published reports in the pages.
    #[arg(long, conflicts_with_all = ["group", "quick", "only", "publish"])]
    pub render: bool,
    /// Use this Python as the CPython peer, instead of the newest one found.
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Count instructions under callgrind instead, and compare them with the committed figures.
    #[arg(long, conflicts_with_all = ["group", "quick", "only", "publish", "render", "python"])]
    pub instructions: bool,
    /// Write the counted figures of this compiler into the committed file.
    #[arg(long, requires = "instructions")]
    pub renew: bool,
}
