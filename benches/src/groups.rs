//! What can be measured: each group a subject and its peers.

pub mod ambient;
pub mod hamt;
pub mod hot;
mod random;
pub mod threads;
mod walk;

use std::path::PathBuf;

use crate::Result;
use crate::cpython::Interpreter;
use crate::report::Record;
use crate::runner::Pace;

/// How a group is to be measured.
pub struct Plan<'a> {
    /// How long.
    pub pace: Pace,
    /// Whether for a first look only: small sizes.
    pub quick: bool,
    /// Only cells whose title contains all of these, as progress shows it.
    pub only: Vec<String>,
    /// CPython, where the runner embeds one.
    pub python: Option<&'a Interpreter>,
    /// What it is to import from us.
    pub extensions: Extensions,
}

/// Our extension for CPython, as files.
#[derive(Clone, Debug, Default)]
pub struct Extensions {
    /// As one build serves all versions, by the stable ABI.
    pub stable: Option<PathBuf>,
    /// As built for the version at hand.
    pub specific: Option<PathBuf>,
}

impl Extensions {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.stable.is_none() && self.specific.is_none()
    }
}

impl Plan<'_> {
    /// Whether the cell of this title is to be measured.
    pub fn includes(&self, title: &str) -> bool {
        self.only.iter().all(|part| title.contains(part))
    }
}

/// Something that can be measured.
pub struct Group {
    /// How it is called for.
    pub name: &'static str,
    /// How it is headed.
    pub title: &'static str,
    /// What the sizes count.
    pub sizes: &'static str,
    /// The packages that the peers come from.
    pub libraries: &'static [&'static str],
    /// Measures it.
    pub measure: fn(&Plan<'_>) -> Vec<Record>,
}

/// Every group.
pub const ALL: &[Group] = &[hamt::GROUP, hot::GROUP, threads::GROUP, ambient::GROUP];

/// Finds a group.
///
/// # Errors
///
/// When there is none of this name; names those there are.
pub fn find(name: &str) -> Result<&'static Group> {
    let found = ALL.iter().find(|group| group.name == name);
    Ok(found.ok_or_else(|| {
        let names: Vec<_> = ALL.iter().map(|group| group.name).collect();
        format!("there is no group `{name}`; there is {}", names.join(", "))
    })?)
}
