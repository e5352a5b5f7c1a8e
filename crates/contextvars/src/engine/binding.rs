//! Changes of the bindings of a thread's current context: unset and scoped set. Setting with a
//! token is in `token`.
//!
//! Each change goes through `change`, which returns the displaced binding. The caller drops it
//! while nothing is locked or borrowed.

use crate::engine::context::{self, is_variable};
use crate::engine::id::ContextId;
use crate::engine::slots::Found;
use crate::engine::snapshot::bindings;
use crate::engine::{
    Bindings, ContextState, Domain, ErrorOf, Leaf, PointerKind, Refused, TraceBindings, VarKey,
};
use std::fmt;
use std::ptr::NonNull;
use threadstate::internals::OnUnwind;
use threadstate::{Current, Thread};

/// A binding that lasts for the length of a call: see [`set_scoped`].
pub struct ScopedSet<D: Domain> {
    context: ContextId,
    key: VarKey,
    old: Option<Leaf<D>>,
}

impl<D: Domain> fmt::Debug for ScopedSet<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScopedSet")
            .field("context", &self.context)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// As [`set`](crate::engine::set), but returns what [`ScopedSet::restore`] undoes. Unlike a token, this holds no
/// further handle of the variable.
///
/// # Errors
///
/// As [`set`](crate::engine::set).
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
    /// Traces the displaced binding for a collector, if there is one, as
    /// [`ContextState::trace`] does.
    pub fn trace(&self, trace: &mut TraceBindings<'_, D>) {
        if let Some(old) = &self.old {
            old.trace(trace);
        }
    }

    /// Restores the binding that the variable had before. Returns `false`, and restores nothing,
    /// if another context is current. O(log n).
    ///
    /// # Errors
    ///
    /// Fails if memory is refused. The variable keeps its binding then.
    #[inline]
    pub fn restore(self, thread: &Thread<D>) -> Result<bool, Refused<D>> {
        let here = is_in(thread, self.context);
        if here {
            drop(restore_binding(thread, self.key, self.old)?);
        }
        Ok(here)
    }
}

/// Calls `body` with a variable set in the current context, and then restores the previous
/// binding, also if `body` panics. O(log n); creates no token.
///
/// Returns the result of `body`, and `true` if the binding was restored. It is not restored if
/// another context is current when `body` returns.
///
/// # Errors
///
/// As [`set`](crate::engine::set); `body` is not called then. Also fails if memory is refused after `body`: the
/// variable keeps its binding, and the result is dropped.
///
/// # Panics
///
/// Panics if `body` panics, with the binding restored, or if the drop of a value panics.
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

/// Returns the id of the current context; assigns one if it has none.
#[inline]
fn id_of<D: Domain>(thread: &Thread<D>, current: Current<'_, D>) -> ContextId {
    current
        .state()
        .id_cell()
        .get_or_assign(thread.local().ids())
}

/// Returns the id of the thread's current context; assigns one if it has none.
/// Returns `None` if the thread has no context.
#[inline]
pub fn current_id<D: Domain>(thread: &Thread<D>) -> Option<ContextId> {
    thread.with_current(|current| current.map(|current| id_of(thread, current)))
}

/// Removes the binding of a variable from the thread's current context, and returns it.
/// O(log n).
///
/// # Errors
///
/// Fails if memory is refused. Nothing is changed then.
#[must_use = "dropping it may run a user's code"]
pub fn unset<D: Domain>(thread: &Thread<D>, key: VarKey) -> Result<Option<Leaf<D>>, Refused<D>> {
    restore_binding(thread, key, None)
}

/// Returns `true` if the thread's current context has this id.
#[inline]
pub(super) fn is_in<D: Domain>(thread: &Thread<D>, context: ContextId) -> bool {
    thread.with_current(|current| {
        current.is_some_and(|current| current.state().id() == Some(context))
    })
}

/// Binds a variable in the current context of a thread that has one. Returns the context's
/// id and the displaced binding. O(log n).
#[inline]
pub(super) fn bind_in_current<D: Domain>(
    thread: &Thread<D>,
    entry: Leaf<D>,
) -> Result<(ContextId, Option<Leaf<D>>), Refused<D>> {
    let changed = change(thread, entry.key().key(), Some(entry))?;
    let (context, old) = changed.expect("a thread keeps its context while handles are counted");
    Ok((context, old))
}

/// Clones a binding if memory can be refused. A change that fails drops its own handle under the
/// lock; the clone keeps that drop from running a user's code there.
#[inline]
fn keep_if_refusable<D: Domain>(entry: &Leaf<D>) -> Option<Leaf<D>> {
    // If this size is zero, `Refused` has no values: memory is never refused.
    (size_of::<Option<Refused<D>>>() > 0).then(|| entry.clone())
}

/// Binds a variable by the leaf `old` in the thread's current context, or removes its binding.
/// Returns the displaced binding. O(log n).
#[inline]
pub(super) fn restore_binding<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    old: Option<Leaf<D>>,
) -> Result<Option<Leaf<D>>, Refused<D>> {
    let changed = change(thread, key, old)?;
    Ok(changed.and_then(|(_, displaced)| displaced))
}

/// The id of the changed context, and the displaced binding. The caller drops the binding
/// while nothing is locked or borrowed.
type Changed<D> = (ContextId, Option<Leaf<D>>);

/// Binds a variable in the thread's current context, or removes its binding. Returns `None` if
/// the thread has no context.
#[inline]
fn change<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    entry: Option<Leaf<D>>,
) -> Result<Option<Changed<D>>, Refused<D>> {
    if D::Kind::RUNS_CODE {
        return match replace(thread, key, entry) {
            Ok(changed) => Ok(Some(changed)),
            Err(entry) => change_clone(thread, key, entry),
        };
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
        Ok(Some((id_of(thread, current), old)))
    })
}

/// As [`change`], for a kind whose allocations or node drops may run code, where the binding cannot
/// be replaced in place. If the variable is bound, copies the nodes on the path that other versions
/// share, and then replaces the binding. Otherwise changes a clone while nothing is locked or
/// borrowed, and starts again if that code has changed the bindings or switched to a context with
/// other bindings.
#[inline(never)]
fn change_clone<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    mut entry: Option<Leaf<D>>,
) -> Result<Option<Changed<D>>, Refused<D>> {
    for _ in 0..UNSHARES {
        if entry.is_none() || !unshare(thread, key)? {
            break;
        }
        entry = match replace(thread, key, entry) {
            Ok(changed) => return Ok(Some(changed)),
            Err(entry) => entry,
        };
    }
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
            Some(id_of(thread, current))
        });
        if let Some(context) = done {
            return Ok(Some((context, old)));
        }
    }
}

/// How often a change copies a node that another version shares: once for each level. Other threads
/// may copy the context again meanwhile.
const UNSHARES: usize = 8;

/// Replaces the first node on the path of a bound variable that another version shares by a copy.
/// Returns `false` if there is none, or the bindings have changed meanwhile. The copy is created
/// while nothing is locked or borrowed.
fn unshare<D: Domain>(thread: &Thread<D>, key: VarKey) -> Result<bool, Refused<D>> {
    let hash = key.hash();
    let shared = thread.with_current(|current| {
        ContextState::change_as_owner(current?, |bindings| {
            context::find::<D>(bindings, key)?;
            bindings.first_shared(hash)
        })
    });
    let Some(mut shared) = shared else {
        return Ok(false);
    };
    shared.copy()?;
    let swap = |bindings: &mut Bindings<D>| bindings.swap_shared(hash, &mut shared);
    Ok(thread.with_current(|current| {
        current.is_some_and(|current| ContextState::change_as_owner(current, swap))
    }))
}

/// Replaces the binding of a variable in place, where no other version sees it: this allocates
/// nothing. Returns the new binding if it cannot, or if there is none.
#[inline]
#[expect(unsafe_code, reason = "the comparison is of two numbers")]
fn replace<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    entry: Option<Leaf<D>>,
) -> Result<Changed<D>, Option<Leaf<D>>> {
    let Some(entry) = entry else {
        return Err(None);
    };
    thread.with_current(|current| {
        let Some(current) = current else {
            return Err(Some(entry));
        };
        let new = Some(NonNull::from(&**entry.value()));
        let is_it = |bound: &Leaf<D>| bound.key().key() == key;
        let old = ContextState::change_as_owner(current, |bindings| {
            // SAFETY: `is_it` compares two stored numbers, and runs no other code.
            unsafe { bindings.replace(entry, is_it) }
        })?;
        let old = Some(old);
        changed(thread, current, key, new, &old);
        Ok((id_of(thread, current), old))
    })
}

/// Returns the address of a binding's value.
#[inline]
fn found<D: Domain>(entry: &Option<Leaf<D>>) -> Found<D> {
    entry.as_ref().map(|entry| NonNull::from(&**entry.value()))
}

/// Binds a variable in `bindings`, or removes its binding. Returns the displaced binding.
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

/// Updates the thread's slots and open reads after a change of a variable's binding. Its value is
/// at `new` now.
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

/// Returns the state of a copy of the thread's current context, or of an empty context if it has
/// none. O(1).
// `always`, so that the caller builds the state in its final place, without a move.
#[inline(always)]
pub fn copy_current<D: Domain>(thread: &Thread<D>) -> ContextState<D> {
    ContextState::new(bindings(thread))
}

/// Ensures that the thread has a context. If it has none, creates an empty one with `make` and
/// installs it as the thread's base.
///
/// # Errors
///
/// Fails if `make` fails.
#[inline]
pub fn ensure_context<D: Domain, E>(
    thread: &Thread<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<(), E> {
    match thread.has_context() {
        true => Ok(()),
        false => install_empty(thread, make),
    }
}

#[cold]
#[inline(never)]
fn install_empty<D: Domain, E>(
    thread: &Thread<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<(), E> {
    let made = make(ContextState::new(Bindings::<D>::default()))?;
    // Not installed if `make` has run code that gave the thread a context.
    drop(thread.install_base(made));
    Ok(())
}
