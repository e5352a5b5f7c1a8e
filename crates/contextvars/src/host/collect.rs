//! Traversal of each object by a cycle collector. See [`engine::collect`](crate::engine::collect)
//! for the kinds of bindings that a collector can trace.
//!
//! A collector compares the references it visits with an object's count, so each counted reference
//! is visited once, from its owner. Contexts, their copies, iterators and tokens share bindings, so
//! each of these visits a node of the bindings. The node's contents are visited by the node itself
//! if it is an object ([`visit_node`]), or if the [`Visitor`] asks for them.
//!
//! Visiting clones and drops nothing, and never blocks. Variables, tokens and iterators never
//! change their references. So every cycle contains another object, which can be cleared, and
//! only contexts have a `clear` here.

use crate::engine::collect::{self, NodeForm, PointerKind, Trace};
use crate::engine::{DeepDrop, KeyedVar, TraceBindings};
use crate::host::{ContextCell, ContextHost, HostDomain, IterCell, TokenCell, VarCell};
use std::fmt;
use std::ptr::NonNull;

/// A reference that an object owns.
///
/// Exhaustive: a host's collector must handle every kind.
pub enum Reference<'a, H: ContextHost> {
    /// To any object.
    Value(&'a H::Value),
    /// To a variable.
    Var(&'a H::Var),
    /// To a context: a thread's stack owns such references
    /// ([`for_each_owned_context`](threadstate::Thread::for_each_owned_context)).
    Context(&'a H::Context),
}

impl<H: ContextHost> fmt::Debug for Reference<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reference::Value(_) => "Value(..)",
            Reference::Var(_) => "Var(..)",
            Reference::Context(_) => "Context(..)",
        })
    }
}

/// The head of each node of a host's bindings.
pub type NodeHead<H> = <<H as ContextHost>::Kind as PointerKind>::Head;

/// A collector's visitor of references.
pub trait Visitor<H: ContextHost> {
    /// Visits a reference to an object.
    fn reference(&mut self, reference: Reference<'_, H>);

    /// Visits a counted reference to a node of bindings, by the node's head. Returns `true` to
    /// visit the node's contents, too.
    fn node(&mut self, head: &NodeHead<H>) -> bool;
}

/// Passes the contents of bindings to a visitor.
struct Show<'a, H: ContextHost>(&'a mut dyn Visitor<H>);

impl<H: ContextHost> Trace<KeyedVar<H::Var>, DeepDrop<H::Value>, H::Kind> for Show<'_, H> {
    fn node(&mut self, head: &NodeHead<H>) -> bool {
        self.0.node(head)
    }

    fn entry(&mut self, bound: &KeyedVar<H::Var>, value: &DeepDrop<H::Value>) {
        self.0.reference(Reference::Var(bound.var()));
        let value: &H::Value = value;
        self.0.reference(Reference::Value(value));
    }
}

/// Visits the contents of a node of bindings, for a host whose nodes are objects.
///
/// # Safety
///
/// As for [`engine::collect::trace_node`](collect::trace_node): the node belongs to bindings of
/// this host.
#[expect(unsafe_code, reason = "the promise of its callers")]
pub unsafe fn visit_node<H: ContextHost>(
    head: NonNull<NodeHead<H>>,
    form: NodeForm,
    visitor: &mut dyn Visitor<H>,
) {
    // SAFETY: by the caller.
    unsafe { collect::trace_node(head, form, &mut Show(visitor)) }
}

/// Drops the contents of a node of bindings and frees it, for a host whose nodes are objects. To
/// be called when code outside of the bindings has released the last reference.
///
/// # Safety
///
/// As for [`engine::collect::drop_node`](collect::drop_node): the node belongs to bindings of
/// this host.
#[expect(unsafe_code, reason = "the promise of its callers")]
pub unsafe fn drop_node<H: ContextHost>(head: NonNull<NodeHead<H>>, form: NodeForm) {
    // SAFETY: by the caller.
    unsafe { collect::drop_node::<KeyedVar<H::Var>, DeepDrop<H::Value>, H::Kind>(head, form) }
}

impl<H: ContextHost> VarCell<H> {
    /// Visits the name and the default: CPython 3.14's
    /// `contextvar_tp_traverse`.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        visitor.reference(Reference::Value(self.name()));
        if let Some(default) = self.default() {
            visitor.reference(Reference::Value(default));
        }
    }
}

impl<H: ContextHost> ContextCell<H> {
    /// Visits the bindings: CPython 3.14's `context_tp_traverse`. Does nothing if another thread
    /// has them locked.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        self.state().trace(&mut Show(visitor));
    }

    /// Drops the bindings of a context that the collector has found dead:
    /// CPython 3.14's `context_tp_clear`. Does nothing if a thread has entered
    /// the context or has it as its base.
    pub fn clear(&self) {
        drop(self.state().clear());
    }
}

impl<H: ContextHost> TokenCell<H> {
    /// Visits the variable and the old value: CPython 3.14's
    /// `token_tp_traverse`. Does not visit the context, which a token here does not
    /// keep alive.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        if let Some(var) = self.state().own_var() {
            visitor.reference(Reference::Var(var));
        }
        self.state().trace(&mut Show(visitor));
    }
}

impl<H: ContextHost> IterCell<H> {
    /// Visits the bindings in the iterator's snapshot: CPython 3.14's
    /// `hamt_baseiter_tp_traverse`.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        let show: &mut TraceBindings<'_, HostDomain<H>> = &mut Show(visitor);
        self.snapshot().trace(show);
    }
}
