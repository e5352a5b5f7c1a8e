//! Reading a variable in the current context of a thread.
//!
//! A hit touches the thread's own memory and the value, and counts nothing. Who
//! writes what, and why the value is there:
//!
//! 1. A slot leads to a value that the context of its stay binds. While the stay
//!    is the thread's current one, the thread has the context's claim, so no
//!    other thread changes the bindings (`versions`); when the thread itself
//!    changes a binding, it writes the slot. When the stay ends, its number never
//!    comes back. So a slot that matches leads to a value that is bound now, and
//!    an entry stays where it is for as long as it is bound.
//! 2. While `read` runs, anything may happen to the binding. Whoever displaces
//!    it, on this thread, sets it aside until the read has ended (`reads`), and
//!    so does the thread with the bindings of a context that it leaves. Other
//!    threads cannot enter the context before that.
//! 3. What is set aside is dropped at the end of the outermost read, where
//!    nothing is borrowed.
#![allow(unsafe_code)]

use crate::engine::number::Numbers;
use crate::engine::reads::{Aside, Reads};
use crate::engine::slots::{Found, Slots};
use crate::engine::stock::Stock;
use crate::engine::{ContextState, Domain, Entry, VarKey, context};
use std::ptr::NonNull;
use threadstate::{Leave, Stay, Thread};

/// What a thread keeps for its reads: recent lookups, and what reads that are
/// under way still look at.
///
/// What it has looked up stays in the contexts, and dies with them.
pub struct Local<D: Domain> {
    slots: Slots<D>,
    reads: Reads<D>,
    numbers: Numbers,
    stock: Stock<D>,
}

impl<D: Domain> Default for Local<D> {
    fn default() -> Self {
        Local {
            slots: Slots::default(),
            reads: Reads::default(),
            numbers: Numbers::default(),
            stock: Stock::default(),
        }
    }
}

impl<D: Domain> Local<D> {
    /// Tells whether the next [`lookup`] of the variable walks no trie, if it
    /// comes in this stay.
    pub fn remembers(&self, key: VarKey, stay: Stay) -> bool {
        self.slots.find(key, stay).is_some()
    }

    /// Gives the copies that are counted in advance.
    #[inline]
    pub(super) fn stock(&self) -> &Stock<D> {
        &self.stock
    }

    /// Gives numbers for contexts.
    #[inline]
    pub(super) fn numbers(&self) -> &Numbers {
        &self.numbers
    }

    /// Notes that the thread has changed a binding in its current context, of
    /// this stay.
    #[inline]
    pub(super) fn changed(&self, key: VarKey, stay: Stay, old: Option<&Entry<D>>, new: Found<D>) {
        self.slots.put(key, stay, new);
        self.reads
            .set_aside(stay, || old.cloned().map(Aside::Entry));
    }
}

/// Keeps what reads that are under way look at.
impl<D: Domain> Leave<ContextState<D>> for Local<D> {
    #[inline]
    fn leave(&self, stay: Stay, state: &ContextState<D>) {
        self.stock.end(stay);
        self.reads
            .set_aside(stay, || Some(Aside::Bindings(state.snapshot())));
    }
}

/// Calls `read` with the value that `key` is bound to in the thread's current
/// context, or with `None` where it is not bound or the thread has no context.
///
/// Repeated with no change of this variable in between, walks no trie, takes no
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
    let (local, stay) = (thread.local(), thread.stay());
    let found = match local.slots.find(key, stay) {
        Some(found) => found,
        None => find(thread, key),
    };
    let _reading = local.reads.begin(stay);
    // SAFETY: 1, and by 2 it stays so while `_reading` lives.
    read(found.map(|value| unsafe { value.as_ref() }))
}

/// Looks a variable up in the bindings, and remembers the outcome.
#[cold]
#[inline(never)]
fn find<D: Domain>(thread: &Thread<D>, key: VarKey) -> Found<D> {
    thread.with_current(|current| {
        let found = ContextState::read_as_owner(current?, |bindings| {
            context::find::<D>(bindings, key).map(|entry| NonNull::from(&**entry.value()))
        });
        thread.local().slots.put(key, thread.stay(), found);
        found
    })
}
