//! A finding ends the process.

use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{panic, process, thread};

/// The message of the last panic that no step caused on purpose.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Reports a finding and ends the process, whose memory may be corrupt.
pub fn fail(kind: &str, what: impl Display) -> ! {
    println!("finding: {kind}: {what}");
    // Not `exit`, which drops thread-locals and so runs callbacks of values.
    process::abort()
}

/// The number of steps done.
pub static STEPS: AtomicU64 = AtomicU64::new(0);

/// Ends the process if no step is done for 5 seconds.
pub fn at_standstill() {
    let mut before = 0;
    loop {
        thread::sleep(Duration::from_secs(5));
        let now = STEPS.load(Ordering::Relaxed);
        if now == before {
            fail("hang", "no step is done");
        }
        before = now;
    }
}

/// Stores the messages of panics instead of printing them.
pub fn keep_panics_quiet() {
    panic::set_hook(Box::new(|info| {
        if let Ok(mut last) = LAST.lock() {
            *last = info.to_string().replace('\n', " ");
        }
    }));
}

pub fn last_panic() -> String {
    LAST.lock().map(|last| last.clone()).unwrap_or_default()
}
