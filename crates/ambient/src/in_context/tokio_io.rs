//! The reader and writer traits of tokio for `InContext`.

use super::InContext;
use std::io::{IoSlice, Result, SeekFrom};
use std::pin::Pin;
use std::task::{Context as Waker, Poll};
use tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

impl<R: AsyncRead> AsyncRead for InContext<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        self.poll_inner(|reader| reader.poll_read(waker, buffer))
    }
}

impl<R: AsyncBufRead> AsyncBufRead for InContext<R> {
    fn poll_fill_buf(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<&[u8]>> {
        self.poll_inner(|reader| reader.poll_fill_buf(waker))
    }

    fn consume(self: Pin<&mut Self>, amount: usize) {
        self.poll_inner(|reader| reader.consume(amount));
    }
}

impl<W: AsyncWrite> AsyncWrite for InContext<W> {
    fn poll_write(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffer: &[u8],
    ) -> Poll<Result<usize>> {
        self.poll_inner(|writer| writer.poll_write(waker, buffer))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffers: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        self.poll_inner(|writer| writer.poll_write_vectored(waker, buffers))
    }

    fn is_write_vectored(&self) -> bool {
        self.get_ref().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<()>> {
        self.poll_inner(|writer| writer.poll_flush(waker))
    }

    fn poll_shutdown(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<()>> {
        self.poll_inner(|writer| writer.poll_shutdown(waker))
    }
}

impl<S: AsyncSeek> AsyncSeek for InContext<S> {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> Result<()> {
        self.poll_inner(|seeker| seeker.start_seek(position))
    }

    fn poll_complete(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<u64>> {
        self.poll_inner(|seeker| seeker.poll_complete(waker))
    }
}
