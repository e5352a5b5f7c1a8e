//! Shows what is going on: a spinner on a terminal, plain lines elsewhere.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// One piece of work out of several, being done.
///
/// Drawn on standard error, and only when that is a terminal; what is to stay goes through
/// [`print`](Progress::print).
pub struct Progress {
    bar: ProgressBar,
    started: Instant,
    /// What was printed, of work that is done beside other work.
    kept: Option<RefCell<String>>,
}

impl Progress {
    /// Starts work number `number` of `of`.
    pub fn start(number: usize, of: usize, name: &str) -> Progress {
        let bar = ProgressBar::new_spinner();
        let title = format!("[{number}/{of}] {name}");
        if bar.is_hidden() {
            eprintln!("{title}");
        }
        let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg:.dim}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.set_prefix(title);
        bar.enable_steady_tick(Duration::from_millis(100));
        Progress {
            bar,
            started: Instant::now(),
            kept: None,
        }
    }

    /// Starts work beside other work. It prints all at its end.
    pub fn beside(name: &str) -> Progress {
        eprintln!("[beside] {name}");
        Progress {
            bar: ProgressBar::hidden(),
            started: Instant::now(),
            kept: Some(RefCell::default()),
        }
    }

    /// Shows `line` beside the spinner until the next one comes.
    pub fn note(&self, line: &str) {
        self.bar.set_message(line.trim().to_string());
    }

    /// Prints `line` on standard output, where it stays.
    pub fn print(&self, line: &str) {
        match &self.kept {
            Some(kept) => {
                let mut kept = kept.borrow_mut();
                kept.push_str(line);
                kept.push('\n');
            }
            None => self.bar.suspend(|| println!("{line}")),
        }
    }

    /// The time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
        if let Some(kept) = &self.kept {
            print!("{}", kept.borrow());
        }
    }
}
