//! Wraps a future, stream, sink, reader, writer or body with its own context, for any
//! executor.
//!
//! The context is current during every poll and while the inner value is dropped. Futures
//! are here; each other trait has a file in `in_context/`.

#[cfg(feature = "http-body")]
mod body;
#[cfg(feature = "futures-io")]
mod futures_io;
#[cfg(feature = "futures-sink")]
mod sink;
#[cfg(feature = "futures-core")]
mod stream;
#[cfg(feature = "tokio")]
mod tokio_io;

use crate::Context;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

pin_project_lite::pin_project! {
    /// A future, stream, sink, reader, writer or body with its own context. Returned by the
    /// methods of [`ContextExt`].
    ///
    /// The context is current while the inner value is polled, on any thread, and while it is
    /// dropped; and at no other time. A poll allocates nothing.
    ///
    /// | implements | behind the feature |
    /// | --- | --- |
    /// | [`Future`] | |
    /// | `futures_core::Stream` | `futures-core` |
    /// | `futures_sink::Sink` | `futures-sink` |
    /// | `futures_io::{AsyncRead, AsyncBufRead, AsyncWrite, AsyncSeek}` | `futures-io` |
    /// | `tokio::io::{AsyncRead, AsyncBufRead, AsyncWrite, AsyncSeek}` | `tokio` |
    /// | `http_body::Body` | `http-body` |
    #[must_use = "futures, streams and the like do nothing unless polled"]
    pub struct InContext<T> {
        // Invariant: while `inner` is present, `context` is too.
        #[pin]
        inner: Option<T>,
        context: Option<Context>,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(context) = this.context {
                context.run(|| this.inner.set(None));
            }
        }
    }
}

impl<T> InContext<T> {
    #[inline]
    pub(crate) fn new(context: Context, inner: T) -> Self {
        InContext {
            inner: Some(inner),
            context: Some(context),
        }
    }

    /// Borrows the context.
    pub fn context(&self) -> &Context {
        self.context.as_ref().expect(TAKEN)
    }

    /// Borrows the inner value.
    pub fn get_ref(&self) -> &T {
        self.inner.as_ref().expect(TAKEN)
    }

    /// Returns the inner value and drops the context.
    pub fn into_inner(mut self) -> T {
        self.inner.take().expect(TAKEN)
    }

    /// Converts this into a future that returns the context together with the output. The
    /// inner future is dropped before that.
    ///
    /// ```
    /// use ambient::{Context, ContextExt, Var};
    /// # use futures::executor::block_on;
    ///
    /// static HITS: Var<u64> = Var::new("hits");
    ///
    /// let waiter = async {
    ///     let task = async { HITS.set(3) }.inherit().returning();
    ///     let (_token, context) = task.await;
    ///     assert_eq!(HITS.get(), None);
    ///     context.changed().apply();
    ///     assert_eq!(HITS.get(), Some(3));
    /// };
    /// block_on(waiter.in_context(Context::new()));
    /// ```
    pub fn returning(self) -> Returning<T> {
        Returning { inner: self }
    }

    /// Calls `poll` with the inner value, while the context is current.
    #[inline]
    fn poll_inner<'a, R>(self: Pin<&'a mut Self>, poll: impl FnOnce(Pin<&'a mut T>) -> R) -> R {
        let this = self.project();
        match (this.inner.as_pin_mut(), this.context) {
            (Some(inner), Some(context)) => context.run(move || poll(inner)),
            _ => panic!("{TAKEN}"),
        }
    }
}

const TAKEN: &str = "polled again after it was ready";

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<F::Output> {
        self.poll_inner(|future| future.poll(waker))
    }
}

/// Shows the inner value and the context.
impl<T: fmt::Debug> fmt::Debug for InContext<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut f = f.debug_struct("InContext");
        f.field("inner", &self.inner)
            .field("context", &self.context)
            .finish()
    }
}

pin_project_lite::pin_project! {
    /// A future that returns its context together with its output. Returned by
    /// [`InContext::returning`].
    #[must_use = "futures do nothing unless polled"]
    #[derive(Debug)]
    pub struct Returning<F> {
        #[pin]
        inner: InContext<F>,
    }
}

/// # Panics
///
/// If it is polled again after it returned `Ready`.
impl<F: Future> Future for Returning<F> {
    type Output = (F::Output, Context);

    #[inline]
    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Self::Output> {
        let mut inner = self.project().inner;
        let output = std::task::ready!(inner.as_mut().poll(waker));
        let mut this = inner.project();
        let mut context = this.context.take().expect(TAKEN);
        context.run(|| this.inner.set(None));
        Poll::Ready((output, context))
    }
}

/// Methods that attach a context to a future, stream, sink, reader, writer or body.
///
/// ```
/// use ambient::{Context, ContextExt, Inherit, Var};
/// # use futures::executor::block_on;
///
/// static ID: Var<u64> = Var::new("id");
/// static LOCK: Var<u64> = Var::new("lock").inherit(Inherit::Never);
///
/// async fn ids() -> (Option<u64>, Option<u64>) {
///     (ID.get(), LOCK.get())
/// }
///
/// Context::new().run(|| {
///     (ID.set(7), LOCK.set(1));
///     let (same, started) = (ids().in_current(), ids().inherit());
///     let given = ids().in_context(Context::new().with_value(&ID, 8));
///     (ID.set(9), LOCK.set(9));
///     assert_eq!(block_on(same), (Some(7), Some(1)));
///     assert_eq!(block_on(started), (Some(7), None));
///     assert_eq!(block_on(given), (Some(8), None));
/// });
/// ```
///
/// Two futures of one task share its context, unless each has its own:
///
/// ```
/// use ambient::{Context, ContextExt, Var};
/// # use futures::executor::block_on;
///
/// static STEP: Var<u64> = Var::new("step");
///
/// async fn step(number: u64) -> Option<u64> {
///     STEP.set(number);
///     tokio::task::yield_now().await;
///     STEP.get()
/// }
///
/// let task = async {
///     // Both set the variable, then both read it.
///     assert_eq!(futures::join!(step(1), step(2)), (Some(2), Some(2)));
///     let own = futures::join!(step(1).inherit(), step(2).inherit());
///     assert_eq!(own, (Some(1), Some(2)));
/// };
/// block_on(task.in_context(Context::new()));
/// ```
pub trait ContextExt: Sized {
    /// Attaches a copy of the current context with all its values: for work that continues
    /// the current task elsewhere. One allocation.
    fn in_current(self) -> InContext<Self> {
        InContext::new(Context::current(), self)
    }

    /// Attaches a copy of the current context as it is [inherited](Context::inherited): for
    /// work that the current task starts, with any way of spawning. One allocation.
    fn inherit(self) -> InContext<Self> {
        InContext::new(Context::inherited(), self)
    }

    /// Attaches `context`.
    fn in_context(self, context: Context) -> InContext<Self> {
        InContext::new(context, self)
    }
}

impl<T> ContextExt for T {}
