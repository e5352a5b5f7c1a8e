//! How a child of `fork` recognises a lock that none of its threads holds.
//!
//! The child has one thread, a copy of the one that called `fork`. A lock that another
//! thread held at that moment is still held in the child, and no thread will release
//! it. So a lock of this workspace records in which generation of processes it was
//! taken: the child's is one higher than its parent's. A thread that waits for a lock
//! of another generation may take it over, since the holder does not exist in this
//! process.
//!
//! Only a fork that runs the handlers of `pthread_atfork` is noticed. `vfork` and the
//! bare system calls do not run them.

use std::sync::atomic::{AtomicU64, Ordering};

/// Zero until the handler is registered.
static GENERATION: AtomicU64 = AtomicU64::new(0);

/// Returns the generation of this process, 1 or more.
#[inline]
pub(crate) fn generation() -> u64 {
    // Relaxed: it changes only where the process has one thread, in the child.
    match GENERATION.load(Ordering::Relaxed) {
        0 => begin(),
        generation => generation,
    }
}

/// Registers the handler, before the first lock of the process is taken.
///
/// Two threads may both do so. Then a child counts two generations, which does no harm.
/// Waiting for the other thread would: that thread does not exist in a child.
#[cold]
fn begin() -> u64 {
    register();
    let (old, new) = (Ordering::Relaxed, Ordering::Relaxed);
    match GENERATION.compare_exchange(0, 1, new, old) {
        Ok(_) => 1,
        Err(generation) => generation,
    }
}

/// Without `fork` there is one generation only. Miri and loom have no `fork`.
#[cfg(not(all(unix, not(miri), not(loom))))]
fn register() {}

#[cfg(all(unix, not(miri), not(loom)))]
#[expect(unsafe_code, reason = "a function of the C library")]
fn register() {
    type Handler = Option<extern "C" fn()>;
    unsafe extern "C" {
        // Of POSIX. Declared here, so that this crate does not depend on `libc` for it.
        fn pthread_atfork(prepare: Handler, parent: Handler, child: Handler) -> std::ffi::c_int;
    }
    extern "C" fn in_child() {
        // One thread is left, and it is in `fork`.
        GENERATION.fetch_add(1, Ordering::Relaxed);
    }
    // SAFETY: `in_child` may run whenever the process forks. It takes no lock, allocates
    // nothing and does not unwind. If it cannot be registered, a child of this process
    // may wait for a lock for ever, as it would without a handler.
    unsafe { pthread_atfork(None, None, Some(in_child)) };
}
