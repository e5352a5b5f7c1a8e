//! Futures that are polled for ever.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Calls a function at each poll, and is never ready.
pub struct Endless<F>(pub F);

impl<F: FnMut() + Unpin> Future for Endless<F> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        (self.0)();
        Poll::Pending
    }
}
