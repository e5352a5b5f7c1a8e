//! The embedded host's threads.

use super::{Context, Interpreter, Thread};
use crate::host::HostDomain;
use pyobj::std_host::{Exception, Std};
use std::sync::{Arc, LazyLock};
use threadstate::Event;

/// A callback that is notified of context switches. It gets the context that is now
/// current, or `None` if there is none.
///
/// A failure is reported as unraisable, and does not undo the switch.
pub type Watcher = Arc<dyn Fn(Event, Option<&Context>) -> Result<(), Exception> + Send + Sync>;

/// Returns the interpreter to which a thread's default state ([`with_thread`]) belongs.
pub fn interpreter() -> &'static Arc<Interpreter> {
    static MAIN: LazyLock<Arc<Interpreter>> = LazyLock::new(Default::default);
    &MAIN
}

threadstate::current_thread! {
    /// Calls `f` with the state of the calling thread, which the first call
    /// creates.
    ///
    /// When a thread ends, its contexts are left. In the drop of a value that outlives
    /// them, `f` gets the state without a context.
    pub fn with_thread<HostDomain<Std>> = Thread::new(interpreter())
}
