//! `hamt`: the trie of contexts as a Python type, with any objects as keys.
//!
//! CPython has such a type for its tests. Here it is in the module `_contextvars_hamt` of builds
//! with the feature `hamt`. `test.test_context.HamtTest` runs over it, with keys whose hash
//! collides or raises, whose `==` raises, and with cycles.

#![forbid(unsafe_code)]

use crate::ffi::{
    Class, Comparison, Constructor, Instance, Method, Module, NoWeakList, NodeClass, Nodes, Object,
    Payload, Raised, Tree, Type, Visit, WeakReferences, check_count,
};
use hamt::{Leaf, raw::RawHamt};
use pyo3::Python;
use pyobj::ExceptionKind::{KeyError, RuntimeError, TypeError};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// One version of a mapping.
pub struct Trie(Map);

type Map = RawHamt<Object, Object, Nodes<Trie>>;

type Entry = Leaf<Object, Object, Nodes<Trie>>;

type Hamt = Instance<Trie>;

/// The types of this module.
struct Types {
    hamt: Type<Trie>,
    walk: Type<Walk>,
}

static TYPES: OnceLock<Types> = OnceLock::new();

impl Payload for Trie {
    type WeakList = WeakReferences;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.0.trace(visit);
    }
}

impl Tree for Trie {
    type Key = Object;
    type Value = Object;

    fn class() -> &'static NodeClass {
        static CLASS: NodeClass = NodeClass::new();
        &CLASS
    }

    fn visit(key: &Object, value: &Object, visit: &mut Visit<'_>) {
        visit.object(key);
        visit.object(value);
    }
}

/// An iterator over the keys, values or items of one version.
struct Walk {
    all: Vec<Object>,
    shown: AtomicUsize,
}

impl Payload for Walk {
    type WeakList = NoWeakList;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.all.iter().for_each(|object| visit.object(object));
    }
}

/// Fills the module.
///
/// # Errors
///
/// `MemoryError`.
pub fn fill(py: Python<'_>, module: &Module) -> Result<(), Raised> {
    if TYPES.get().is_none() {
        NodeClass::make::<Trie>(py, c"_contextvars_hamt.node")?;
        let made = Types {
            hamt: class().build(py, module)?,
            walk: Class::<Walk>::new(c"_contextvars_hamt.walk")
                .len(|_, this| Ok(this.payload().all.len() as isize))
                .next(next)
                .build(py, module)?,
        };
        // If an import ran inside this one, the types that it created stay.
        let _ = TYPES.set(made);
    }
    module.add(py, c"hamt", types(py)?.hamt.as_object(py))
}

/// Returns the types, or `RuntimeError` before the module is filled.
fn types(py: Python<'_>) -> Result<&'static Types, Raised> {
    let text = "_contextvars_hamt is still being imported";
    TYPES
        .get()
        .ok_or_else(|| Raised::text(py, RuntimeError, text))
}

fn class() -> Class<Trie> {
    Class::<Trie>::new(c"_contextvars_hamt.hamt")
        .constructor(new)
        .unhashable()
        .len(|_, this| Ok(this.payload().0.len() as isize))
        .item(item)
        .contains(|py, this, key| Ok(find(py, this, key)?.is_some()))
        .iter(keys)
        .compare(compare)
        .method(Method::positional(c"set", set))
        .method(Method::one(c"delete", delete))
        .method(Method::positional(c"get", get))
        .method(Method::without(c"keys", keys))
        .method(Method::without(c"values", values))
        .method(Method::without(c"items", items))
}

fn new(py: Python<'_>, arguments: Constructor) -> Result<Object, Raised> {
    if !arguments.is_empty(py) {
        return Err(Raised::text(py, TypeError, "hamt() takes no arguments"));
    }
    make(py, Map::new_in())
}

fn make(py: Python<'_>, map: Map) -> Result<Object, Raised> {
    Ok(Instance::allocate(py, &types(py)?.hamt, Trie(map))?.into_object())
}

/// Returns a key's hash, folded to 32 bits as CPython does.
fn hash(py: Python<'_>, key: &Object) -> Result<u32, Raised> {
    let hash = key.hash(py)? as u64;
    Ok((hash ^ (hash >> 32)) as u32)
}

/// Returns a comparison as in a `dict`: an object is equal to itself.
fn is_key<'a>(py: Python<'a>, key: &'a Object) -> impl FnMut(&Object) -> Result<bool, Raised> + 'a {
    move |other| Ok(key.is(other) || key.equals(py, other)?)
}

fn find<'a>(py: Python<'_>, this: &'a Hamt, key: &Object) -> Result<Option<&'a Entry>, Raised> {
    this.payload().0.find(hash(py, key)?, is_key(py, key))
}

fn item(py: Python<'_>, this: &Hamt, key: &Object) -> Result<Object, Raised> {
    match find(py, this, key)? {
        Some(entry) => Ok(entry.value().clone_ref(py)),
        None => Err(Raised::new(py, KeyError, key)),
    }
}

fn get(py: Python<'_>, this: &Hamt, arguments: &[Object]) -> Result<Object, Raised> {
    check_count(py, c"get", arguments, 1, 2)?;
    match (find(py, this, &arguments[0])?, arguments.get(1)) {
        (Some(entry), _) => Ok(entry.value().clone_ref(py)),
        (None, Some(default)) => Ok(default.clone_ref(py)),
        (None, None) => Ok(Object::none(py)),
    }
}

/// Returns a version with a binding, or this version if it has that binding already.
fn set(py: Python<'_>, this: &Hamt, arguments: &[Object]) -> Result<Object, Raised> {
    check_count(py, c"set", arguments, 2, 2)?;
    let (key, value) = (&arguments[0], &arguments[1]);
    if find(py, this, key)?.is_some_and(|entry| entry.value().is(value)) {
        return Ok(this.as_object().clone_ref(py));
    }
    let entry = Entry::try_new_in(hash(py, key)?, key.clone_ref(py), value.clone_ref(py))?;
    let (map, _) = this.payload().0.assoc(entry, is_key(py, key))?;
    make(py, map)
}

/// Returns a version without a key, or this version if it does not have the key.
fn delete(py: Python<'_>, this: &Hamt, key: &Object) -> Result<Object, Raised> {
    let map = &this.payload().0;
    match map.without(hash(py, key)?, is_key(py, key))? {
        Some((map, _)) => make(py, map),
        None => Ok(this.as_object().clone_ref(py)),
    }
}

fn compare(
    py: Python<'_>,
    this: &Hamt,
    other: &Object,
    operator: Comparison,
) -> Result<Object, Raised> {
    let (Some(other), Comparison::Equal | Comparison::NotEqual) =
        (types(py)?.hamt.cast(other), operator)
    else {
        return Ok(Object::not_implemented(py));
    };
    let (one, other) = (&this.payload().0, &other.payload().0);
    let same = |one: &Object, other: &Object| is_key(py, one)(other);
    let equal = one.eq_by(other, same, same)?;
    Ok(Object::from_bool(
        py,
        equal == (operator == Comparison::Equal),
    ))
}

fn keys(py: Python<'_>, this: &Hamt) -> Result<Object, Raised> {
    over(py, this, |entry| Ok(entry.key().clone_ref(py)))
}

fn values(py: Python<'_>, this: &Hamt) -> Result<Object, Raised> {
    over(py, this, |entry| Ok(entry.value().clone_ref(py)))
}

fn items(py: Python<'_>, this: &Hamt) -> Result<Object, Raised> {
    over(py, this, |entry| {
        Object::tuple(py, [entry.key(), entry.value()].into_iter())
    })
}

/// Returns an iterator over what `show` returns for each entry.
fn over(
    py: Python<'_>,
    this: &Hamt,
    show: impl FnMut(&Entry) -> Result<Object, Raised>,
) -> Result<Object, Raised> {
    let all = this.payload().0.iter().map(show);
    let all = all.collect::<Result<Vec<_>, _>>()?;
    let shown = AtomicUsize::new(0);
    let walk = Instance::allocate(py, &types(py)?.walk, Walk { all, shown })?;
    Ok(walk.into_object())
}

fn next(py: Python<'_>, this: &Instance<Walk>) -> Result<Option<Object>, Raised> {
    let Walk { all, shown } = this.payload();
    let next = all.get(shown.fetch_add(1, Ordering::Relaxed));
    Ok(next.map(|object| object.clone_ref(py)))
}
