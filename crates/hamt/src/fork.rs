//! The bits that lock a table. By them a child of `fork` recognises a lock whose holder
//! does not exist there.
//!
//! The child has one thread, a copy of the one that called `fork`. A lock that another
//! thread held at that moment stays held in the child. So the state of a locked table
//! records in which generation of processes it was locked. The child's generation is one
//! after its parent's. The data of such a lock may be half changed: it is not read, and
//! the table is leaked (`share`).
//!
//! There are 64 generations, used in turn. So the 64th generation after does not recognise
//! a lock that stays held, and a thread that takes it there waits for ever.
//!
//! Only a fork that runs the handlers of `pthread_atfork` is noticed. `vfork` and the
//! bare system calls do not run them.

use core::sync::atomic::{AtomicU32, Ordering};

use crate::state::State;

/// The bits that are set in the state of a locked table; zero until the handler is registered.
static HELD: AtomicU32 = AtomicU32::new(0);

/// Returns the bits that a thread of this process sets to lock a table.
#[inline(always)]
pub(crate) fn held() -> u32 {
    // Relaxed: once it is set, it changes only where the process has one thread, in the child.
    match HELD.load(Ordering::Relaxed) {
        0 => begin(),
        held => held,
    }
}

/// Registers the handler, before the first table of the process is locked.
///
/// Two threads may both do so. Then a child counts two generations, so the 64 are used up
/// after 32 forks of forks. Waiting for the other thread would do harm: it does not exist in
/// a child.
#[cold]
fn begin() -> u32 {
    register();
    let (first, relaxed) = (State::held_in(0), Ordering::Relaxed);
    match HELD.compare_exchange(0, first, relaxed, relaxed) {
        Ok(_) => first,
        Err(held) => held,
    }
}

/// Without `fork` there is one generation only. Miri and loom have no `fork`.
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
    // nothing and does not unwind. If it cannot be registered, a child of this process
    // may wait for a lock for ever, as it would without a handler.
    unsafe { pthread_atfork(None, None, Some(in_child)) };
}
