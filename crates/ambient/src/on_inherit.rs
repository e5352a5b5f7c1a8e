//! A list of the variables whose values are not inherited unchanged: those that are never
//! inherited, and those with a hook.
//!
//! Most programs have few or none. So a copy of a context looks up these variables only,
//! instead of going through all bindings. A variable is listed before its key is assigned,
//! and the key publishes that: a thread that sees a binding of the variable also finds the
//! variable in the list.

use crate::domain::{Ambient, Leaf, State};
use crate::meta::{Inherit, Meta};
use crate::value::Value;
use contextvars::engine::{self, VarKey};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

/// A variable in the list.
pub(crate) trait OnInherit: Sync {
    /// Returns the untyped part of the variable.
    fn meta(&'static self) -> &'static Meta;

    /// Returns the value that a copy inherits, if the variable has a hook.
    fn inherited(&self, entry: &Leaf) -> Option<Value>;
}

static ANY: AtomicBool = AtomicBool::new(false);
static LIST: RwLock<Vec<&'static dyn OnInherit>> = RwLock::new(Vec::new());

/// Adds a variable to the list. The caller assigns the variable's key afterwards.
#[cold]
pub(crate) fn list(var: &'static dyn OnInherit) {
    let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
    // Two threads that set the variable for the first time may both get here.
    if !list
        .iter()
        .any(|listed| std::ptr::eq(listed.meta(), var.meta()))
    {
        list.push(var);
    }
    // Relaxed: the key publishes this store, and the list is behind its lock.
    ANY.store(true, Ordering::Relaxed);
}

/// Removes the variables that are never inherited from the state of a copy. Calls the hooks
/// of the variables for which `keeps` returns `true`, and returns their values, which the
/// caller binds in the copy.
///
/// # Panics
///
/// If a hook panics.
#[inline]
pub(crate) fn applied(
    state: State,
    keeps: fn(Inherit) -> bool,
) -> (State, Vec<(&'static Meta, Value)>) {
    // Relaxed: a thread that has a binding of a listed variable has read its key, which
    // publishes the store.
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
    // Hooks are user code, which never runs under a lock.
    drop(list);
    let (mut bindings, mut made) = (None, Vec::new());
    for (key, entry, var) in bound {
        if var.meta().inherit == Inherit::Never {
            let bindings = bindings.get_or_insert_with(|| state.snapshot());
            // `entry` owns a reference to the binding, so no value is dropped here.
            let Ok(_) = engine::unbind::<Ambient>(bindings, key);
        } else if keeps(var.meta().inherit) {
            made.extend(var.inherited(&entry).map(|value| (var.meta(), value)));
        }
    }
    (bindings.map_or(state, State::new), made)
}
