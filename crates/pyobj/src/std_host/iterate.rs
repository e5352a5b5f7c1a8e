//! Iteration, length and membership.

use super::{Exception, List, Object, ObjectRef, Result, Tuple, Type, Value, types};
use crate::ExceptionKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

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
