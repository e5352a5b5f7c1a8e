//! Futures that are polled for ever.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Calls a function at each poll, and is never ready.
pub struct Endless<F>(pub F);

impl<F: FnMut() + Unpin> Future for Endless<F> {
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        call(&mut self.0);
        Poll::Pending
    }
}

/// Not seen through: what a task does at a poll is more than this.
#[inline(never)]
fn call(f: &mut impl FnMut()) {
    f();
    black_box(());
}
