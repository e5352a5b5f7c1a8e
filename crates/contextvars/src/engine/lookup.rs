//! Reading a variable in the current context of a thread.
//!
//! A hit touches the thread's own memory and the value, and counts nothing. Who
//! writes what, and why the value is there:
//!
//! 1. A slot leads to a value that the context of its activation binds. While this is
//!    the thread's current activation, the thread has the context's claim, so no
//!    other thread changes the bindings (`versions`). When the thread itself changes a
//!    binding, it writes the slot. The number of an activation never comes back. So a
//!    slot that matches leads to a value that is bound now, and an entry stays where it
//!    is for as long as it is bound.
//! 2. While `read` runs, anything may happen to the binding, and other reads may begin
//!    and end in any order. The value is registered as being read, and the rule in
//!    `reads` keeps it alive. A read is open only where a value was found.
#![allow(unsafe_code)]

use crate::engine::number::Numbers;
use crate::engine::reads::Reads;
use crate::engine::slots::{SLOTS, Slot};
use crate::engine::snapshot::Spares;
use crate::engine::{ContextState, Domain, VarKey, context};
use std::ptr::NonNull;
use threadstate::{Activation, Leave, Thread};

/// What a thread keeps for itself: recent lookups, the values that open reads still look at,
/// and a few contexts to run in captured bindings.
///
/// What it has looked up stays in the contexts, and dies with them.
pub struct Local<D: Domain> {
    reads: Reads<D>,
    numbers: Numbers,
    spares: Spares<D>,
}

impl<D: Domain> Default for Local<D> {
    fn default() -> Self {
        Local {
            reads: Reads::default(),
            numbers: Numbers::default(),
            spares: Spares::default(),
        }
    }
}

impl<D: Domain> Local<D> {
    /// How many variables a thread remembers: of those whose keys are equal modulo this, the one
    /// that was looked up last.
    pub const REMEMBERED: usize = SLOTS;

    /// Returns `true` if the next [`lookup`] of the variable walks no trie, if it
    /// comes in this activation.
    pub fn remembers(&self, key: VarKey, activation: Activation) -> bool {
        self.reads.slot(key).is_of(key, activation)
    }

    /// Returns the source of ids for contexts.
    #[inline]
    pub(super) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Returns the contexts that are kept for runs in captured bindings.
    #[inline]
    pub(super) fn spares(&self) -> &Spares<D> {
        &self.spares
    }

    /// Returns the open reads.
    #[inline]
    pub(super) fn reads(&self) -> &Reads<D> {
        &self.reads
    }
}

/// Keeps what open reads look at, and drops the contexts with the thread.
impl<D: Domain> Leave<ContextState<D>> for Local<D> {
    #[inline]
    fn leave(&self, activation: Activation, state: &ContextState<D>) {
        self.reads.leave(activation, state);
    }

    fn end(&self) {
        self.spares.end();
    }
}

/// Calls `read` with the value that `key` is bound to in the thread's current
/// context, or with `None` where it is not bound or the thread has no context.
///
/// Repeated with no change of this variable in between, and no look at another one that has
/// the same slot, walks no trie, takes no
/// lock, counts nothing, and writes no memory that other threads read. O(log n)
/// otherwise.
///
/// `read` may do anything, set the variable and switch contexts included: the
/// value it was given stays alive until it returns.
#[inline]
pub fn lookup<D: Domain, R>(
    thread: &Thread<D>,
    key: VarKey,
    read: impl FnOnce(Option<&D::Value>) -> R,
) -> R {
    let found = slot_of(thread, key);
    let value = found.and_then(Slot::value);
    let _reading = found
        .zip(value)
        .map(|(slot, value)| thread.local().reads.begin(slot, value));
    // SAFETY: 1, and by 2 it stays so while `_reading` lives.
    read(value.map(|value| unsafe { value.as_ref() }))
}

/// As [`lookup`], for a `read` that only looks. Registers no read: that takes longer than
/// the rest of a hit.
///
/// # Safety
///
/// `read` changes no binding of any context, and neither enters nor leaves one. It calls no
/// code that may.
#[inline]
pub unsafe fn lookup_still<D: Domain, R>(
    thread: &Thread<D>,
    key: VarKey,
    read: impl FnOnce(Option<&D::Value>) -> R,
) -> R {
    let value = slot_of(thread, key).and_then(Slot::value);
    // SAFETY: 1, and by the caller's word it stays so while `read` runs.
    read(value.map(|value| unsafe { value.as_ref() }))
}

/// Returns the variable's slot, with the outcome for the current activation in it; or `None`
/// where the thread has no context.
#[inline]
fn slot_of<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<&Slot<D>> {
    let slot = thread.local().reads.slot(key);
    match slot.is_of(key, thread.activation()) {
        true => Some(slot),
        false => find(thread, slot, key),
    }
}

/// Looks a variable up in the bindings, and remembers the outcome in its slot, which it
/// returns; or `None` where the thread has no context.
#[cold]
#[inline(never)]
fn find<'a, D: Domain>(thread: &Thread<D>, slot: &'a Slot<D>, key: VarKey) -> Option<&'a Slot<D>> {
    thread.with_current(|current| {
        let found = ContextState::read_as_owner(current?, |bindings| {
            context::find::<D>(bindings, key).map(|entry| NonNull::from(&**entry.value()))
        });
        let reads = &thread.local().reads;
        reads.put(slot, key, thread.activation(), found);
        Some(slot)
    })
}
