//! What each object shows a cycle collector: see [`engine::collect`](crate::engine::collect) for
//! the kinds of bindings that a collector can follow.
//!
//! A collector counts the references it is shown against an object's count, so each is shown
//! once, by what counts it. Bindings are shared between contexts, their copies, iterators and
//! tokens, so each of these shows a node of the bindings, and the node what it holds: by itself
//! where it is an object ([`trace_node`]), or when the [`Visitor`] goes on to it.
//!
//! Visiting clones and drops nothing, and waits for nothing. Variables, tokens and iterators never
//! change what they refer to, so every cycle leads through something that does, and they have
//! nothing to clear; a context has.

use crate::engine::collect::{self, NodeForm, PointerKind, Trace};
use crate::engine::{Bound, DeepDrop, TraceBindings};
use crate::host::{ContextCell, ContextHost, HostDomain, IterCell, TokenCell, VarCell};
use std::ptr::NonNull;

/// A reference that an object owns.
pub enum Reference<'a, H: ContextHost> {
    /// To any object.
    Value(&'a H::Value),
    /// To a variable.
    Var(&'a H::Var),
    /// To a context: what a thread has on its stack
    /// ([`for_each_owned_context`](threadstate::Thread::for_each_owned_context)).
    Context(&'a H::Context),
}

/// What each node of a host's bindings begins with.
pub type NodeHead<H> = <<H as ContextHost>::Kind as PointerKind>::Head;

/// What a collector is shown references by.
pub trait Visitor<H: ContextHost> {
    /// Visits a reference to an object.
    fn reference(&mut self, reference: Reference<'_, H>);

    /// Visits a counted reference to a node of bindings, by the node's head. Returns `true` to
    /// be shown what the node holds.
    fn node(&mut self, head: &NodeHead<H>) -> bool;
}

/// Shows a visitor what is in bindings.
struct Show<'a, H: ContextHost>(&'a mut dyn Visitor<H>);

impl<H: ContextHost> Trace<Bound<H::Var>, DeepDrop<H::Value>, H::Kind> for Show<'_, H> {
    fn node(&mut self, head: &NodeHead<H>) -> bool {
        self.0.node(head)
    }

    fn entry(&mut self, bound: &Bound<H::Var>, value: &DeepDrop<H::Value>) {
        self.0.reference(Reference::Var(bound.var()));
        let value: &H::Value = value;
        self.0.reference(Reference::Value(value));
    }
}

/// Shows what a node of bindings holds, for a host whose nodes are objects.
///
/// # Safety
///
/// As of [`engine::collect::trace_node`](collect::trace_node): the node is one of this host's
/// bindings.
#[expect(unsafe_code, reason = "the promise of its callers")]
pub unsafe fn visit_node<H: ContextHost>(
    head: NonNull<NodeHead<H>>,
    form: NodeForm,
    visitor: &mut dyn Visitor<H>,
) {
    // SAFETY: by the caller.
    unsafe { collect::trace_node(head, form, &mut Show(visitor)) }
}

/// Drops what a node of bindings holds and frees it, for a host whose nodes are objects: where its
/// last reference was given back by other code than the bindings'.
///
/// # Safety
///
/// As of [`engine::collect::drop_node`](collect::drop_node): the node is one of this host's
/// bindings.
#[expect(unsafe_code, reason = "the promise of its callers")]
pub unsafe fn drop_node<H: ContextHost>(head: NonNull<NodeHead<H>>, form: NodeForm) {
    // SAFETY: by the caller.
    unsafe { collect::drop_node::<Bound<H::Var>, DeepDrop<H::Value>, H::Kind>(head, form) }
}

impl<H: ContextHost> VarCell<H> {
    /// Shows the name and the default: CPython 3.14's
    /// `contextvar_tp_traverse`.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        visitor.reference(Reference::Value(self.name()));
        if let Some(default) = self.default() {
            visitor.reference(Reference::Value(default));
        }
    }
}

impl<H: ContextHost> ContextCell<H> {
    /// Shows the bindings: CPython 3.14's `context_tp_traverse`. Shows none while another thread
    /// is changing them.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        self.state().trace(&mut Show(visitor));
    }

    /// Drops the bindings of a context that the collector has found dead:
    /// CPython 3.14's `context_tp_clear`. Does nothing to one that a thread is
    /// in.
    pub fn clear(&self) {
        drop(self.state().clear());
    }
}

impl<H: ContextHost> TokenCell<H> {
    /// Shows the variable and the old value: CPython 3.14's
    /// `token_tp_traverse`, but for the context, which a token here does not keep
    /// alive.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        if let Some(var) = self.state().own_var() {
            visitor.reference(Reference::Var(var));
        }
        self.state().trace(&mut Show(visitor));
    }
}

impl<H: ContextHost> IterCell<H> {
    /// Shows the bindings that this iterator goes over: CPython 3.14's
    /// `hamt_baseiter_tp_traverse`.
    pub fn visit(&self, visitor: &mut dyn Visitor<H>) {
        let show: &mut TraceBindings<'_, HostDomain<H>> = &mut Show(visitor);
        self.snapshot().trace(show);
    }
}
