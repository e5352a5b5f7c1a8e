//! Variables, contexts and tokens of the three toy hosts: three implementations
//! of `ContextHost`.

use crate::hosts::TestHost;
use crate::hosts::lifetime_token::{self, Counted, LifetimeToken, Token};
use crate::hosts::no_token::{self, NoToken};
use crate::hosts::vm_reference::{self, Machine, VmReference};
use contextvars::Event;
use contextvars::engine::{AtomicCounts, collect::VisitedCounts};
use contextvars::host::{
    ContextCell, ContextHost, HostDomain, Interpreter, Thread, TokenCell, VarCell,
};
use pyobj::std_host::Std;
use pyobj::{ExceptionKind, Failure, Handle, Unallocated};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, LazyLock};

/// The object in each host's `Token.MISSING`.
struct Missing;

/// A watcher that can fail.
type Watcher<H> = fn(Event, Option<&<H as ContextHost>::Context>) -> Result<(), HostError<H>>;

type HostError<H> = <H as pyobj::Host>::Error;

/// A watcher of a toy host that fails.
pub fn failing<H: TestHost + ContextHost>(
    _: Event,
    _: Option<&H::Context>,
) -> Result<(), H::Error> {
    Err(H::attach(|vm| {
        H::raise(vm, Failure::text(ExceptionKind::ValueError, "on purpose"))
    }))
}

/// A host of a test, with the state of the calling thread.
pub trait HasThread: TestHost + ContextHost {
    /// Runs `f` with the state of the calling thread.
    fn with_thread<R>(f: impl FnOnce(&Thread<Self>) -> R) -> R;
}

macro_rules! has_thread {
    ($host:ty) => {
        impl HasThread for $host {
            fn with_thread<R>(f: impl FnOnce(&Thread<Self>) -> R) -> R {
                threadstate::current_thread! { fn current<HostDomain<$host>> = new_thread() }
                current(f)
            }
        }
    };
}

has_thread!(NoToken);
has_thread!(VmReference);
has_thread!(LifetimeToken);

impl HasThread for Std {
    fn with_thread<R>(f: impl FnOnce(&Thread<Self>) -> R) -> R {
        contextvars::with_thread(f)
    }
}

fn new_thread<H: ContextHost>() -> Thread<H> {
    Thread::new(&Arc::new(Interpreter::new()))
}

// SAFETY: its contexts are counted pointers, and the cell in one does not move.
unsafe impl ContextHost for NoToken {
    type Kind = AtomicCounts;
    type Var = no_token::Ref<VarCell<Self>>;
    type Context = no_token::Ref<ContextCell<Self>>;
    type Token = no_token::Ref<TokenCell<Self>>;
    type Watcher = Watcher<Self>;

    fn missing((): ()) -> no_token::Value {
        static MISSING: LazyLock<no_token::Value> = LazyLock::new(|| Arc::new(Missing));
        MISSING.clone()
    }

    fn call_watcher(
        (): (),
        watcher: &Watcher<Self>,
        event: Event,
        current: Option<&Self::Context>,
    ) -> Result<(), no_token::Error> {
        watcher(event, current)
    }
}

/// A handle of an object behind a guard, as that of a garbage collector's cell is.
pub struct Guarded<P>(Rc<RefCell<P>>);

impl<P: 'static> Handle<VmReference> for Guarded<P> {
    type Payload = P;

    fn allocate(_: &Machine, payload: P) -> Result<Self, Unallocated<VmReference, P>> {
        Ok(Guarded(Rc::new(RefCell::new(payload))))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        f(&self.0.borrow())
    }

    fn clone_in(&self, _: &Machine) -> Self {
        Guarded(self.0.clone())
    }

    fn to_value(&self, _: &Machine) -> vm_reference::Value {
        self.0.clone()
    }

    fn from_value(_: &Machine, value: &vm_reference::Value) -> Option<Self> {
        value.clone().downcast().ok().map(Guarded)
    }
}

// SAFETY: its contexts are counted pointers, and the cell in one does not move.
unsafe impl ContextHost for VmReference {
    type Kind = VisitedCounts;
    type Var = Guarded<VarCell<Self>>;
    type Context = vm_reference::Ref<ContextCell<Self>>;
    type Token = Guarded<TokenCell<Self>>;
    type Watcher = Watcher<Self>;

    fn missing(_: &Machine) -> vm_reference::Value {
        thread_local! {
            static MISSING: vm_reference::Value = Rc::new(Missing);
        }
        MISSING.with(Rc::clone)
    }

    fn call_watcher(
        _: &Machine,
        watcher: &Watcher<Self>,
        event: Event,
        current: Option<&Self::Context>,
    ) -> Result<(), vm_reference::Error> {
        watcher(event, current)
    }
}

// SAFETY: its contexts are counted pointers, and the cell in one does not move.
unsafe impl ContextHost for LifetimeToken {
    type Kind = AtomicCounts;
    type Var = Counted<VarCell<Self>>;
    type Context = Counted<ContextCell<Self>>;
    type Token = Counted<TokenCell<Self>>;
    type Watcher = Watcher<Self>;

    fn missing(_: Token<'_>) -> lifetime_token::Value {
        static MISSING: LazyLock<Arc<Missing>> = LazyLock::new(|| Arc::new(Missing));
        Counted(Arc::<Missing>::clone(&MISSING))
    }

    fn call_watcher(
        _: Token<'_>,
        watcher: &Watcher<Self>,
        event: Event,
        current: Option<&Self::Context>,
    ) -> Result<(), lifetime_token::Error> {
        watcher(event, current)
    }
}
