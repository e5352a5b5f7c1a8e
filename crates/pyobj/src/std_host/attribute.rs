//! Attributes: reading, setting and deleting them, those that are computed, and the namespace
//! in which a type keeps its own.

use super::class::WeakType;
use super::{Builtin, Exception, Object, ObjectRef, Receiver, Result, Type, Value, types};
use crate::ExceptionKind;
use hashbrown::{DefaultHashBuilder, HashTable, hash_table::Entry};
use std::fmt;
use std::hash::BuildHasher;
use std::iter::FusedIterator;
use std::slice;
use std::sync::Arc;

impl Value {
    /// Returns an attribute (`getattr(value, name)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where there is none, or whatever a computed attribute
    /// raises.
    pub fn get_attr(&self, name: &str) -> Result {
        match self {
            Value::Object(object) => object.get_attr(object, name),
            Value::Type(class) => class.get_attr(name),
            _ => generic_get(self, name),
        }
    }

    /// Sets an attribute (`setattr(value, name, new)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be set, `TypeError` for a type and for
    /// `__class__`.
    pub fn set_attr(&self, name: &str, new: impl Into<Value>) -> Result<()> {
        match self {
            Value::Object(_) if name == "__class__" => Err(refuse_class(&new.into())),
            Value::Object(object) => object.set_attr(object, name, new.into()),
            _ => Err(self.refuse_attr_change(name)),
        }
    }

    /// Deletes an attribute (`delattr(value, name)`).
    ///
    /// # Errors
    ///
    /// `AttributeError` where it cannot be deleted, `TypeError` for a type and for
    /// `__class__`.
    pub fn del_attr(&self, name: &str) -> Result<()> {
        match self {
            Value::Object(_) if name == "__class__" => {
                Err(Exception::type_error("can't delete __class__ attribute"))
            }
            Value::Object(object) => object.del_attr(object, name),
            _ => Err(self.refuse_attr_change(name)),
        }
    }

    fn refuse_attr_change(&self, name: &str) -> Exception {
        match self {
            Value::Type(class) => Exception::type_error(format!(
                "cannot set '{name}' attribute of immutable type '{}'",
                class.full_name()
            )),
            _ => refuse_change(self.class(), name),
        }
    }

    /// Returns a method of the value's type, ignoring the value's own
    /// attributes, as `with` and other statements do.
    pub(super) fn special_method(&self, name: &str) -> Option<Result> {
        self.class()
            .lookup(name)
            .map(|attribute| bind(attribute, self))
    }
}

impl Type {
    fn get_attr(&self, name: &str) -> Result {
        Ok(match name {
            "__name__" | "__qualname__" => self.name().into(),
            "__module__" => self.module().into(),
            "__class__" => Value::from(&*types::TYPE),
            "__mro__" => Value::tuple(self.lineage()),
            _ => match self.lookup(name) {
                Some(attribute) => match attribute.downcast::<Builtin>() {
                    Some(function) if function.is_class_method() => {
                        Builtin::bind(function, &self.into())
                    }
                    _ => attribute,
                },
                None => {
                    return Err(Exception::text(
                        ExceptionKind::AttributeError,
                        format!(
                            "type object '{}' has no attribute '{name}'",
                            self.full_name()
                        ),
                    ));
                }
            },
        })
    }
}

/// Reads an attribute as CPython 3.14's `PyObject_GenericGetAttr` does for an
/// object without a `__dict__`.
pub(super) fn generic_get(this: &Value, name: &str) -> Result {
    match this.class().lookup(name) {
        Some(attribute) => bind(attribute, this),
        None => Err(Exception::text(
            ExceptionKind::AttributeError,
            format!(
                "'{}' object has no attribute '{name}'",
                this.class().full_name()
            ),
        )),
    }
}

fn bind(attribute: Value, this: &Value) -> Result {
    if let Some(getter) = attribute.downcast_ref::<Getter>() {
        return getter.get(this);
    }
    Ok(match attribute.downcast::<Builtin>() {
        Some(function) if function.is_class_method() => {
            Builtin::bind(function, &this.class().into())
        }
        Some(function) => Builtin::bind(function, this),
        None => attribute,
    })
}

/// Returns the error for setting `__class__`.
fn refuse_class(new: &Value) -> Exception {
    Exception::type_error(match new {
        Value::Type(_) => {
            "__class__ assignment only supported for mutable types or ModuleType subclasses".into()
        }
        other => format!(
            "__class__ must be set to a class, not '{}' object",
            other.class().full_name()
        ),
    })
}

/// Returns the error for setting or deleting an attribute of an object without a
/// `__dict__`.
pub(super) fn refuse_change(class: &Type, name: &str) -> Exception {
    let class_name = class.full_name();
    let text = match class.lookup(name) {
        Some(attribute) => match attribute.downcast_ref::<Getter>() {
            Some(getter) => return getter.refuse_change(),
            None => format!("'{class_name}' object attribute '{name}' is read-only"),
        },
        None => format!(
            "'{class_name}' object has no attribute '{name}' \
             and no __dict__ for setting new attributes"
        ),
    };
    Exception::text(ExceptionKind::AttributeError, text)
}

type Body = Box<dyn Fn(&Value) -> Option<Result> + Send + Sync>;

/// A read-only attribute of a type's instances, for [`Type::add_getter`].
pub struct Getter {
    name: &'static str,
    stored: bool,
    owner: Option<Owner>,
    body: Body,
}

impl Getter {
    /// Creates an attribute like those of CPython's `PyGetSetDef`, for the
    /// objects that `body`'s argument accepts.
    pub fn computed<R: Receiver>(
        name: &'static str,
        body: impl Fn(R) -> Result + Send + Sync + 'static,
    ) -> Self {
        let body = move |this: &Value| R::from_value(this).map(&body);
        Getter {
            name,
            stored: false,
            owner: None,
            body: Box::new(body),
        }
    }

    /// Creates an attribute like those of CPython's `PyMemberDef`, which has
    /// other errors and another `repr`.
    pub fn stored<R: Receiver>(
        name: &'static str,
        body: impl Fn(R) -> Result + Send + Sync + 'static,
    ) -> Self {
        Getter {
            stored: true,
            ..Getter::computed(name, body)
        }
    }

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn owned_by(mut self, class: &Type) -> Self {
        self.owner = Some(Owner::of(class));
        self
    }

    /// Reads the attribute of `this`.
    pub(super) fn get(&self, this: &Value) -> Result {
        (self.body)(this).unwrap_or_else(|| {
            Err(match &self.owner {
                Some(owner) => owner.refuses(self.name, this),
                None => this.class().refuses("has no such attribute"),
            })
        })
    }

    /// Returns the error for setting or deleting the attribute.
    pub(super) fn refuse_change(&self) -> Exception {
        Exception::text(
            ExceptionKind::AttributeError,
            match &self.owner {
                Some(owner) if !self.stored => format!(
                    "attribute '{}' of '{}' objects is not writable",
                    self.name, owner.full_name
                ),
                _ => "readonly attribute".to_owned(),
            },
        )
    }
}

impl Object for Getter {
    fn class(&self) -> &Type {
        if self.stored {
            &types::MEMBER_DESCRIPTOR
        } else {
            &types::GETSET_DESCRIPTOR
        }
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        let kind = if self.stored { "member" } else { "attribute" };
        let owner = self.owner.as_ref().map_or("?", |owner| &owner.full_name);
        Ok(format!("<{kind} '{}' of '{owner}' objects>", self.name))
    }
}

/// The type that a descriptor belongs to: its names, for error messages, and a weak
/// reference, since the descriptor must not keep the type alive.
pub(super) struct Owner {
    pub(super) class: WeakType,
    pub(super) name: String,
    pub(super) full_name: String,
}

impl Owner {
    pub(super) fn of(class: &Type) -> Self {
        Owner {
            class: class.downgrade(),
            name: class.name().to_owned(),
            full_name: class.full_name().to_owned(),
        }
    }

    /// Returns the error for a descriptor that is used on an object of another type.
    pub(super) fn refuses(&self, name: &str, this: &Value) -> Exception {
        Exception::type_error(format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            self.full_name,
            this.class().full_name()
        ))
    }
}

/// A map from names to values that keeps the order of insertion, for
/// attributes and for the keywords of a call.
///
/// A lookup hashes the name once, and runs no code of the hosted language. An
/// empty namespace does not allocate: each call without keywords has one.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::{Namespace, Value};
///
/// let mut names = Namespace::new();
/// names.insert("b", Value::from(1));
/// names.insert("a", Value::from(2));
/// assert!(names.keys().eq(["b", "a"]));
/// assert!(names.get("a").is_some_and(|value| value.as_int() == Some(2)));
/// ```
#[derive(Clone, Default)]
pub struct Namespace {
    entries: Vec<(Arc<str>, Value)>,
    /// Invariant: holds each position in `entries` once, under its name's hash.
    positions: HashTable<usize>,
    hasher: DefaultHashBuilder,
}

impl Namespace {
    /// Creates an empty namespace.
    pub fn new() -> Self {
        Namespace::default()
    }

    /// Returns the number of names.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns `true` if there are no names.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Returns the value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        let hash = self.hasher.hash_one(name);
        let position = self
            .positions
            .find(hash, |&at| &*self.entries[at].0 == name)?;
        Some(&self.entries[*position].1)
    }

    /// Sets the value of `name` and returns the one that it replaces. The name
    /// keeps its place in the order.
    pub fn insert(&mut self, name: impl Into<Arc<str>>, value: Value) -> Option<Value> {
        let name = name.into();
        let hasher = &self.hasher;
        let entries = &mut self.entries;
        let entry = self.positions.entry(
            hasher.hash_one(&*name),
            |&at| entries[at].0 == name,
            |&at| hasher.hash_one(&*entries[at].0),
        );
        match entry {
            Entry::Occupied(at) => {
                let value_in_place = &mut self.entries[*at.get()].1;
                Some(std::mem::replace(value_in_place, value))
            }
            Entry::Vacant(free) => {
                free.insert(self.entries.len());
                self.entries.push((name, value));
                None
            }
        }
    }

    /// Removes `name`. O(n) in the number of names.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let hash = self.hasher.hash_one(name);
        let entries = &self.entries;
        let found = self
            .positions
            .find_entry(hash, |&at| &*entries[at].0 == name)
            .ok()?;
        let (removed, _) = found.remove();
        for position in self.positions.iter_mut() {
            *position -= usize::from(*position > removed);
        }
        Some(self.entries.remove(removed).1)
    }

    /// Returns the names, in order.
    pub fn keys(&self) -> NamespaceKeys<'_> {
        NamespaceKeys(self.iter())
    }

    /// Returns the names and their values, in order.
    pub fn iter(&self) -> NamespaceIter<'_> {
        NamespaceIter(self.entries.iter())
    }
}

impl<'a> IntoIterator for &'a Namespace {
    type Item = (&'a str, &'a Value);
    type IntoIter = NamespaceIter<'a>;

    fn into_iter(self) -> NamespaceIter<'a> {
        self.iter()
    }
}

/// An iterator over the names and values of a [`Namespace`]. Returned by [`Namespace::iter`].
#[derive(Clone, Debug)]
pub struct NamespaceIter<'a>(slice::Iter<'a, (Arc<str>, Value)>);

impl<'a> Iterator for NamespaceIter<'a> {
    type Item = (&'a str, &'a Value);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (&**name, value))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for NamespaceIter<'_> {}
impl FusedIterator for NamespaceIter<'_> {}

/// An iterator over the names of a [`Namespace`]. Returned by [`Namespace::keys`].
#[derive(Clone, Debug)]
pub struct NamespaceKeys<'a>(NamespaceIter<'a>);

impl<'a> Iterator for NamespaceKeys<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.0.next().map(|(name, _)| name)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl ExactSizeIterator for NamespaceKeys<'_> {}
impl FusedIterator for NamespaceKeys<'_> {}

impl<N: Into<Arc<str>>, V: Into<Value>> FromIterator<(N, V)> for Namespace {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut names = Namespace::new();
        for (name, value) in pairs {
            names.insert(name, value.into());
        }
        names
    }
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
