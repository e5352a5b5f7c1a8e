//! Scopes of rayon whose jobs inherit the current context.

use crate::inherit::ContextFn;
use crate::{Context, without_context};
use std::fmt;

/// A scope of rayon whose jobs inherit. Passed to the closures of [`scope`] and
/// [`in_place_scope`].
pub struct Scope<'s, 'scope>(&'s rayon::Scope<'scope>);

impl<'scope> Scope<'_, 'scope> {
    /// Spawns a job that [inherits](crate::inherit()): see [`rayon::Scope::spawn`].
    ///
    /// # Panics
    ///
    /// If a [hook](crate::Var::on_inherit) panics.
    pub fn spawn(&self, body: impl for<'s> FnOnce(Scope<'s, 'scope>) + Send + 'scope) {
        let mut call = ContextFn::new(Context::inherited(), body);
        self.0
            .spawn(move |scope| call.call_once(|body| body(Scope(scope))));
    }
}

impl fmt::Debug for Scope<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Scope(..)")
    }
}

/// Creates a scope whose jobs inherit, and whose body runs in the pool and inherits: see
/// [`rayon::scope`].
///
/// ```
/// use ambient::Var;
/// use std::sync::Mutex;
///
/// static ID: Var<u64> = Var::new("id");
///
/// let seen = Mutex::new(Vec::new());
/// ID.scoped(7, || {
///     ambient::on_rayon::scope(|scope| {
///         scope.spawn(|scope| {
///             seen.lock().unwrap().push(ID.get());
///             scope.spawn(|_| seen.lock().unwrap().push(ID.get()));
///         });
///     });
/// });
/// assert_eq!(seen.into_inner().unwrap(), [Some(7), Some(7)]);
/// ```
///
/// # Panics
///
/// If the body or a job panics.
pub fn scope<'scope, R: Send>(body: impl for<'s> FnOnce(Scope<'s, 'scope>) -> R + Send) -> R {
    let mut context = Context::inherited();
    without_context(|| rayon::scope(|scope| context.run(|| body(Scope(scope)))))
}

/// As [`scope`], but runs the body on this thread, in a context that inherits: see
/// [`rayon::in_place_scope`].
///
/// # Panics
///
/// As [`scope`].
pub fn in_place_scope<'scope, R>(body: impl for<'s> FnOnce(Scope<'s, 'scope>) -> R) -> R {
    let mut context = Context::inherited();
    without_context(|| rayon::in_place_scope(|scope| context.run(|| body(Scope(scope)))))
}
