//! The embedded host's threads.

use super::{Context, Interpreter, Thread};
use crate::host::HostDomain;
use pyobj::std_host::{Exception, Std};
use std::sync::{Arc, LazyLock};
use threadstate::Event;

/// A callback that is notified of context switches, with the context that is now
/// current, or `None` where there is none.
///
/// A failure is reported as unraisable; the switch stands.
pub type Watcher = Arc<dyn Fn(Event, Option<&Context>) -> Result<(), Exception> + Send + Sync>;

/// Returns the interpreter that all threads belong to which did not name one.
pub fn interpreter() -> &'static Arc<Interpreter> {
    static MAIN: LazyLock<Arc<Interpreter>> = LazyLock::new(Default::default);
    &MAIN
}

threadstate::current_thread! {
    /// Runs `f` with the state of the calling thread, for which it is made
    /// when first asked for.
    ///
    /// When a thread ends, its contexts are left. In the drop of a value that outlives
    /// them, `f` gets the state without a context.
    pub fn with_thread<HostDomain<Std>> = Thread::new(interpreter())
}
