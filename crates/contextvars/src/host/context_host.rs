//! The trait by which a host names its variables, contexts and tokens.

use crate::engine::{self, ContextState, Domain, ErrorOf, Kind, Local, VarKey};
use crate::host::{ContextCell, TokenCell, VarCell};
use pyobj::{DirectHandle, Handle, Host};
use std::fmt;
use std::marker::PhantomData;
use threadstate::{Event, Stack};

/// A host that has objects for variables, contexts and tokens.
///
/// Each of the three handle types points to an object of the host that contains the
/// matching cell. The host gives these objects methods, which call the functions of
/// the cells.
///
/// # Safety
///
/// A [`Context`](Self::Context) is a counted pointer to an object that does not move:
///
/// * its `payload` and `payload_mut` return the same cell, at one address, for all
///   handles of the object, and call no code that uses contexts;
/// * its `clone_in` returns a handle of the same object;
/// * a bitwise copy of a handle can be used in place of the original, by shared
///   reference, while the original lives and is not borrowed exclusively.
///
/// With [`CLONES_RUN_NO_CODE`](Self::CLONES_RUN_NO_CODE), its
/// [`clone_value`](Host::clone_value) calls no code that changes a binding, or enters or
/// leaves a context.
#[expect(unsafe_code, reason = "the promise of its implementers")]
pub unsafe trait ContextHost: Host<Error: ErrorOf<<Self as ContextHost>::Kind>> {
    /// How references to bindings are counted: see [`Domain::Kind`].
    type Kind: Kind;

    /// A handle to a variable object.
    type Var: Handle<Self, Payload = VarCell<Self>>;

    /// A handle to a context object.
    type Context: DirectHandle<Self, Payload = ContextCell<Self>>;

    /// A handle to a token object.
    type Token: Handle<Self, Payload = TokenCell<Self>>;

    /// A callback that is notified of context switches. It is cloned under a lock:
    /// cloning must do nothing but increment a reference count.
    type Watcher: Clone + 'static;

    /// Whether a run in a context clones a handle of it for the length of the call
    /// ([`Stack::RUN_COUNTS`]).
    const RUN_COUNTS: bool = false;

    /// Whether cloning a value does nothing but increment a reference count. Then a read that
    /// clones the value is not registered.
    const CLONES_RUN_NO_CODE: bool = false;

    /// Returns the one `Token.MISSING`.
    fn missing(vm: Self::Vm<'_>) -> Self::Value;

    /// Calls a watcher. The caller reports a failure as unraisable.
    ///
    /// # Errors
    ///
    /// Fails if the watcher fails.
    fn call_watcher(
        vm: Self::Vm<'_>,
        watcher: &Self::Watcher,
        event: Event,
        current: Option<&Self::Context>,
    ) -> Result<(), Self::Error>;
}

/// The engine's [`Domain`] of a host. It is never created.
pub struct HostDomain<H>(PhantomData<fn() -> H>);

impl<H> fmt::Debug for HostDomain<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostDomain")
    }
}

/// The state of one thread of a host.
pub type Thread<H> = threadstate::Thread<HostDomain<H>>;

/// The state that the threads of one interpreter of a host share.
pub type Interpreter<H> = threadstate::Interpreter<HostDomain<H>>;

/// A counted handle of one binding: a variable object's handle, and the value.
pub type Leaf<H> = engine::Leaf<HostDomain<H>>;

impl<H: ContextHost> Domain for HostDomain<H> {
    type Var = H::Var;
    type Value = H::Value;
    type Kind = H::Kind;

    #[inline]
    fn key(var: &H::Var) -> VarKey {
        var.with_payload(VarCell::key)
    }

    #[inline]
    fn clone_var(vm: H::Vm<'_>, var: &H::Var) -> H::Var {
        var.clone_in(vm)
    }
}

// SAFETY: the contract of `ContextHost` includes that of `Stack`; the state is a part of
// the cell.
#[expect(unsafe_code, reason = "the contract of `ContextHost` is passed on")]
unsafe impl<H: ContextHost> Stack for HostDomain<H> {
    type Vm<'a> = H::Vm<'a>;
    type Context = H::Context;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = H::Watcher;

    const RUN_COUNTS: bool = H::RUN_COUNTS;

    #[inline]
    fn state(context: &H::Context) -> &ContextState<Self> {
        context.payload().state()
    }

    #[inline]
    fn state_mut(context: &mut H::Context) -> Option<&mut ContextState<Self>> {
        Some(context.payload_mut()?.state_mut())
    }

    #[inline]
    fn clone_context(vm: H::Vm<'_>, context: &H::Context) -> H::Context {
        context.clone_in(vm)
    }

    fn call_watcher(
        vm: H::Vm<'_>,
        watcher: &H::Watcher,
        event: Event,
        current: Option<&H::Context>,
    ) {
        let Err(error) = H::call_watcher(vm, watcher, event, current) else {
            return;
        };
        let current = current.map_or_else(|| H::none(vm), |context| context.to_value(vm));
        let place = match H::repr(vm, &current) {
            Ok(repr) => repr,
            // The watcher's failure is reported; that of the context's `repr` is ignored.
            Err(_) => "<unprintable context>".to_owned(),
        };
        let event = event.name();
        let message = format!("Exception ignored in {event} watcher callback for {place}");
        H::unraisable(vm, error, &message);
    }
}
