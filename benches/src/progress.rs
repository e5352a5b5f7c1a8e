//! Says on standard error how far a run is, a line at a time: `note: …` is to stay, and
//! `progress: …` until the next one comes.

use std::time::{Duration, Instant};

/// How far a run is, by the estimated time of what is done and of all.
pub struct Progress {
    started: Instant,
    all: Duration,
    done: Duration,
}

impl Progress {
    /// Starts a run that is estimated to take so long.
    pub fn start(all: Duration) -> Progress {
        eprintln!("note: this takes {}", minutes(all));
        Progress {
            started: Instant::now(),
            all,
            done: Duration::ZERO,
        }
    }

    /// Says what is being done now.
    pub fn now(&self, what: &str) {
        eprintln!("progress: {}: {what}", self.so_far());
    }

    /// Says what begins now, so that it stays to be read.
    pub fn begin(&self, what: &str) {
        eprintln!("note: {}: {what}", self.so_far());
    }

    fn so_far(&self) -> String {
        let share = self.done.as_secs_f64() / self.all.as_secs_f64().max(1e-9);
        // The estimate knows how the parts compare, the clock how fast this machine is.
        let left = if share > 0.05 {
            let left = (1.0 - share).max(0.0) / share;
            self.started.elapsed().mul_f64(left)
        } else {
            self.all.saturating_sub(self.done)
        };
        format!("{:2.0} %, {} left", share * 100.0, minutes(left))
    }

    /// Marks work of this estimated time as done.
    pub fn done(&mut self, estimate: Duration) {
        self.done += estimate;
    }
}

/// A time as a person would say it.
fn minutes(time: Duration) -> String {
    match (time.as_secs() + 30) / 60 {
        0 => "less than a minute".into(),
        1 => "about a minute".into(),
        minutes => format!("about {minutes} minutes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_minutes() {
        assert_eq!(minutes(Duration::from_secs(29)), "less than a minute");
        assert_eq!(minutes(Duration::from_secs(89)), "about a minute");
        assert_eq!(minutes(Duration::from_secs(90)), "about 2 minutes");
    }
}
