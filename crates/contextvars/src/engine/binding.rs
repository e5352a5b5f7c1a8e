//! Changing what the current context of a thread binds.

use crate::engine::context::is_variable;
use crate::engine::slots::Found;
use crate::engine::{Bindings, Bound, ContextState, Domain, Entry, TokenState, VarKey};
use std::ptr::NonNull;
use threadstate::Thread;

/// Binds a variable in the thread's current context and gives what undoes it.
/// O(log n).
///
/// A thread without a context gets one made by `make` first.
///
/// # Errors
///
/// Whatever `make` fails with; nothing is set then.
pub fn set<D: Domain, E>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    var: &D::Var,
    value: D::Value,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<TokenState<D>, E> {
    let context = ensure_context(vm, thread, make)?;
    let key = D::key(var);
    let bound = Bound::new(key, D::clone_var(vm, var));
    let old = bind(thread, Entry::<D>::new(key.hash(), bound, value));
    Ok(TokenState::new(context, D::clone_var(vm, var), old))
}

/// Binds a variable in the thread's current context and gives the binding that
/// was there before. O(log n).
pub(super) fn bind<D: Domain>(thread: &Thread<D>, entry: Entry<D>) -> Option<Entry<D>> {
    let key = entry.key().key();
    let new = Some(NonNull::from(entry.value()));
    change(thread, key, new, |bindings| {
        let Ok(old) = bindings.insert(entry, is_variable(key));
        old
    })
}

/// Removes a variable's binding from the thread's current context and gives
/// it, or `None` where there was none. O(log n).
pub(super) fn unbind<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<Entry<D>> {
    change(thread, key, None, |bindings| {
        let Ok(old) = bindings.remove(key.hash(), is_variable(key));
        old
    })
}

/// Changes the bindings with `change`, which gives the old one of `key`; then
/// its value is `new`. What is displaced is the caller's to drop, where nothing
/// is locked or borrowed.
#[inline]
fn change<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    new: Found<D>,
    change: impl FnOnce(&mut Bindings<D>) -> Option<Entry<D>>,
) -> Option<Entry<D>> {
    thread.with_current(|current| {
        let old = ContextState::change_as_owner(current?, change);
        thread
            .local()
            .changed(key, thread.stay(), old.as_ref(), new);
        old
    })
}

/// Gives the state of a copy of the thread's current context, or `None` where
/// it has none. O(1).
pub fn copy_current<D: Domain>(thread: &Thread<D>) -> Option<ContextState<D>> {
    thread.with_current(|current| {
        let bindings = ContextState::read_as_owner(current?, Bindings::<D>::clone);
        Some(ContextState::new(bindings))
    })
}

/// Gives the thread's current context. Where it has none, makes an empty one
/// with `make` and puts it under the thread as its base.
///
/// # Errors
///
/// Whatever `make` fails with.
pub fn ensure_context<D: Domain, E>(
    vm: D::Vm<'_>,
    thread: &Thread<D>,
    make: impl FnOnce(ContextState<D>) -> Result<D::Context, E>,
) -> Result<D::Context, E> {
    if let Some(context) = thread.context(vm) {
        return Ok(context);
    }
    let made = make(ContextState::new(Bindings::<D>::new()))?;
    let context = D::clone_context(vm, &made);
    match thread.install_base(made) {
        Ok(()) => Ok(context),
        // `make` has run code of the host that gave the thread a context.
        Err(_superfluous) => Ok(thread.context(vm).unwrap_or(context)),
    }
}
