//! A host's handle to one of its own objects with a Rust payload inside.

use crate::Host;

/// A counted handle of host `H` to an object with a payload of this library
/// inside.
///
/// The payload is allocated once, inside the host's object. So identity,
/// weak references and garbage collection stay the host's own: `token.var is v`
/// in Python code compares this handle's object.
///
/// The payload is shared: it is reached by `&` only. Where objects are behind a guard, it is
/// borrowed during a call of [`with_payload`](Self::with_payload). Otherwise the handle is also
/// a [`DirectHandle`].
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
    /// language, which may call this again: a guard must be reentrant.
    fn with_payload<R>(&self, f: impl FnOnce(&Self::Payload) -> R) -> R;

    /// Returns another handle to the same object. Must not run code written in
    /// the hosted language.
    fn clone_in(&self, vm: H::Vm<'_>) -> Self;

    /// Returns the object as a value of the host.
    fn to_value(&self, vm: H::Vm<'_>) -> H::Value;

    /// Converts the handle into a value of the host. A host can do so without counting.
    fn into_value(self, vm: H::Vm<'_>) -> H::Value {
        self.to_value(vm)
    }

    /// Returns a handle of this kind if `value` is such an object.
    fn from_value(vm: H::Vm<'_>, value: &H::Value) -> Option<Self>;
}

/// A handle to an object whose payload is behind no guard, and does not move.
pub trait DirectHandle<H: Host>: Handle<H> {
    /// Returns the payload inside the object.
    fn payload(&self) -> &Self::Payload;

    /// Returns the payload by exclusive reference if this is the only handle to
    /// the object and no code can get another, for example through a weak
    /// reference. Hosts that cannot find that out return `None`.
    fn payload_mut(&mut self) -> Option<&mut Self::Payload> {
        None
    }
}

/// An object that the host could not allocate: the exception, and the payload,
/// so that it is not lost.
pub struct Unallocated<H: Host, P> {
    /// The host's exception.
    pub error: H::Error,
    /// The payload of the object.
    pub payload: P,
}
