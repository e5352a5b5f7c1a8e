//! Tuples and lists, and what all containers have: items, iteration, length, membership.

use super::nesting::release;
use super::{Exception, Object, ObjectRef, Result, Type, Value, types};
use crate::ExceptionKind;
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};
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
pub struct List(Arc<ListItems>);

#[derive(Default)]
struct ListItems(Mutex<Vec<Value>>);

impl Drop for ListItems {
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
    pub fn set(&self, index: usize, value: Value) -> std::result::Result<Value, Value> {
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
        List(Arc::new(ListItems(Mutex::new(items.into_iter().collect()))))
    }
}

impl Value {
    /// Returns `self[key]`; for a type, a generic alias.
    ///
    /// # Errors
    ///
    /// Whatever `__getitem__` raises; `TypeError` where the value has no
    /// items; for a sequence `IndexError`, or `TypeError` where `key` is no
    /// integer: there are no slices.
    pub fn get_item(&self, key: &Value) -> Result {
        match self {
            Value::Object(object) => object.get_item(object, key),
            Value::Tuple(items) => {
                let index = index("tuple", key, items.len())?;
                items
                    .get(index)
                    .cloned()
                    .ok_or_else(|| out_of_range("tuple index"))
            }
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                items.get(index).ok_or_else(|| out_of_range("list index"))
            }
            Value::Type(class) => class.get_item(key),
            _ => Err(self.class().refuses("is not subscriptable")),
        }
    }

    /// Sets an item (`self[key] = value`).
    ///
    /// # Errors
    ///
    /// As [`get_item`](Value::get_item); `TypeError` where items cannot be
    /// set.
    pub fn set_item(&self, key: &Value, value: impl Into<Value>) -> Result<()> {
        match self {
            Value::Object(object) => object.set_item(object, key, value.into()),
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                match items.set(index, value.into()) {
                    Ok(_) => Ok(()),
                    Err(_) => Err(out_of_range("list assignment index")),
                }
            }
            _ => Err(self.class().refuses("does not support item assignment")),
        }
    }

    /// Deletes an item (`del self[key]`).
    ///
    /// # Errors
    ///
    /// As [`get_item`](Value::get_item); `TypeError` where items cannot be
    /// deleted.
    pub fn del_item(&self, key: &Value) -> Result<()> {
        match self {
            Value::Object(object) => object.del_item(object, key),
            Value::List(items) => {
                let index = index("list", key, items.len())?;
                match items.remove(index) {
                    Some(_) => Ok(()),
                    None => Err(out_of_range("list assignment index")),
                }
            }
            _ => Err(self.class().refuses_deletion(key)),
        }
    }
}

impl Type {
    fn get_item(&self, key: &Value) -> Result {
        match Value::from(self).get_attr("__class_getitem__") {
            Ok(subscript) => subscript.call([key]),
            Err(_) => Err(Exception::type_error(format!(
                "type '{}' is not subscriptable",
                self.full_name()
            ))),
        }
    }
}

/// Returns the index that `key` stands for; a negative one counts from the end.
/// The result for an index out of range is out of range too.
fn index(sequence: &str, key: &Value, len: usize) -> Result<usize> {
    let Some(index) = key.as_int() else {
        return Err(Exception::type_error(format!(
            "{sequence} indices must be integers or slices, not {}",
            key.class().full_name()
        )));
    };
    let counted = if index < 0 {
        index.saturating_add_unsigned(len as u64)
    } else {
        index
    };
    Ok(usize::try_from(counted).unwrap_or(usize::MAX))
}

fn out_of_range(what: &str) -> Exception {
    Exception::text(types::INDEX_ERROR.clone(), format!("{what} out of range"))
}

impl Value {
    /// Returns `iter(value)`.
    ///
    /// # Errors
    ///
    /// Whatever `__iter__` raises; `TypeError` where the value cannot be
    /// iterated.
    pub fn iter(&self) -> Result {
        let source = match self {
            Value::Object(object) => return object.iter(object),
            Value::Tuple(items) => Source::Tuple(items.clone()),
            Value::List(items) => Source::List(items.clone()),
            Value::Str(text) => Source::Str(text.clone()),
            _ => return Err(self.class().refuses("is not iterable")),
        };
        Ok(Value::object(SequenceIterator {
            source,
            position: AtomicUsize::new(0),
        }))
    }

    /// Returns an iterator's next item, or `None` if there are no more (where
    /// Python raises `StopIteration`).
    ///
    /// # Errors
    ///
    /// Whatever `__next__` raises; `TypeError` where the value is not an
    /// iterator.
    pub fn next(&self) -> Result<Option<Value>> {
        match self {
            Value::Object(object) => object.next(object),
            _ => Err(self.class().refuses("is not an iterator")),
        }
    }

    /// Returns a Rust iterator over `iter(value)`.
    ///
    /// # Errors
    ///
    /// As [`iter`](Value::iter); each item may be an error as in
    /// [`next`](Value::next), after which the iterator ends.
    pub fn items(&self) -> Result<Items> {
        Ok(Items(Some(self.iter()?)))
    }

    /// Returns `len(value)`.
    ///
    /// # Errors
    ///
    /// Whatever `__len__` raises; `TypeError` where the value has no length.
    pub fn length(&self) -> Result<usize> {
        match self {
            Value::Object(object) => object.len(object),
            Value::Tuple(items) => Ok(items.len()),
            Value::List(items) => Ok(items.len()),
            Value::Str(text) => Ok(text.chars().count()),
            _ => Err(no_length(self.class())),
        }
    }

    /// Returns an estimate of the number of items (`operator.length_hint`), or
    /// `default` if there is none.
    ///
    /// # Errors
    ///
    /// Whatever `__len__` or `__length_hint__` raises.
    pub fn length_hint(&self, default: usize) -> Result<usize> {
        match self {
            Value::Object(object) => Ok(object.length_hint(object)?.unwrap_or(default)),
            _ => Ok(self.length().unwrap_or(default)),
        }
    }

    /// Returns `item in value`.
    ///
    /// # Errors
    ///
    /// Whatever the iteration or a comparison raises; `TypeError` where the
    /// value cannot be iterated.
    pub fn contains(&self, item: &Value) -> Result<bool> {
        match self {
            Value::Object(object) => object.contains(object, item),
            Value::Str(text) => match item.as_str() {
                Some(part) => Ok(text.contains(part)),
                None => Err(Exception::type_error(format!(
                    "'in <string>' requires string as left operand, not {}",
                    item.class().full_name()
                ))),
            },
            _ => search(self, item),
        }
    }
}

/// The items of an iteration, from [`Value::items`].
pub struct Items(Option<Value>);

impl Iterator for Items {
    type Item = Result;

    fn next(&mut self) -> Option<Result> {
        let next = self.0.as_ref()?.next();
        if !matches!(next, Ok(Some(_))) {
            self.0 = None;
        }
        next.transpose()
    }
}

/// Returns the error for a value without a length.
pub(super) fn no_length(class: &Type) -> Exception {
    Exception::type_error(format!(
        "object of type '{}' has no len()",
        class.full_name()
    ))
}

/// Looks for `item` by iteration. Identical items are equal.
pub(super) fn search(container: &Value, item: &Value) -> Result<bool> {
    let items = container.items().map_err(|error| {
        if !error.is_a(ExceptionKind::TypeError) {
            return error;
        }
        Exception::type_error(format!(
            "argument of type '{}' is not a container or iterable",
            container.class().full_name()
        ))
    })?;
    for candidate in items {
        let candidate = candidate?;
        if candidate.is(item) || candidate.equals(item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

enum Source {
    Tuple(Tuple),
    List(List),
    Str(Arc<str>),
}

/// An iterator over a built-in sequence. One over a list sees items that are
/// added during the iteration.
struct SequenceIterator {
    source: Source,
    /// The number of items that were returned; for a str, of bytes. Two threads
    /// that share the iterator may both get one item, as in CPython without
    /// the GIL.
    position: AtomicUsize,
}

impl SequenceIterator {
    /// Returns the item at `position` and the position behind it.
    fn at(&self, position: usize) -> Option<(Value, usize)> {
        match &self.source {
            Source::Tuple(items) => Some((items.get(position)?.clone(), position + 1)),
            Source::List(items) => Some((items.get(position)?, position + 1)),
            Source::Str(text) => {
                let character = text.get(position..)?.chars().next()?;
                let value = Value::from(&*character.encode_utf8(&mut [0; 4]));
                Some((value, position + character.len_utf8()))
            }
        }
    }
}

impl Object for SequenceIterator {
    fn class(&self) -> &Type {
        match self.source {
            Source::Tuple(_) => &types::TUPLE_ITERATOR,
            Source::List(_) => &types::LIST_ITERATOR,
            Source::Str(_) => &types::STR_ITERATOR,
        }
    }

    fn iter(&self, this: &ObjectRef) -> Result {
        Ok(Value::Object(this.clone()))
    }

    fn next(&self, _this: &ObjectRef) -> Result<Option<Value>> {
        let position = self.position.load(Ordering::Relaxed);
        // Once exhausted an iterator stays so, even if its list grows.
        let (value, position) = self
            .at(position)
            .map_or((None, usize::MAX), |(value, next)| (Some(value), next));
        self.position.store(position, Ordering::Relaxed);
        Ok(value)
    }

    fn length_hint(&self, _this: &ObjectRef) -> Result<Option<usize>> {
        let position = self.position.load(Ordering::Relaxed);
        Ok(Some(match &self.source {
            Source::Tuple(items) => items.len().saturating_sub(position),
            Source::List(items) => items.len().saturating_sub(position),
            Source::Str(text) => text.get(position..).map_or(0, |rest| rest.chars().count()),
        }))
    }
}
