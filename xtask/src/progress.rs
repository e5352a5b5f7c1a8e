//! Shows progress: a spinner on a terminal, plain lines elsewhere.

use std::cell::RefCell;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

/// All spinners. They are drawn on standard error if that is a terminal.
static SPINNERS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The progress of one piece of work.
///
/// Permanent output must go through [`print`](Progress::print).
pub struct Progress {
    spinner: ProgressBar,
    started: Instant,
    /// The collected output of work that runs in parallel with other work.
    kept: Option<RefCell<String>>,
}

impl Progress {
    /// Starts work number `number` of `of`.
    pub fn start(number: usize, of: usize, name: &str) -> Progress {
        Progress::new(format!("[{number}/{of}] {name}"), None)
    }

    /// Starts work in parallel with other work. Its output is printed at its end.
    pub fn parallel(name: &str) -> Progress {
        Progress::new(format!("[parallel] {name}"), Some(RefCell::default()))
    }

    fn new(title: String, kept: Option<RefCell<String>>) -> Progress {
        let spinner = SPINNERS.add(ProgressBar::new_spinner());
        if SPINNERS.is_hidden() {
            eprintln!("{title}");
        }
        let style = ProgressStyle::with_template("{spinner} {prefix} {elapsed} {wide_msg:.dim}");
        spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        spinner.set_prefix(title);
        spinner.enable_steady_tick(Duration::from_millis(100));
        Progress {
            spinner,
            started: Instant::now(),
            kept,
        }
    }

    /// Shows `line` beside the spinner until the next call.
    pub fn note(&self, line: &str) {
        self.spinner.set_message(line.trim().to_string());
    }

    /// Prints `line` on standard output.
    pub fn print(&self, line: &str) {
        match &self.kept {
            Some(kept) => kept.borrow_mut().push_str(&format!("{line}\n")),
            None => SPINNERS.suspend(|| println!("{line}")),
        }
    }

    /// Returns the time since the start.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.spinner.finish_and_clear();
        if let Some(kept) = &self.kept {
            SPINNERS.suspend(|| print!("{}", kept.borrow()));
        }
    }
}
