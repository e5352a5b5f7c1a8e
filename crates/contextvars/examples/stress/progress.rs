//! The progress display.

use crate::failure;
use crate::world::World;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

/// The interval between updates.
const LOOK: Duration = Duration::from_millis(500);

/// Shows progress for `time`, or until a check fails. On a terminal it updates one line; otherwise
/// it prints lines that begin with `progress:`.
pub fn watch(world: &World, time: Duration) {
    let bar = ProgressBar::no_length()
        .with_style(ProgressStyle::with_template("{msg}").expect("a template that is right"));
    let is_terminal = io::stderr().is_terminal();
    let started = Instant::now();
    while started.elapsed() < time && failure::first().is_none() {
        thread::sleep(LOOK.min(time.saturating_sub(started.elapsed())));
        let (done, steps) = (started.elapsed().as_secs(), world.tally().steps());
        let now = format!("{done} s of {} s, {steps} steps", time.as_secs());
        if is_terminal {
            bar.set_message(now);
        } else {
            eprintln!("progress: {now}");
        }
    }
    bar.finish_and_clear();
}
