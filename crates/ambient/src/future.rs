//! Futures in contexts, on any executor.

use crate::Context;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

pin_project_lite::pin_project! {
    /// A future that has a context of its own: from [`FutureExt`].
    ///
    /// The context is current whenever the future is polled, on whichever thread, and
    /// while it is dropped; and at no other time. A poll allocates nothing.
    #[must_use = "futures do nothing unless polled"]
    pub struct InContext<F> {
        // Taken out when it is dropped.
        #[pin]
        future: Option<F>,
        context: Context,
    }

    impl<F> PinnedDrop for InContext<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            this.context.run(|| this.future.set(None));
        }
    }
}

impl<F> InContext<F> {
    pub(crate) fn new(context: Context, future: F) -> Self {
        InContext {
            future: Some(future),
            context,
        }
    }

    /// Borrows the context.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// Gives the context along with the output, once the future is ready. By then the
    /// future has been dropped.
    ///
    /// ```
    /// use ambient::{FutureExt, Var};
    /// # use futures::executor::block_on;
    ///
    /// static HITS: Var<u64> = Var::new("hits");
    ///
    /// let task = async { HITS.set(3) }.inherit().returning();
    /// let (_token, context) = block_on(task);
    /// assert_eq!(HITS.get(), None);
    /// context.changed().apply();
    /// assert_eq!(HITS.get(), Some(3));
    /// ```
    pub fn returning(self) -> Returning<F> {
        Returning { inner: self }
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<F::Output> {
        let this = self.project();
        match this.future.as_pin_mut() {
            Some(future) => this.context.run(move || future.poll(waker)),
            None => panic!("a future was polled again after it was ready"),
        }
    }
}

pin_project_lite::pin_project! {
    /// A future that gives its context along with its output: from
    /// [`InContext::returning`].
    #[must_use = "futures do nothing unless polled"]
    pub struct Returning<F> {
        #[pin]
        inner: InContext<F>,
    }
}

impl<F: Future> Future for Returning<F> {
    type Output = (F::Output, Context);

    fn poll(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Self::Output> {
        let mut inner = self.project().inner;
        let output = std::task::ready!(inner.as_mut().poll(waker));
        let mut this = inner.project();
        this.context.run(|| this.future.set(None));
        let context = std::mem::take(this.context);
        Poll::Ready((output, context))
    }
}

/// What every future can do.
///
/// ```
/// use ambient::{Context, FutureExt, Inherit, Var};
/// # use futures::executor::block_on;
///
/// static ID: Var<u64> = Var::new("id");
/// static LOCK: Var<u64> = Var::new("lock").inherit(Inherit::Never);
///
/// async fn ids() -> (Option<u64>, Option<u64>) {
///     (ID.get(), LOCK.get())
/// }
///
/// (ID.set(7), LOCK.set(1));
/// let (same, started) = (ids().in_current(), ids().inherit());
/// let given = ids().in_context(Context::new().with(&ID, 8));
/// (ID.set(9), LOCK.set(9));
/// assert_eq!(block_on(same), (Some(7), Some(1)));
/// assert_eq!(block_on(started), (Some(7), None));
/// assert_eq!(block_on(given), (Some(8), None));
/// ```
pub trait FutureExt: Future + Sized {
    /// Gives the future all that is now current: it goes on with the task at hand,
    /// wherever it is polled.
    fn in_current(self) -> InContext<Self> {
        InContext::new(Context::current(), self)
    }

    /// Gives the future what is now to be [inherited](Context::inherited): it is
    /// started by the task at hand. For every way of spawning.
    fn inherit(self) -> InContext<Self> {
        InContext::new(Context::inherited(), self)
    }

    /// Gives the future a context.
    fn in_context(self, context: Context) -> InContext<Self> {
        InContext::new(context, self)
    }
}

impl<F: Future> FutureExt for F {}
