//! The variables that are never inherited, of those that have been set.
//!
//! There are few, and most programs have none: so whoever copies a context looks for
//! these, and not at all that it binds.

use crate::meta::Meta;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};

static ANY: AtomicBool = AtomicBool::new(false);
static LIST: RwLock<Vec<&'static Meta>> = RwLock::new(Vec::new());

/// Adds a variable, before it is first set.
pub(crate) fn list(var: &'static Meta) {
    let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
    // Twice where two threads set it first.
    if !list.iter().any(|listed| std::ptr::eq(*listed, var)) {
        list.push(var);
    }
    // Release pairs with the Acquire in `each`, for a thread that has the binding
    // from the one that set it.
    ANY.store(true, Ordering::Release);
}

/// Calls `f`, which is ours, with each.
pub(crate) fn each(mut f: impl FnMut(&'static Meta)) {
    if ANY.load(Ordering::Acquire) {
        let list = LIST.read().unwrap_or_else(PoisonError::into_inner);
        list.iter().for_each(|var| f(var));
    }
}
