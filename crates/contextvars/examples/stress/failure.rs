//! What went wrong, and panics that are part of the game.

use std::panic::{self, AssertUnwindSafe, UnwindSafe};
use std::sync::{Mutex, PoisonError};

static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// The payload of panics on purpose.
struct OnPurpose;

/// Notes what went wrong, and panics. Noted, because a panic of a value's drop, say, may be caught
/// on its way.
pub fn fail(what: String) -> ! {
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    first.get_or_insert_with(|| what.clone());
    drop(first);
    panic!("{what}");
}

/// What went wrong first, if anything did.
pub fn first() -> Option<String> {
    FIRST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Fails, with a message, unless something holds.
macro_rules! check {
    ($holds:expr, $($what:tt)+) => {
        if !$holds {
            $crate::failure::fail(format!($($what)+));
        }
    };
}
pub(crate) use check;

/// Panics on purpose.
pub fn panic_on_purpose() -> ! {
    panic::panic_any(OnPurpose)
}

/// Runs `f`; `None` where it panicked on purpose. Other panics go on.
pub fn catch_those_on_purpose<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch(AssertUnwindSafe(f))
}

fn catch<R>(f: impl FnOnce() -> R + UnwindSafe) -> Option<R> {
    match panic::catch_unwind(f) {
        Ok(result) => Some(result),
        Err(payload) if payload.is::<OnPurpose>() => None,
        Err(payload) => panic::resume_unwind(payload),
    }
}

/// Has the panic hook print other panics only.
pub fn keep_those_on_purpose_quiet() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<OnPurpose>() {
            hook(info);
        }
    }));
}
