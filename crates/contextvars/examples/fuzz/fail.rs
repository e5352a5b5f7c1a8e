//! How a finding ends the process.

use std::fmt::Display;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{panic, process, thread};

/// What a panic that is no step's own has said.
static LAST: Mutex<String> = Mutex::new(String::new());

/// Ends the process: what is broken may be memory.
pub fn fail(kind: &str, what: impl Display) -> ! {
    println!("finding: {kind}: {what}");
    // Not `exit`, which drops thread-locals: values call back.
    process::abort()
}

/// Counts steps.
pub static STEPS: AtomicU64 = AtomicU64::new(0);

/// Ends the process when no step is done for long.
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

/// Keeps what panics say, in place of printing it.
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
