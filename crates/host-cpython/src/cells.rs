//! The cell of each type, and the traits of the library that the types implement.

#![deny(unsafe_code)]

use crate::ffi::{
    FreeList, Instance, NoWeakList, NodeClass, Nodes, Object, Payload, Raised, Tree, Type, Visit,
    Watcher, WeakReferences,
};
use crate::host::CPython;
use crate::types::{self, Types};
use contextvars::Event;
use contextvars::engine::{DeepDrop, KeyedVar};
use contextvars::host::{ContextCell, ContextHost, IterCell, TokenCell, VarCell};
use pyo3::Python;
use pyobj::{DirectHandle, Handle, Unallocated};

/// A variable object.
pub type Var = Instance<VarCell<CPython>>;

/// A context object.
pub type Context = Instance<ContextCell<CPython>>;

/// A token object.
pub type Token = Instance<TokenCell<CPython>>;

/// An iterator over a context.
pub type Iter = Instance<IterCell<CPython>>;

/// The library's errors, before they are raised.
pub type Error = contextvars::host::Error<CPython>;

/// Describes the nodes of contexts' bindings. It has no values.
pub enum BindingNodes {}

impl Tree for BindingNodes {
    type Key = KeyedVar<Var>;
    type Value = DeepDrop<Object>;

    const FREE_LIST: Option<FreeList> = Some(FreeList::Leaf);

    fn class() -> &'static NodeClass {
        static CLASS: NodeClass = NodeClass::new();
        &CLASS
    }

    fn visit(bound: &KeyedVar<Var>, value: &DeepDrop<Object>, visit: &mut Visit<'_>) {
        visit.object(bound.var().as_object());
        visit.object(value);
    }

    fn is_acyclic(py: Python<'_>, bound: &KeyedVar<Var>, value: &DeepDrop<Object>) -> bool {
        let var = bound.var().payload();
        let default = || {
            let default = var.default();
            default.is_some_and(|default| default.is_collected(py))
        };
        !(value.is_collected(py) || default() || var.name().is_collected(py))
    }
}

impl Payload for VarCell<CPython> {
    type WeakList = NoWeakList;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.visit(visit);
    }
}

impl Payload for ContextCell<CPython> {
    type WeakList = WeakReferences;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.visit(visit);
    }

    /// Contexts alone have to be cleared: `contextvars::host` explains it, under collectors.
    const CLEAR: Option<fn(&Self)> = Some(Self::clear);

    const FREE_LIST: Option<FreeList> = Some(FreeList::Context);
}

impl Payload for TokenCell<CPython> {
    type WeakList = NoWeakList;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.visit(visit);
    }

    const FREE_LIST: Option<FreeList> = Some(FreeList::Token);
}

impl Payload for IterCell<CPython> {
    type WeakList = NoWeakList;

    fn visit(&self, visit: &mut Visit<'_>) {
        self.visit(visit);
    }
}

/// A payload of exactly one type.
pub trait Cell: Payload {
    /// Returns its type.
    fn class(types: &Types) -> &Type<Self>;
}

impl Cell for VarCell<CPython> {
    fn class(types: &Types) -> &Type<Self> {
        &types.var
    }
}

impl Cell for ContextCell<CPython> {
    fn class(types: &Types) -> &Type<Self> {
        &types.context
    }
}

impl Cell for TokenCell<CPython> {
    fn class(types: &Types) -> &Type<Self> {
        &types.token
    }
}

impl<C: Cell> Handle<CPython> for Instance<C> {
    type Payload = C;

    fn allocate(py: Python<'_>, cell: C) -> Result<Self, Unallocated<CPython, C>> {
        match types::get(py) {
            Ok(types) => Instance::allocate(py, C::class(types), cell),
            Err(error) => Err(Unallocated {
                error,
                payload: cell,
            }),
        }
    }

    fn with_payload<R>(&self, f: impl FnOnce(&C) -> R) -> R {
        f(self.payload())
    }

    fn clone_in(&self, py: Python<'_>) -> Self {
        self.clone_ref(py)
    }

    fn to_value(&self, py: Python<'_>) -> Object {
        self.as_object().clone_ref(py)
    }

    fn from_value(py: Python<'_>, value: &Object) -> Option<Self> {
        let types = types::get(py).ok()?;
        Some(C::class(types).cast(value)?.clone_ref(py))
    }
}

impl<C: Cell> DirectHandle<CPython> for Instance<C> {
    fn payload(&self) -> &C {
        self.payload()
    }
}

// SAFETY: an `Instance` is a pointer that owns a reference to an object (S3). The interpreter does
// not move the object. The cell is a part of the object (S4), and `clone_in` only increments the
// object's count. A bitwise copy of a handle is the same pointer. Cloning a value only increments
// its count.
#[expect(unsafe_code, reason = "the promise of `ContextHost`")]
unsafe impl ContextHost for CPython {
    type Kind = Nodes<BindingNodes>;
    type Var = Var;
    type Context = Context;
    type Token = Token;
    type Watcher = Watcher;

    /// Counting is a plain increment, and the native frame that owns the caller's handle may
    /// never return: the thread does not exist in a forked child, it stops when the interpreter
    /// ends, or greenlet switches its stack.
    const RUN_COUNTS: bool = true;

    const CLONES_RUN_NO_CODE: bool = true;

    fn missing(py: Python<'_>) -> Object {
        match types::get(py) {
            Ok(types) => types.missing.get(py).clone_ref(py),
            Err(_) => Object::none(py),
        }
    }

    fn call_watcher(
        py: Python<'_>,
        watcher: &Watcher,
        _: Event,
        current: Option<&Context>,
    ) -> Result<(), Raised> {
        match current {
            Some(context) => watcher.switched(py, context.as_object()),
            None => watcher.switched(py, &Object::none(py)),
        }
    }
}
