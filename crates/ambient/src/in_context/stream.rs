//! `futures_core::Stream` for `InContext`.

use super::InContext;
use futures_core::{FusedStream, Stream};
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

/// ```
/// use ambient::{Context, ContextExt, Var};
/// use futures::{StreamExt, executor::block_on, stream};
///
/// static ROW: Var<u64> = Var::new("row");
///
/// let rows = stream::iter(1..3).map(|n| n * ROW.get().unwrap_or(0));
/// let rows = rows.in_context(Context::new().with_value(&ROW, 10));
/// // Polled where no context is current.
/// assert_eq!(block_on(rows.collect::<Vec<_>>()), [10, 20]);
/// ```
impl<S: Stream> Stream for InContext<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<S::Item>> {
        self.poll_inner(|stream| stream.poll_next(waker))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.get_ref().size_hint()
    }
}

impl<S: FusedStream> FusedStream for InContext<S> {
    fn is_terminated(&self) -> bool {
        self.get_ref().is_terminated()
    }
}
