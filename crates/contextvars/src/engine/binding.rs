//! Reading and changing what the current context of a thread binds.

use crate::engine::cache::Cached;
use crate::engine::{Bindings, ContextState, Domain, Entry, TokenState, VarKey};
use threadstate::Thread;

/// Calls `read` with the value that `key` is bound to in the thread's current
/// context, or with `None` where it is not bound or the thread has no context.
///
/// Repeated with no switch and no change in between, walks no trie, takes no
/// lock, and writes no memory that other threads read. O(log n) otherwise.
///
/// `read` may do anything, set the variable and switch contexts included: the
/// value it was given stays alive until it returns.
pub fn lookup<D: Domain, R>(
    thread: &Thread<D>,
    key: VarKey,
    read: impl FnOnce(Option<&D::Value>) -> R,
) -> R {
    let found = thread.with_frame(|frame| {
        let (context, cache) = frame?;
        let cached = cache
            .take(key)
            .unwrap_or_else(|| Cached::new(key, D::state(context).find(key)));
        Some((cached, cache.changes()))
    });
    let Some((cached, changes)) = found else {
        return read(None);
    };

    let version = thread.context_version();
    let result = read(cached.value());
    let unwanted = thread.with_frame(|frame| match frame {
        // Nothing has happened in between, so what was found still holds, and
        // this is the frame it was found in.
        Some((_, cache)) if thread.context_version() == version && cache.changes() == changes => {
            cache.put(cached)
        }
        _ => Some(cached),
    });
    drop(unwanted);
    result
}

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
    let entry = Entry::<D>::new(D::key(var).hash(), D::clone_var(vm, var), value);
    let old = bind(thread, entry);
    Ok(TokenState::new(context, D::clone_var(vm, var), old))
}

/// Binds a variable in the thread's current context and gives the binding that
/// was there before. O(log n).
pub(crate) fn bind<D: Domain>(thread: &Thread<D>, entry: Entry<D>) -> Option<Entry<D>> {
    let key = D::key(entry.key());
    change(thread, key, |state| {
        (state.bind(entry.clone()), Some(entry))
    })
}

/// Removes a variable's binding from the thread's current context and gives
/// it, or `None` where there was none. O(log n).
pub(crate) fn unbind<D: Domain>(thread: &Thread<D>, key: VarKey) -> Option<Entry<D>> {
    change(thread, key, |state| (state.unbind(key), None))
}

/// Changes the current context with `change`, which gives the binding before
/// and the one after, and brings the cache up to date.
fn change<D: Domain>(
    thread: &Thread<D>,
    key: VarKey,
    change: impl FnOnce(&ContextState<D>) -> (Option<Entry<D>>, Option<Entry<D>>),
) -> Option<Entry<D>> {
    let displaced = thread.with_frame(|frame| {
        let (context, cache) = frame?;
        let (old, new) = change(D::state(context));
        Some((cache.change(Cached::new(key, new)), old))
    });
    // What was cached goes here, where nothing is locked or borrowed and the
    // change is done. The old binding outlives it, in the caller's hands.
    displaced.and_then(|(_cached, old)| old)
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
