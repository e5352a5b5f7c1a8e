//! Failed checks, and panics on purpose.

use std::panic::{self, AssertUnwindSafe, UnwindSafe};
use std::sync::{Mutex, PoisonError};

static FIRST: Mutex<Option<String>> = Mutex::new(None);

/// The payload of panics on purpose.
struct OnPurpose;

/// Records a failed check, and panics. It is recorded because the panic may be caught, for example
/// one in a value's drop.
pub fn fail(what: String) -> ! {
    let mut first = FIRST.lock().unwrap_or_else(PoisonError::into_inner);
    first.get_or_insert_with(|| what.clone());
    drop(first);
    panic!("{what}");
}

/// Returns the first failed check, if there is one.
pub fn first() -> Option<String> {
    FIRST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// Fails with a message unless a condition is true.
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

/// Calls `f`. Returns `None` if it panics on purpose; resumes other panics.
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

/// Installs a panic hook that does not print panics on purpose.
pub fn keep_those_on_purpose_quiet() {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !info.payload().is::<OnPurpose>() {
            hook(info);
        }
    }));
}
