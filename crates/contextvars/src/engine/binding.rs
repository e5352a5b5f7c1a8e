//! Changing what the current context of a thread binds.

use crate::engine::context::is_variable;
use crate::engine::number::ContextNumber;
use crate::engine::slots::Found;
use crate::engine::token::Old;
use crate::engine::{Bindings, Bound, ContextState, DeepDrop, Domain, Leaf, TokenState, VarKey};
use std::ptr::NonNull;
use threadstate::{Current, Thread};

/// Binds a variable in the thread's current context and gives what undoes it.
/// O(log n).
///
/// A thread without a context gets one made by `make` first.
///
/// # Errors
///
/// Whatever `make` fails with; nothing is set then.
#[inline]
pub fn set<D: Domain, E>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<TokenState<D>, E> {
    ensure_context(thread, make)?;
    let entry = entry::<D>(vm, var, value);
    Ok(thread.with_current(|current| {
        let current = current.expect("a thread keeps its context while handles are counted");
        let old = match bind(thread, current, entry) {
            Some(old) => Old::Bound(old),
            None => Old::Unbound(D::clone_var(vm, var)),
        };
        TokenState::new(number(thread, current), old)
    }))
}

/// A binding that was made for the length of a call: see [`set_scoped`].
pub struct ScopedSet<D: Domain> {
    context: Option<ContextNumber>,
    key: VarKey,
    old: Option<Leaf<D>>,
}

/// As [`set`], and gives what [`ScopedSet::restore`] undoes. Counts nothing for it.
///
/// # Errors
///
/// As [`set`].
#[inline]
pub fn set_scoped<D: Domain, E>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<ScopedSet<D>, E> {
    ensure_context(thread, make)?;
    let entry = entry::<D>(vm, var, value);
    let key = D::key(var);
    Ok(thread.with_current(|current| ScopedSet {
        context: current.map(|current| number(thread, current)),
        key,
        old: current.and_then(|current| bind(thread, current, entry)),
    }))
}

impl<D: Domain> ScopedSet<D> {
    /// Restores the binding that the variable had. Returns `false`, and restores nothing,
    /// where another context is current. O(log n).
    #[inline]
    pub fn restore(self, thread: &Thread<D>) -> bool {
        let here = self.context.is_some_and(|context| is_in(thread, context));
        if here {
            drop(restore_binding(thread, self.key, self.old));
        }
        here
    }
}

#[inline]
fn entry<D: Domain>(vm: D::Vm<'_>, var: &D::Var, value: D::Value) -> Leaf<D> {
    let key = D::key(var);
    let bound = Bound::new(key, D::clone_var(vm, var));
    Leaf::<D>::new_in(key.hash(), bound, DeepDrop::new(value))
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

/// Removes the binding of a variable from the thread's current context, and gives it.
/// O(log n).
#[must_use = "dropping it may run a user's code"]
pub fn unset<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<Leaf<D>> {
    restore_binding(thread, key, None)
}

/// Returns `true` if the context of this number is the thread's current one.
#[inline]
pub(super) fn is_in<D: Domain>(thread: &Thread<D>, context: ContextNumber) -> bool {
    thread.with_current(|current| {
        current.is_some_and(|current| current.state().number() == Some(context))
    })
}

/// Binds a variable in the thread's current context and gives the binding that
/// was there before. O(log n).
#[inline]
fn bind<D: Domain>(thread: &Thread<D>, current: Current<'_, D>, entry: Leaf<D>) -> Option<Leaf<D>> {
    let key = entry.key().key();
    let new = Some(NonNull::from(&**entry.value()));
    change(thread, current, key, new, |bindings| {
        let Ok(old) = bindings.insert(entry, is_variable(key));
        old
    })
}

/// Restores a binding that the variable once had in the thread's current context, or
/// none, and returns the one that it has now. O(log n).
#[inline]
pub(super) fn restore_binding<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    old: Option<Leaf<D>>,
) -> Option<Leaf<D>> {
    thread.with_current(|current| match old {
        Some(entry) => bind(thread, current?, entry),
        None => change(thread, current?, key, None, |bindings| {
            let Ok(old) = bindings.remove(key.hash(), is_variable(key));
            old
        }),
    })
}

/// Changes the bindings with `change`, which gives the old one of `key`; then
/// its value is `new`. What is displaced is the caller's to drop, where nothing
/// is locked or borrowed.
#[inline]
fn change<D: Domain>(
    thread: &Thread<D>,
    current: Current<'_, D>,
    key: VarKey,
    new: Found<D>,
    change: impl FnOnce(&mut Bindings<D>) -> Option<Leaf<D>>,
) -> Option<Leaf<D>> {
    let old = ContextState::change_as_owner(current, change);
    let reads = thread.local().reads();
    reads.changed(key, thread.activation(), old.as_ref(), new);
    old
}

/// Returns the state of a copy of the thread's current context; of an empty one
/// where it has none. O(1).
// Always: a state that is made in the caller is made where it is going to be.
#[inline(always)]
pub fn copy_current<D: Domain>(thread: &Thread<D>) -> ContextState<D> {
    ContextState::new(thread.with_current(|current| match current {
        Some(current) => ContextState::read_as_owner(current, Bindings::<D>::clone),
        None => Bindings::<D>::new_in(),
    }))
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
    let made = make(ContextState::new(Bindings::<D>::new_in()))?;
    // Refused where `make` has run code of the host that gave the thread one.
    drop(thread.install_base(made));
    Ok(())
}
