//! The reader and writer traits of `futures-io` for `InContext`.

use super::InContext;
use futures_io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, IoSlice, IoSliceMut, SeekFrom};
use std::io::Result;
use std::pin::Pin;
use std::task::{Context as Waker, Poll};

impl<R: AsyncRead> AsyncRead for InContext<R> {
    fn poll_read(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffer: &mut [u8],
    ) -> Poll<Result<usize>> {
        self.poll_inner(|reader| reader.poll_read(waker, buffer))
    }

    fn poll_read_vectored(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        buffers: &mut [IoSliceMut<'_>],
    ) -> Poll<Result<usize>> {
        self.poll_inner(|reader| reader.poll_read_vectored(waker, buffers))
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

    fn poll_flush(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<()>> {
        self.poll_inner(|writer| writer.poll_flush(waker))
    }

    fn poll_close(self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Result<()>> {
        self.poll_inner(|writer| writer.poll_close(waker))
    }
}

impl<S: AsyncSeek> AsyncSeek for InContext<S> {
    fn poll_seek(
        self: Pin<&mut Self>,
        waker: &mut Waker<'_>,
        position: SeekFrom,
    ) -> Poll<Result<u64>> {
        self.poll_inner(|seeker| seeker.poll_seek(waker, position))
    }
}
