//! The variables that are never inherited, of those that have been set.
//!
//! Most programs have none, others a few. So a copy of a context looks for these
//! variables only, and not at all bindings. A variable is listed before its key is
//! taken, and the key publishes that: a thread that meets a binding of the variable
//! finds the variable here.

use crate::meta::Meta;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

static ANY: AtomicBool = AtomicBool::new(false);
static LIST: RwLock<Vec<&'static Meta>> = RwLock::new(Vec::new());

/// Adds a variable. The caller takes the variable's key afterwards.
pub(crate) fn list(var: &'static Meta) {
    let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
    // It is there already where two threads set the variable first.
    if !list.iter().any(|listed| std::ptr::eq(*listed, var)) {
        list.push(var);
    }
    // Relaxed: the key publishes it, and the list is behind its lock.
    ANY.store(true, Ordering::Relaxed);
}

/// Calls `f` with each, under a lock: `f` runs no code of a user's.
pub(crate) fn each(mut f: impl FnMut(&'static Meta)) {
    // Relaxed: a thread that has a binding of a listed variable has got its key.
    if ANY.load(Ordering::Relaxed) {
        let list = LIST.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().for_each(|var| f(var));
    }
}
