//! Closures that are called elsewhere.

use crate::Context;

/// Makes a closure that runs in a copy of what is now current, as far as it is to be
/// [inherited](Context::inherited), wherever and whenever it is called.
///
/// For every way of starting work that has no helper here.
///
/// ```
/// use ambient::Var;
///
/// static ID: Var<u64> = Var::new("id");
///
/// ID.set(7);
/// let ids = std::thread::scope(|scope| {
///     let threads = [1, 2].map(|_| scope.spawn(ambient::inherit(|| ID.get())));
///     threads.map(|thread| thread.join().unwrap())
/// });
/// assert_eq!(ids, [Some(7), Some(7)]);
/// ```
pub fn inherit<R>(body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    in_context(Context::inherited(), body)
}

/// Makes a closure that runs in this context.
pub fn in_context<R>(context: Context, body: impl FnOnce() -> R) -> impl FnOnce() -> R {
    // What the closure has captured is dropped in the context, too.
    let mut call = Call {
        context,
        body: Some(body),
    };
    move || call.now()
}

/// A closure, called or dropped in its context.
struct Call<F> {
    context: Context,
    body: Option<F>,
}

impl<R, F: FnOnce() -> R> Call<F> {
    fn now(&mut self) -> R {
        match self.body.take() {
            Some(body) => self.context.run(body),
            None => unreachable!("a closure that is called once"),
        }
    }
}

impl<F> Drop for Call<F> {
    fn drop(&mut self) {
        if let Some(body) = self.body.take() {
            self.context.run(|| drop(body));
        }
    }
}
