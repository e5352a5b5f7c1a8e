//! Reading a variable in the current context of a thread.
//!
//! A hit touches only the thread's own memory and the value, and changes no reference count.
//! Why the value is alive:
//!
//! 1. A slot points to a value that is bound in the context of the slot's activation. While
//!    that is the thread's current activation, the thread has the context's claim, so no
//!    other thread changes the bindings (`versions`). When the thread itself changes a
//!    binding, it updates the slot. The number of an activation is never reused. So a
//!    matching slot points to a value that is bound now, and an entry does not move while
//!    it is bound.
//! 2. While `read` runs, the binding may change, and other reads may begin
//!    and end in any order. The value is registered as being read, and the rule in
//!    `reads` keeps it alive. A read is registered only if a value was found.
//! 3. When the thread ends, its slots are dropped, but only while no read is registered. A
//!    reference to a slot is used while a read is registered, or where no user's code runs.
#![allow(unsafe_code)]

use crate::engine::id::Ids;
use crate::engine::reads::{Reading, Reads};
use crate::engine::slots::{SLOTS, Slot};
use crate::engine::snapshot::FreeContexts;
use crate::engine::{ContextState, Domain, VarKey, context};
use std::fmt;
use std::ptr::NonNull;
use threadstate::{Activation, Leave, Thread};

/// The engine's state of a thread: recent lookups, the values of open reads, and a few contexts
/// for runs in captured bindings.
///
/// Recent lookups keep no value alive.
pub struct Local<D: Domain> {
    reads: Reads<D>,
    ids: Ids,
    free_contexts: FreeContexts<D>,
}

impl<D: Domain> Default for Local<D> {
    fn default() -> Self {
        Local {
            reads: Reads::default(),
            ids: Ids::default(),
            free_contexts: FreeContexts::default(),
        }
    }
}

impl<D: Domain> fmt::Debug for Local<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").finish_non_exhaustive()
    }
}

impl<D: Domain> Local<D> {
    /// The number of variables that a thread remembers. Of variables whose keys are equal modulo
    /// this number, it remembers the one that was looked up last.
    pub const REMEMBERED: usize = SLOTS;

    /// Returns `true` if the next [`lookup`] of the variable in this activation does not search
    /// the trie.
    pub fn remembers(&self, key: VarKey, activation: Activation) -> bool {
        self.reads.remembered(key, activation).is_some()
    }

    /// Returns the source of ids for contexts.
    #[inline]
    pub(super) fn ids(&self) -> &Ids {
        &self.ids
    }

    /// Returns the contexts that are reused for runs in captured bindings.
    #[inline]
    pub(super) fn free_contexts(&self) -> &FreeContexts<D> {
        &self.free_contexts
    }

    /// Returns the slots and the open reads.
    #[inline]
    pub(super) fn reads(&self) -> &Reads<D> {
        &self.reads
    }
}

/// Keeps the values of open reads alive when a context is left. Drops the free contexts
/// and the slots when the thread ends.
impl<D: Domain> Leave<ContextState<D>> for Local<D> {
    #[inline]
    fn leave(&self, activation: Activation, state: &ContextState<D>) {
        self.reads.leave(activation, state);
    }

    fn end(&self) {
        self.free_contexts.end();
        self.reads.end();
    }
}

/// Calls `read` with the value of the variable `key` in the thread's current context. Passes
/// `None` if the variable is not bound or the thread has no context.
///
/// The thread's slot of the variable is used if it holds the last lookup in this activation. Then
/// this searches no trie, takes no lock, changes no reference count, and writes no memory that
/// other threads read. Otherwise O(log n). The first one on a thread allocates the slots.
///
/// `read` may run any code, which may set the variable or switch contexts: the
/// value stays alive until `read` returns.
#[inline]
pub fn lookup<D: Domain, R>(
    thread: &Thread<D>,
    key: VarKey,
    read: impl FnOnce(Option<&D::Value>) -> R,
) -> R {
    let reading = slot_of(thread, key).and_then(|slot| thread.local().reads.begin(slot));
    let value = reading.as_ref().map(Reading::value);
    // SAFETY: alive by 1, and by 2 until `reading` is dropped.
    read(value.map(|value| unsafe { value.as_ref() }))
}

/// As [`lookup`], for a `read` that neither changes bindings nor switches contexts. Registers no
/// read, which would take longer than the rest of a hit.
///
/// # Safety
///
/// While `read` has a value, it changes no binding of any context, and neither enters nor leaves
/// one. It calls no code that may. Called with `None`, it may do all of this.
#[inline]
pub unsafe fn lookup_unregistered<D: Domain, R>(
    thread: &Thread<D>,
    key: VarKey,
    read: impl FnOnce(Option<&D::Value>) -> R,
) -> R {
    let value = slot_of(thread, key).and_then(Slot::value);
    // SAFETY: alive by 1, and by the caller's promise while `read` runs.
    read(value.map(|value| unsafe { value.as_ref() }))
}

/// Returns the variable's slot, which holds the outcome for the current activation. Returns
/// `None` if the thread has no context.
#[inline]
fn slot_of<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<&Slot<D>> {
    let remembered = thread.local().reads.remembered(key, thread.activation());
    remembered.or_else(|| find(thread, key))
}

/// Looks a variable up in the bindings, stores the outcome in its slot, and returns the slot.
/// Returns `None` if the thread has no context.
#[cold]
#[inline(never)]
fn find<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<&Slot<D>> {
    thread.with_current(|current| {
        let found = ContextState::read_as_owner(current?, |bindings| {
            context::find::<D>(bindings, key).map(|entry| NonNull::from(&**entry.value()))
        });
        let reads = &thread.local().reads;
        Some(reads.put(key, thread.activation(), found))
    })
}
