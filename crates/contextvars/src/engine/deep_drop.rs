//! Drops nested values without a deep native stack.
//!
//! A context may bind a variable to a context, which binds a variable to another, and so on;
//! tokens and iterators may be links of such a chain. Each value would be dropped inside the
//! drop of the previous one. So a value that is dropped inside [`LIMIT`] others is deferred: it
//! goes to a list of the thread, which is emptied in a loop before the innermost of those drops
//! returns. CPython has its trashcan for this.
//!
//! Deferred values are on the heap, and the thread-locals have no destructor. So this works
//! until the thread ends, and when native stacks are switched meanwhile.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;

/// The greatest number of values that are dropped inside each other.
const LIMIT: u32 = 32;

thread_local! {
    /// The number of values that are being dropped inside each other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether a [`Rest`] further down the stack empties the list.
    static DRAINED: Cell<bool> = const { Cell::new(false) };
    static WAITING: ManuallyDrop<RefCell<Vec<Box<dyn Any>>>> =
        const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

/// A value whose drop may drop other such values inside it, any number of levels deep.
pub struct DeepDrop<V: 'static>(ManuallyDrop<V>);

impl<V: 'static> DeepDrop<V> {
    /// Wraps `value`.
    #[inline]
    pub fn new(value: V) -> Self {
        DeepDrop(ManuallyDrop::new(value))
    }
}

impl<V: 'static> Deref for DeepDrop<V> {
    type Target = V;

    #[inline(always)]
    fn deref(&self) -> &V {
        &self.0
    }
}

impl<V: fmt::Debug + 'static> fmt::Debug for DeepDrop<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<V: 'static> Drop for DeepDrop<V> {
    #[inline]
    fn drop(&mut self) {
        // The model checker runs all its threads on one system thread, so they would share the
        // thread-locals.
        if !mem::needs_drop::<V>() || cfg!(loom) {
            // SAFETY: dropped here and nowhere else.
            return unsafe { ManuallyDrop::drop(&mut self.0) };
        }
        let outer = DEPTH.try_with(Cell::get).unwrap_or(0);
        if outer < LIMIT {
            let _level = Level::enter(outer);
            // SAFETY: as above.
            unsafe { ManuallyDrop::drop(&mut self.0) };
        } else {
            // SAFETY: taken here and nowhere else; it is not used after.
            drop_later(unsafe { ManuallyDrop::take(&mut self.0) });
        }
    }
}

/// The drop of one value. Holds the number of drops around it, and restores it in `DEPTH`.
struct Level(u32);

impl Level {
    #[inline]
    fn enter(outer: u32) -> Self {
        let _ = DEPTH.try_with(|depth| depth.set(outer + 1));
        Level(outer)
    }
}

impl Drop for Level {
    #[inline]
    fn drop(&mut self) {
        let _ = DEPTH.try_with(|depth| depth.set(self.0));
    }
}

/// Adds a value to the list if a caller empties the list. Otherwise drops the value, and then
/// all values that were deferred meanwhile.
#[cold]
fn drop_later<V: 'static>(value: V) {
    // If the platform has destroyed the thread-locals, the value is dropped at once.
    let is_drained = DRAINED.try_with(|drained| drained.replace(true));
    if is_drained == Ok(true) {
        let mut value: Option<Box<dyn Any>> = Some(Box::new(value));
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().extend(value.take()));
    } else {
        // A guard, so that the list is also emptied if the drop of `value` panics.
        let _rest = Rest;
        drop(value);
    }
}

/// A guard whose drop empties the list, one value at a time, including values that are deferred
/// meanwhile.
struct Rest;

impl Drop for Rest {
    fn drop(&mut self) {
        while let Ok(Some(value)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            // Drops the rest if the drop of `value` panics.
            let rest = Rest;
            drop(value);
            mem::forget(rest);
        }
        let _ = WAITING.try_with(|waiting| drop(waiting.take()));
        let _ = DRAINED.try_with(|drained| drained.set(false));
    }
}
