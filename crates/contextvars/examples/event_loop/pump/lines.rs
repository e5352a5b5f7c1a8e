//! The lines of a log of any size.

use super::access_log::{Entry, Malformed};
use std::io::{self, BufRead, Read};

/// The longest line that is read into memory, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Reads a log line by line.
pub struct Lines<R> {
    log: R,
    buffer: Vec<u8>,
}

/// One line of a log.
pub struct Line {
    /// Its length in bytes, with the line feed.
    pub size: u64,
    /// Its entry. Bytes that are not UTF-8 are replaced: some servers write
    /// them into request lines, and the rest of the line is valid.
    pub entry: Result<Entry, Malformed>,
}

impl<R: BufRead> Lines<R> {
    /// Creates a reader at the first line.
    pub fn new(log: R) -> Self {
        Lines {
            log,
            buffer: Vec::new(),
        }
    }

    /// Returns the next line, or `None` at the end of the log.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        self.buffer.clear();
        let mut start = (&mut self.log).take(LONGEST);
        let size = start.read_until(b'\n', &mut self.buffer)? as u64;
        if size == 0 {
            return Ok(None);
        }
        let whole = self.buffer.ends_with(b"\n");
        if !whole && size == LONGEST {
            let rest = self.log.skip_until(b'\n')? as u64;
            return Ok(Some(Line {
                size: size + rest,
                entry: Err(Malformed::TooLong(LONGEST)),
            }));
        }
        let text = String::from_utf8_lossy(&self.buffer);
        Ok(Some(Line {
            size,
            entry: Entry::parse(text.trim_end_matches(['\n', '\r'])),
        }))
    }
}
