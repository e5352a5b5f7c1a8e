//! The result of a run.

use super::access_log::Malformed;
use super::digest::Digest;
use super::tally::Tally;
use super::ticket::Done;
use std::fmt;
use std::time::Duration;

/// The greatest number of malformed lines that are shown.
const SHOWN: usize = 5;

/// The counts of a whole run. Displayed as a table, with failures at its end.
#[derive(Default)]
pub struct Summary {
    /// Lines in the log.
    pub lines: u64,
    /// Lines that are not in the format.
    pub malformed: u64,
    /// The first of them, with their numbers.
    pub first_malformed: Vec<(u64, Malformed)>,
    /// Requests by the first digit of their status, less one.
    pub classes: [u64; 5],
    /// Requests without a report from their task.
    pub lost: u64,
    /// Requests whose report differs from the one planned from their line.
    pub misreported: u64,
    /// The digest of the planned reports.
    pub expected: Digest,
    /// The digest of the reports that were written.
    pub written: Digest,
    /// One request's report.
    pub example: Vec<String>,
    /// The counts of the loops.
    pub tally: Tally,
    /// The number of loops.
    pub threads: usize,
    /// The duration of the run.
    pub elapsed: Duration,
}

impl Summary {
    /// Counts the current line as malformed.
    pub fn add_malformed(&mut self, malformed: Malformed) {
        self.malformed += 1;
        if self.first_malformed.len() < SHOWN {
            self.first_malformed.push((self.lines, malformed));
        }
    }

    /// Counts a request with this status.
    pub fn add_request(&mut self, status: u16) {
        if let Some(count) = self.classes.get_mut(usize::from(status / 100 - 1)) {
            *count += 1;
        }
    }

    /// Counts the outcome of a request.
    pub fn add_done(&mut self, done: Done) {
        self.expected += done.expected;
        let Some(report) = done.report else {
            self.lost += 1;
            return;
        };
        let written = Digest::from_iter(&report);
        self.written += written;
        if written != done.expected {
            self.misreported += 1;
        }
        if report.len() > self.example.len() {
            self.example = report;
        }
    }

    /// Returns the number of requests.
    pub fn requests(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// Returns `true` if every request has its report and no value leaked.
    pub fn is_clean(&self) -> bool {
        let wrong = self.tally.bleeds + self.lost + self.misreported;
        wrong == 0 && self.written == self.expected
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines == 0 {
            return writeln!(f, "no lines, so there is nothing to serve");
        }
        let Summary { tally, .. } = self;
        writeln!(f, "served")?;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, count: u64| {
            writeln!(f, "  {name:<18}{count:>12}")
        };
        row(f, "threads", self.threads as u64)?;
        row(f, "lines", self.lines)?;
        row(f, "malformed", self.malformed)?;
        for (number, malformed) in &self.first_malformed {
            writeln!(f, "    line {number}: {malformed}")?;
        }
        if self.malformed > self.first_malformed.len() as u64 {
            writeln!(f, "    …")?;
        }
        row(f, "requests", self.requests())?;
        for (class, count) in (1..).zip(self.classes) {
            row(f, &format!("  {class}xx"), count)?;
        }
        row(f, "tasks", tally.tasks)?;
        row(f, "failed as logged", tally.failures)?;
        row(f, "steps", tally.steps)?;
        row(f, "context switches", tally.switches)?;
        row(f, "handovers", tally.handovers)?;
        row(f, "report lines", self.written.lines)?;
        if !self.example.is_empty() {
            writeln!(f, "    for example:")?;
        }
        for line in &self.example {
            // Escaped: the log's text may contain control sequences.
            writeln!(f, "    {}", line.escape_debug())?;
        }
        row(f, "misreported", self.misreported)?;
        row(f, "lost", self.lost)?;
        row(f, "bleed", tally.bleeds)?;
        if let Some(example) = &tally.example {
            writeln!(f, "    {example}")?;
        }
        let seconds = self.elapsed.as_secs_f64();
        writeln!(
            f,
            "{seconds:.3} s: {:.0} lines/s, {:.0} steps/s",
            self.lines as f64 / seconds,
            tally.steps as f64 / seconds,
        )?;
        if self.requests() == 0 {
            writeln!(
                f,
                "no line is in the Common or Combined Log Format: is this an access log?"
            )?;
        }
        if self.written != self.expected {
            writeln!(
                f,
                "{} of {} report lines, with the checksum {:016x} in place of {:016x}",
                self.written.lines, self.expected.lines, self.written.sum, self.expected.sum,
            )?;
        }
        if !self.is_clean() {
            writeln!(
                f,
                "FAILED: a request was lost, misreported, or saw another request's values"
            )?;
        }
        Ok(())
    }
}
