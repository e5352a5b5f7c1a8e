//! Tuples and lists.

use super::Value;
use super::release::release;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A `tuple`: an immutable sequence of values, behind a counted handle.
#[derive(Clone, Default)]
pub struct Tuple(Arc<[Value]>);

impl Tuple {
    /// Returns `true` if both are the same object; as in CPython there is one
    /// empty tuple.
    pub(super) fn is(&self, other: &Tuple) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.is_empty() && other.is_empty()
    }

    pub(super) fn address(&self) -> usize {
        if self.is_empty() {
            size_of::<usize>()
        } else {
            Arc::as_ptr(&self.0).addr()
        }
    }
}

impl Deref for Tuple {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0
    }
}

impl Drop for Tuple {
    fn drop(&mut self) {
        if let Some(items) = Arc::get_mut(&mut self.0) {
            release(items.iter_mut().map(std::mem::take));
        }
    }
}

impl FromIterator<Value> for Tuple {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        Tuple(items.into_iter().collect())
    }
}

/// A `list`: a growable sequence of values that its handles share.
///
/// Its lock is held only while values are counted or moved, never while one is
/// compared, printed or dropped.
#[derive(Clone, Default)]
pub struct List(Arc<Items>);

#[derive(Default)]
struct Items(Mutex<Vec<Value>>);

impl Drop for Items {
    fn drop(&mut self) {
        let items = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        release(std::mem::take(items).into_iter());
    }
}

impl List {
    /// Adds a value at the end.
    pub fn push(&self, value: impl Into<Value>) {
        let value = value.into();
        self.lock().push(value);
    }

    /// Removes and returns the last value.
    pub fn pop(&self) -> Option<Value> {
        self.lock().pop()
    }

    /// Returns the number of values.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns `true` if there are no values.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Returns the value at `index`.
    pub fn get(&self, index: usize) -> Option<Value> {
        self.lock().get(index).cloned()
    }

    /// Sets the value at `index` and returns the old one.
    ///
    /// # Errors
    ///
    /// Returns `value` if `index` is not below the length.
    pub fn set(&self, index: usize, value: Value) -> Result<Value, Value> {
        match self.lock().get_mut(index) {
            Some(place) => Ok(std::mem::replace(place, value)),
            None => Err(value),
        }
    }

    /// Removes and returns the value at `index`.
    pub fn remove(&self, index: usize) -> Option<Value> {
        let mut items = self.lock();
        (index < items.len()).then(|| items.remove(index))
    }

    /// Removes and returns all values.
    pub fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.lock())
    }

    /// Returns a copy of the values.
    pub fn to_vec(&self) -> Vec<Value> {
        self.lock().clone()
    }

    pub(super) fn is(&self, other: &List) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FromIterator<Value> for List {
    fn from_iter<I: IntoIterator<Item = Value>>(items: I) -> Self {
        List(Arc::new(Items(Mutex::new(items.into_iter().collect()))))
    }
}
