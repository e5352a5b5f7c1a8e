//! Changing what the current context of a thread binds.

use crate::engine::context::{self, is_variable};
use crate::engine::number::ContextNumber;
use crate::engine::slots::Found;
use crate::engine::snapshot::bindings;
use crate::engine::token::Old;
use crate::engine::{
    Bindings, ContextState, Domain, ErrorOf, Leaf, PointerKind, Refused, TokenState, TraceBindings,
    VarKey,
};
use std::ptr::NonNull;
use threadstate::{Current, OnUnwind, Thread};

/// Binds a variable in the thread's current context and gives what undoes it.
/// O(log n).
///
/// A thread without a context gets one made by `make` first.
///
/// # Errors
///
/// Whatever `make` fails with, or that memory is refused; nothing is set then.
#[inline]
pub fn set<D: Domain, E: ErrorOf<D::Kind>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<TokenState<D>, E> {
    ensure_context(thread, make)?;
    let entry = context::leaf::<D>(vm, var, value).map_err(E::refused)?;
    let (context, old) = bind_in_current(thread, entry).map_err(E::refused)?;
    let old = match old {
        Some(old) => Old::Bound(old),
        None => Old::Unbound(D::clone_var(vm, var)),
    };
    Ok(TokenState::new(context, old))
}

/// A binding that was made for the length of a call: see [`set_scoped`].
pub struct ScopedSet<D: Domain> {
    context: ContextNumber,
    key: VarKey,
    old: Option<Leaf<D>>,
}

/// As [`set`], and gives what [`ScopedSet::restore`] undoes. Counts nothing for it.
///
/// # Errors
///
/// As [`set`].
#[inline]
pub fn set_scoped<D: Domain, E: ErrorOf<D::Kind>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<ScopedSet<D>, E> {
    ensure_context(thread, make)?;
    let entry = context::leaf::<D>(vm, var, value).map_err(E::refused)?;
    let key = D::key(var);
    let (context, old) = bind_in_current(thread, entry).map_err(E::refused)?;
    Ok(ScopedSet { context, key, old })
}

impl<D: Domain> ScopedSet<D> {
    /// Shows a collector the binding that the set displaced, if there is one. As
    /// [`ContextState::trace`].
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        if let Some(old) = &self.old {
            old.trace(trace);
        }
    }

    /// Restores the binding that the variable had. Returns `false`, and restores nothing,
    /// where another context is current. O(log n).
    ///
    /// # Errors
    ///
    /// Where memory is refused: the variable keeps its binding.
    #[inline]
    pub fn restore(self, thread: &Thread<D>) -> Result<bool, Refused<D>> {
        let here = is_in(thread, self.context);
        if here {
            drop(restore_binding(thread, self.key, self.old)?);
        }
        Ok(here)
    }
}

/// Calls `body` with a variable set in the current context, and restores the binding that it
/// had on every path, a panic included. O(log n); makes no token.
///
/// Returns the result, and `false` where the binding was not restored: another context was
/// current when `body` returned, which has left the context or not left another.
///
/// # Errors
///
/// As [`set`], with `body` not called. Where memory is refused after `body`, the variable keeps
/// its binding, and the result is dropped.
///
/// # Panics
///
/// When `body` panics, with the binding restored, or the drop of a value.
#[inline]
pub fn scoped<D: Domain, R, E: ErrorOf<D::Kind>>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
    body: impl FnOnce() -> R,
) -> Result<(R, bool), E> {
    let bound = set_scoped(vm, thread, var, value, make)?;
    let scope = OnUnwind::new(vm, thread, move || bound.restore(thread));
    let result = body();
    let restored = scope.undo().map_err(E::refused)?;
    Ok((result, restored))
}

/// The number of the current context.
#[inline]
fn number<D: Domain>(thread: &Thread<D>, current: Current<'_, D>) -> ContextNumber {
    current
        .state()
        .place_of_number()
        .get_or_take(thread.local().numbers())
}

/// Returns the number of the thread's current context, after giving it one if need be;
/// `None` where the thread has no context.
#[inline]
pub fn current_number<D: Domain>(thread: &Thread<D>) -> Option<ContextNumber> {
    thread.with_current(|current| current.map(|current| number(thread, current)))
}

/// Removes the binding of a variable from the thread's current context, and returns it.
/// O(log n).
///
/// # Errors
///
/// Where memory is refused, with nothing changed.
#[must_use = "dropping it may run a user's code"]
pub fn unset<D: Domain>(thread: &Thread<D>, key: VarKey) -> Result<Option<Leaf<D>>, Refused<D>> {
    restore_binding(thread, key, None)
}

/// Returns `true` if the context of this number is the thread's current one.
#[inline]
pub(super) fn is_in<D: Domain>(thread: &Thread<D>, context: ContextNumber) -> bool {
    thread.with_current(|current| {
        current.is_some_and(|current| current.state().number() == Some(context))
    })
}

/// Binds a variable in the current context of a thread that has one. Returns the context's
/// number, and the binding that was there before. O(log n).
#[inline]
fn bind_in_current<D: Domain>(
    thread: &Thread<D>,
    entry: Leaf<D>,
) -> Result<(ContextNumber, Option<Leaf<D>>), Refused<D>> {
    let changed = change(thread, entry.key().key(), Some(entry))?;
    let (context, old) = changed.expect("a thread keeps its context while handles are counted");
    Ok((context, old))
}

/// Counts one more handle of a binding where memory can be refused: then the change that
/// fails drops its own, in the middle of the change, where no code of a user's may run.
#[inline]
fn keep_if_refusable<D: Domain>(entry: &Leaf<D>) -> Option<Leaf<D>> {
    // Where the type of refusals has no values, there are none.
    (size_of::<Option<Refused<D>>>() > 0).then(|| entry.clone())
}

/// Restores a binding that the variable once had in the thread's current context, or
/// none, and returns the one that it has now. O(log n).
#[inline]
pub(super) fn restore_binding<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    old: Option<Leaf<D>>,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    let changed = change(thread, key, old)?;
    Ok(changed.and_then(|(_, displaced)| displaced))
}

/// A change: the number of the context, and the binding that was displaced, which is the
/// caller's to drop, where nothing is locked or borrowed.
type Changed<D> = (ContextNumber, Option<Leaf<D>>);

/// Binds a variable in the thread's current context, or removes its binding. `None` where the
/// thread has no context.
#[inline]
fn change<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    entry: Option<Leaf<D>>,
) -> Result<Option<Changed<D>>, Refused<D>> {
    if D::Kind::RUNS_CODE {
        return change_beside(thread, key, entry);
    }
    let _kept = entry.as_ref().map(keep_if_refusable::<D>);
    thread.with_current(|current| {
        let Some(current) = current else {
            return Ok(None);
        };
        let new = found::<D>(&entry);
        let old =
            ContextState::change_as_owner(current, |bindings| apply::<D>(bindings, key, entry))?;
        changed(thread, current, key, new, &old);
        Ok(Some((number(thread, current), old)))
    })
}

/// As [`change`], for a kind whose allocations may run code, or the drop of whose nodes. A binding
/// that no other version sees is replaced in place, which allocates nothing. Otherwise this changes
/// a clone while nothing is locked or looked at, and begins anew where such code has changed the
/// bindings, or has left the context.
fn change_beside<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    entry: Option<Leaf<D>>,
) -> Result<Option<Changed<D>>, Refused<D>> {
    let entry = match entry {
        Some(entry) => match replace(thread, key, entry) {
            Ok(changed) => return Ok(Some(changed)),
            Err(entry) => Some(entry),
        },
        None => None,
    };
    loop {
        let base = thread.with_current(|current| {
            current.map(|current| ContextState::read_as_owner(current, Bindings::<D>::clone))
        });
        let Some(base) = base else {
            return Ok(None);
        };
        let mut bindings = base.clone();
        let old = apply::<D>(&mut bindings, key, entry.clone())?;
        let done = thread.with_current(|current| {
            let current = current?;
            if !ContextState::exchange_as_owner(current, &base, &mut bindings) {
                return None;
            }
            changed(thread, current, key, found::<D>(&entry), &old);
            Some(number(thread, current))
        });
        if let Some(context) = done {
            return Ok(Some((context, old)));
        }
    }
}

/// Replaces the binding of a variable in place. Returns the new one where it cannot.
#[inline]
fn replace<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    entry: Leaf<D>,
) -> Result<Changed<D>, Leaf<D>> {
    thread.with_current(|current| {
        let Some(current) = current else {
            return Err(entry);
        };
        let new = Some(NonNull::from(&**entry.value()));
        let is_it = |bound: &Leaf<D>| bound.key().key() == key;
        let old =
            ContextState::change_as_owner(current, |bindings| bindings.replace(entry, is_it))?;
        let old = Some(old);
        changed(thread, current, key, new, &old);
        Ok((number(thread, current), old))
    })
}

/// Returns where the value of a binding is.
#[inline]
fn found<D: Domain>(entry: &Option<Leaf<D>>) -> Found<D> {
    entry.as_ref().map(|entry| NonNull::from(&**entry.value()))
}

/// Binds a variable in bindings, or removes its binding, and returns the old one.
#[inline]
fn apply<D: Domain>(
    bindings: &mut Bindings<D>,
    key: VarKey,
    entry: Option<Leaf<D>>,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    match entry {
        Some(entry) => bindings.insert(entry, is_variable(key)),
        None => context::unbind::<D>(bindings, key),
    }
}

/// Notes that the binding of a variable is another one now, with its value at `new`.
#[inline]
fn changed<D: Domain>(
    thread: &Thread<D>,
    _: Current<'_, D>,
    key: VarKey,
    new: Found<D>,
    old: &Option<Leaf<D>>,
) {
    let reads = thread.local().reads();
    reads.changed(key, thread.activation(), old.as_ref(), new);
}

/// Returns the state of a copy of the thread's current context; of an empty one
/// where it has none. O(1).
// Always: a state that is made in the caller is made where it is going to be.
#[inline(always)]
pub fn copy_current<D: Domain>(thread: &Thread<D>) -> ContextState<D> {
    ContextState::new(bindings(thread))
}

/// Sees to it that the thread has a context. Where it has none, makes an empty one
/// with `make` and puts it under the thread as its base.
///
/// # Errors
///
/// Whatever `make` fails with.
#[inline]
pub fn ensure_context<D: Domain, E>(
    thread: &Thread<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<(), E> {
    if thread.has_context() {
        return Ok(());
    }
    let made = make(ContextState::new(Bindings::<D>::default()))?;
    // Refused where `make` has run code of the host that gave the thread one.
    drop(thread.install_base(made));
    Ok(())
}
