//! The variables that are not inherited as they are, of those that have been set: those
//! that are never inherited, and those with a hook.
//!
//! Most programs have none, others a few. So a copy of a context looks for these
//! variables only, and not at all bindings. A variable is listed before its key is
//! taken, and the key publishes that: a thread that meets a binding of the variable
//! finds the variable here.

use crate::domain::{Ambient, Leaf, State};
use crate::meta::{Inherit, Meta};
use crate::value::Value;
use contextvars::engine::{self, VarKey};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// A variable that is listed here.
pub(crate) trait OnInherit: Sync {
    /// Returns what is known of it.
    fn meta(&'static self) -> &'static Meta;

    /// Returns the value that a copy inherits, where a hook makes one.
    fn inherited(&self, entry: &Leaf) -> Option<Value>;
}

static ANY: AtomicBool = AtomicBool::new(false);
static LIST: RwLock<Vec<&'static dyn OnInherit>> = RwLock::new(Vec::new());

/// Adds a variable. The caller takes the variable's key afterwards.
#[cold]
pub(crate) fn list(var: &'static dyn OnInherit) {
    let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
    // It is there already where two threads set the variable first.
    if !list
        .iter()
        .any(|listed| std::ptr::eq(listed.meta(), var.meta()))
    {
        list.push(var);
    }
    // Relaxed: the key publishes it, and the list is behind its lock.
    ANY.store(true, Ordering::Relaxed);
}

/// Removes from the state of a copy what is never inherited. Returns the values that hooks
/// have made, which are to be bound in the copy. Asks the variables for which
/// `keeps` returns `true`.
///
/// # Panics
///
/// Where a hook does.
#[inline]
pub(crate) fn applied(
    state: State,
    keeps: fn(Inherit) -> bool,
) -> (State, Vec<(&'static Meta, Value)>) {
    // Relaxed: a thread that has a binding of a listed variable has got its key.
    match ANY.load(Ordering::Relaxed) {
        true => changed(state, keeps),
        false => (state, Vec::new()),
    }
}

#[cold]
fn changed(state: State, keeps: fn(Inherit) -> bool) -> (State, Vec<(&'static Meta, Value)>) {
    let mut bound: Vec<(VarKey, Leaf, &'static dyn OnInherit)> = Vec::new();
    let list = LIST.read().unwrap_or_else(PoisonError::into_inner);
    for &var in list.iter() {
        let key = var.meta().key();
        bound.extend(key.and_then(|key| Some((key, state.find(key)?, var))));
    }
    // Hooks are a user's code, and run under no lock.
    drop(list);
    let (mut bindings, mut made) = (None, Vec::new());
    for (key, entry, var) in bound {
        if var.meta().inherit == Inherit::Never {
            let bindings = bindings.get_or_insert_with(|| state.snapshot());
            // `entry` holds the binding, so nothing is dropped under it.
            let Ok(_) = engine::unbind::<Ambient>(bindings, key);
        } else if keeps(var.meta().inherit) {
            made.extend(var.inherited(&entry).map(|value| (var.meta(), value)));
        }
    }
    (bindings.map_or(state, State::new), made)
}
