//! What a thread writes into the state of a table that it locks, so that a child of
//! `fork` knows a lock whose holder it does not have.
//!
//! The child has one thread, a copy of the one that called `fork`. A lock that another
//! thread held at that moment stays held in the child. So the state of a locked table
//! says in which generation of processes it was locked, and the child's is the next one
//! after its parent's. What such a lock guards may be half changed: it is not looked at,
//! and the table is leaked (`share`).
//!
//! There are 64 generations, used in turn: a lock that stays held goes unnoticed in the
//! 64th generation after, and a thread that wants it there waits for ever.
//!
//! Only a fork that runs the handlers of `pthread_atfork` is noticed. `vfork` and the
//! bare system calls do not run them.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::header::State;

/// What the state of a locked table has set; zero until the handler is registered.
static HELD: AtomicU32 = AtomicU32::new(0);

/// Returns the bits that a thread of this process sets to lock a table.
#[inline(always)]
pub(crate) fn held() -> u32 {
    // Relaxed: it changes only where the process has one thread, in the child.
    match HELD.load(Ordering::Relaxed) {
        0 => begin(),
        held => held,
    }
}

/// Registers the handler, before the first table of the process is locked.
///
/// Two threads may both do so. Then a child counts two generations, so the 64 are used up
/// after 32 forks of forks. To wait for the other thread would: it is not there in a child.
#[cold]
fn begin() -> u32 {
    register();
    let (first, relaxed) = (State::held_in(0), Ordering::Relaxed);
    match HELD.compare_exchange(0, first, relaxed, relaxed) {
        Ok(_) => first,
        Err(held) => held,
    }
}

/// Where there is no `fork` to be noticed there is one generation. Miri and loom have
/// neither.
#[cfg(not(all(feature = "std", unix, not(miri), not(loom))))]
fn register() {}

#[cfg(all(feature = "std", unix, not(miri), not(loom)))]
#[expect(unsafe_code, reason = "a function of the C library")]
fn register() {
    type Handler = Option<extern "C" fn()>;
    unsafe extern "C" {
        // Of POSIX. Declared here, so that this crate does not depend on `libc` for it.
        fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> core::ffi::c_int;
    }
    extern "C" fn in_child() {
        // One thread is left, and it is in `fork`.
        let generation = State(HELD.load(Ordering::Relaxed)).generation();
        HELD.store(State::held_in(generation + 1), Ordering::Relaxed);
    }
    // SAFETY: `in_child` may run whenever the process forks. It takes no lock, allocates
    // nothing and does not unwind. Where the list of handlers cannot grow, a child of
    // this process may wait for a lock for ever, which is what it did without.
    unsafe { pthread_atfork(None, None, Some(in_child)) };
}
