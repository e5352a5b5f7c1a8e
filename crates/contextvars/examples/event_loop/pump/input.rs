//! The source of the log.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

/// The log that is served if none is named. It is part of the program, so the
/// program can be started in any folder.
const SAMPLE: &[u8] = include_bytes!("../access.log");

/// A log that can be read.
pub struct Input {
    /// Its name in messages.
    pub name: String,
    /// Its size in bytes, if that is known.
    pub size: Option<u64>,
    /// Its text.
    pub reader: Box<dyn BufRead>,
}

/// A log that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot open the log {}: {source}; name a file, `-` for standard input, or nothing for the sample",
    path.display()
)]
pub struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

impl Input {
    /// Opens a file, standard input (`-`), or the sample if no path is
    /// given.
    pub fn open(path: Option<&Path>) -> Result<Input, Unreadable> {
        match path {
            None => Ok(Input {
                name: "sample log".to_owned(),
                size: Some(SAMPLE.len() as u64),
                reader: Box::new(SAMPLE),
            }),
            Some(path) if path.as_os_str() == "-" => Ok(Input {
                name: "standard input".to_owned(),
                size: None,
                reader: Box::new(io::stdin().lock()),
            }),
            Some(path) => open_file(path).map_err(|source| Unreadable {
                path: path.to_owned(),
                source,
            }),
        }
    }
}

fn open_file(path: &Path) -> io::Result<Input> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    // Opening a folder succeeds on some systems, and reading it fails later.
    if metadata.is_dir() {
        return Err(ErrorKind::IsADirectory.into());
    }
    Ok(Input {
        name: path.display().to_string(),
        // A pipe or device has no size.
        size: metadata.is_file().then_some(metadata.len()),
        reader: Box::new(BufReader::new(file)),
    })
}
