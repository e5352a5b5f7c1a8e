//! `futures_sink::Sink` for `InContext`.

use super::InContext;
use futures_sink::Sink;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

impl<S: Sink<Item>, Item> Sink<Item> for InContext<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_ready(waker))
    }

    fn start_send(self: Pin<&mut Self>, item: Item) -> Result<(), S::Error> {
        self.poll_inner(|sink| sink.start_send(item))
    }

    fn poll_flush(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_flush(waker))
    }

    fn poll_close(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_close(waker))
    }
}
