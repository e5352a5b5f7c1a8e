//! What `cargo xtask bench` can be asked for. It hands its arguments to the runner as they are.

use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Options {
    /// What to measure.
    #[arg(value_parser = ["hamt", "hot", "python", "threads", "ambient", "rustpython"])]
    #[arg(required_unless_present_any = ["publish", "render", "instructions"])]
    pub group: Option<String>,
    /// Take a first look: small sizes, fewer rounds.
    #[arg(long)]
    pub quick: bool,
    /// Measure only cells whose title contains this, such as `1000 entries` or `update, shared`;
    /// given again, both.
    #[arg(long, value_name = "TEXT")]
    pub only: Vec<String>,
    /// Add the report, without a group the last one, to the published ones, and render these.
    #[arg(long, conflicts_with_all = ["quick", "only"])]
    pub publish: bool,
    /// Measure nothing; render the published reports in the pages.
    #[arg(long, conflicts_with_all = ["group", "quick", "only", "publish"])]
    pub render: bool,
    /// Use this Python as the CPython peer, not the newest that is found.
    #[arg(long, value_name = "PATH")]
    pub python: Option<PathBuf>,
    /// Count instructions under callgrind instead, and compare them with the committed figures.
    #[arg(long, conflicts_with_all = ["group", "quick", "only", "publish", "render", "python"])]
    pub instructions: bool,
    /// Commit the counted figures for this compiler to the file.
    #[arg(long, requires = "instructions")]
    pub renew: bool,
}
