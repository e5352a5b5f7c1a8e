//! Drops nested values without a deep native stack.
//!
//! A context may bind a variable to a context, which binds one to another, and so on;
//! tokens and iterators may stand between them. Each value would be dropped inside the
//! one before. So a value that is dropped inside [`LIMIT`] others waits in a list of
//! the thread, which is emptied in a loop before the last of those others is done.
//! CPython has its trashcan for this.
//!
//! What waits is on the heap, and the thread-locals have no destructor: this works as
//! long as the thread runs, and with native stacks that are switched meanwhile.
#![allow(unsafe_code)]

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::mem::{self, ManuallyDrop};
use std::ops::Deref;

/// How many values are dropped inside each other.
const LIMIT: u32 = 32;

thread_local! {
    /// How many values are being dropped inside each other.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// Whether a call of [`drop_all`] below on the stack empties the list.
    static DRAINED: Cell<bool> = const { Cell::new(false) };
    static WAITING: ManuallyDrop<RefCell<Vec<Box<dyn Any>>>> =
        const { ManuallyDrop::new(RefCell::new(Vec::new())) };
}

/// A value whose drop may drop others of the kind inside it, any number of levels deep.
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

impl<V: 'static> Drop for DeepDrop<V> {
    #[inline]
    fn drop(&mut self) {
        // The model checker runs its threads on one of the system's, which makes the
        // thread-locals common to all.
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

/// One value that is being dropped; holds how many are around it.
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

/// Adds a value to the list, if a call below on the stack empties it; otherwise drops
/// the value and all that comes to wait meanwhile.
#[cold]
fn drop_later<V: 'static>(value: V) {
    // Where the platform has destroyed the thread-locals, the value is dropped at once.
    let is_drained = DRAINED.try_with(|drained| drained.replace(true));
    if is_drained == Ok(true) {
        let mut value: Option<Box<dyn Any>> = Some(Box::new(value));
        let _ = WAITING.try_with(|waiting| waiting.borrow_mut().extend(value.take()));
    } else {
        // Also where `value` panics.
        let _rest = Rest;
        drop(value);
    }
}

/// What waits: dropped with this, one at a time, and what comes to wait meanwhile.
struct Rest;

impl Drop for Rest {
    fn drop(&mut self) {
        while let Ok(Some(value)) = WAITING.try_with(|waiting| waiting.borrow_mut().pop()) {
            // Goes on with the rest if `value` panics.
            let rest = Rest;
            drop(value);
            mem::forget(rest);
        }
        let _ = WAITING.try_with(|waiting| drop(waiting.take()));
        let _ = DRAINED.try_with(|drained| drained.set(false));
    }
}
