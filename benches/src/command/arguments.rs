//! What the program can be told.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "benches")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Measures groups and writes the report.
    Measure {
        /// The groups' names; all unless given.
        groups: Vec<String>,
        /// Takes a first look: fewer and shorter rounds, small sizes.
        #[arg(long)]
        quick: bool,
        /// Measures only cells whose title contains this, such as `1000 entries` or
        /// `handle to counted` or `update, shared`; given again, both.
        #[arg(long, value_name = "TEXT")]
        only: Vec<String>,
        /// Our extension for CPython, by the stable ABI.
        #[arg(long, value_name = "FILE")]
        extension: Option<PathBuf>,
        /// Our extension for CPython, built for the version that is embedded.
        #[arg(long, value_name = "FILE")]
        extension_for_version: Option<PathBuf>,
        /// The folder of the report.
        #[arg(long)]
        dir: PathBuf,
    },
    /// Prints a report.
    Table {
        /// The folder of the report.
        #[arg(long)]
        dir: PathBuf,
        /// Gives every peer a line, not just the best.
        #[arg(long)]
        all: bool,
    },
    /// Renders a report for readers.
    Publish {
        /// The folder of the report.
        #[arg(long)]
        dir: PathBuf,
        /// The folder of the documentation.
        #[arg(long)]
        docs: PathBuf,
    },
}
