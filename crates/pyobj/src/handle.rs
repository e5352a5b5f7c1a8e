//! A host's handle to one of its own objects with a Rust payload inside.

use crate::Host;

/// A counted handle of host `H` to an object in which a payload of this
/// library lives.
///
/// The payload is allocated once, inside the host's object, so identity,
/// weak references and garbage collection stay the host's own: what Python
/// code sees as `token.var is v` is this handle's object.
///
/// The payload is shared: it is only ever reached by `&`. Where objects are behind a guard, that
/// is for the length of a call ([`with_payload`](Self::with_payload)); else a handle is also a
/// [`DirectHandle`].
pub trait Handle<H: Host>: Sized + 'static {
    /// The payload inside the object.
    type Payload;

    /// Allocates an object around `payload`.
    ///
    /// # Errors
    ///
    /// [`Unallocated`], with the payload, where the host cannot allocate.
    fn allocate(
        vm: H::Vm<'_>,
        payload: Self::Payload,
    ) -> Result<Self, Unallocated<H, Self::Payload>>;

    /// Calls `f` with the payload inside the object. `f` may run code written in the hosted
    /// language, which may come back here: a guard is one that can be taken several times.
    fn with_payload<R>(&self, f: impl FnOnce(&Self::Payload) -> R) -> R;

    /// Counts one more handle to the same object. Must not run code written in
    /// the hosted language.
    fn clone_in(&self, vm: H::Vm<'_>) -> Self;

    /// Returns a handle to the same object as any object.
    fn to_value(&self, vm: H::Vm<'_>) -> H::Value;

    /// Turns the handle into one of any object. Hosts can do so without counting.
    fn into_value(self, vm: H::Vm<'_>) -> H::Value {
        self.to_value(vm)
    }

    /// Returns a handle of this kind where `value` leads to such an object.
    fn from_value(vm: H::Vm<'_>, value: &H::Value) -> Option<Self>;
}

/// A handle to an object whose payload is behind no guard, and does not move.
pub trait DirectHandle<H: Host>: Handle<H> {
    /// Returns the payload inside the object.
    fn payload(&self) -> &Self::Payload;

    /// Returns the payload exclusively, if this is the only handle to the object
    /// and no code can get another, through a weak reference say. Hosts that
    /// cannot tell give `None`.
    fn payload_mut(&mut self) -> Option<&mut Self::Payload> {
        None
    }
}

/// An object that the host could not allocate: its exception, and the payload
/// that the object was meant for, so that nothing of it is lost.
pub struct Unallocated<H: Host, P> {
    /// The host's exception.
    pub error: H::Error,
    /// What should have been allocated.
    pub payload: P,
}
