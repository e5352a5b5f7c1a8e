//! `http_body::Body` for `InContext`.

use super::InContext;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

impl<B: Body> Body for InContext<B> {
    type Data = B::Data;
    type Error = B::Error;

    #[inline]
    fn poll_frame(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.poll_inner(|body| body.poll_frame(waker))
    }

    fn is_end_stream(&self) -> bool {
        self.get_ref().is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.get_ref().size_hint()
    }
}
