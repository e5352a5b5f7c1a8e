//! Streams, sinks, readers, writers and bodies: their context is current at every poll
//! and while they are dropped.

use ambient::{Context, ContextExt, InContext, Var};
use futures::{Sink, Stream};
use hyper::body::{Body, Bytes, Frame};
use std::io::{IoSlice, IoSliceMut, Result, SeekFrom};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as Waker, Poll};

static VAR: Var<u64> = Var::new("var");

type Seen = Arc<Mutex<Vec<(&'static str, Option<u64>)>>>;
type Probed<'a> = Pin<&'a mut InContext<Probe>>;

/// Records the variable's value at each call, and when it is dropped.
struct Probe(Seen);

impl Probe {
    fn note<R>(&self, call: &'static str, result: R) -> R {
        self.0.lock().unwrap().push((call, VAR.get()));
        result
    }

    fn ready<R>(&self, call: &'static str, result: R) -> Poll<R> {
        self.note(call, Poll::Ready(result))
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.note("drop", ());
    }
}

/// Calls one method of a probe in a context.
type Call = fn(Probed<'_>, &mut Waker<'_>);

/// Calls each method on a thread where another context is current, and drops the probe
/// there. Each call must see the value in the probe's context.
fn check(calls: &[(&'static str, Call)]) {
    let seen = Seen::default();
    let probe = Probe(Arc::clone(&seen)).in_context(Context::new().with_value(&VAR, 7));
    let mut probe = Box::pin(probe);
    let elsewhere = move || {
        VAR.scoped(8, || {
            let mut waker = Waker::from_waker(std::task::Waker::noop());
            for (_, call) in calls {
                call(probe.as_mut(), &mut waker);
                assert_eq!(VAR.get(), Some(8));
            }
            drop(probe);
            assert_eq!(VAR.get(), Some(8));
        });
    };
    std::thread::scope(|scope| scope.spawn(elsewhere).join().unwrap());
    let names = calls.iter().map(|(name, _)| *name).chain(["drop"]);
    let expected: Vec<_> = names.map(|name| (name, Some(7))).collect();
    assert_eq!(*seen.lock().unwrap(), expected);
}

impl Future for Probe {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<()> {
        self.ready("poll", ())
    }
}

impl Stream for Probe {
    type Item = ();

    fn poll_next(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Option<()>> {
        self.ready("poll_next", None)
    }
}

#[test]
fn futures_and_streams() {
    check(&[
        ("poll", |probe, waker| _ = probe.poll(waker)),
        ("poll_next", |probe, waker| _ = probe.poll_next(waker)),
    ]);
}

impl Sink<u8> for Probe {
    type Error = ();

    fn poll_ready(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<std::result::Result<(), ()>> {
        self.ready("poll_ready", Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: u8) -> std::result::Result<(), ()> {
        self.note("start_send", Ok(()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<std::result::Result<(), ()>> {
        self.ready("poll_flush", Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<std::result::Result<(), ()>> {
        self.ready("poll_close", Ok(()))
    }
}

#[test]
fn sinks() {
    check(&[
        ("poll_ready", |probe, waker| {
            _ = Sink::poll_ready(probe, waker)
        }),
        ("start_send", |probe, _| _ = probe.start_send(1)),
        ("poll_flush", |probe, waker| {
            _ = Sink::poll_flush(probe, waker)
        }),
        ("poll_close", |probe, waker| {
            _ = Sink::poll_close(probe, waker)
        }),
    ]);
}

impl Body for Probe {
    type Data = Bytes;
    type Error = ();

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Waker<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, ()>>> {
        self.ready("poll_frame", None)
    }
}

#[test]
fn bodies() {
    check(&[("poll_frame", |probe, waker| _ = probe.poll_frame(waker))]);
}

mod of_futures {
    use super::*;
    use futures::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite};

    impl AsyncRead for Probe {
        fn poll_read(self: Pin<&mut Self>, _: &mut Waker<'_>, _: &mut [u8]) -> Poll<Result<usize>> {
            self.ready("poll_read", Ok(0))
        }

        fn poll_read_vectored(
            self: Pin<&mut Self>,
            _: &mut Waker<'_>,
            _: &mut [IoSliceMut<'_>],
        ) -> Poll<Result<usize>> {
            self.ready("poll_read_vectored", Ok(0))
        }
    }

    impl AsyncBufRead for Probe {
        fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<&[u8]>> {
            self.ready("poll_fill_buf", Ok(&[]))
        }

        fn consume(self: Pin<&mut Self>, _: usize) {
            self.note("consume", ());
        }
    }

    impl AsyncWrite for Probe {
        fn poll_write(self: Pin<&mut Self>, _: &mut Waker<'_>, _: &[u8]) -> Poll<Result<usize>> {
            self.ready("poll_write", Ok(0))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Waker<'_>,
            _: &[IoSlice<'_>],
        ) -> Poll<Result<usize>> {
            self.ready("poll_write_vectored", Ok(0))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<()>> {
            self.ready("poll_flush", Ok(()))
        }

        fn poll_close(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<()>> {
            self.ready("poll_close", Ok(()))
        }
    }

    impl AsyncSeek for Probe {
        fn poll_seek(self: Pin<&mut Self>, _: &mut Waker<'_>, _: SeekFrom) -> Poll<Result<u64>> {
            self.ready("poll_seek", Ok(0))
        }
    }

    #[test]
    fn readers_and_writers_of_futures() {
        check(&[
            ("poll_read", |probe, waker| {
                _ = probe.poll_read(waker, &mut [])
            }),
            ("poll_read_vectored", |probe, waker| {
                _ = probe.poll_read_vectored(waker, &mut []);
            }),
            ("poll_fill_buf", |probe, waker| {
                _ = probe.poll_fill_buf(waker)
            }),
            ("consume", |probe, _| probe.consume(0)),
            ("poll_write", |probe, waker| {
                _ = probe.poll_write(waker, &[])
            }),
            ("poll_write_vectored", |probe, waker| {
                _ = probe.poll_write_vectored(waker, &[]);
            }),
            ("poll_flush", |probe, waker| {
                _ = AsyncWrite::poll_flush(probe, waker)
            }),
            ("poll_close", |probe, waker| {
                _ = AsyncWrite::poll_close(probe, waker)
            }),
            ("poll_seek", |probe, waker| {
                _ = probe.poll_seek(waker, SeekFrom::Start(0))
            }),
        ]);
    }
}

mod of_tokio {
    use super::*;
    use tokio::io::{AsyncBufRead, AsyncRead, AsyncSeek, AsyncWrite, ReadBuf};

    impl AsyncRead for Probe {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Waker<'_>,
            _: &mut ReadBuf<'_>,
        ) -> Poll<Result<()>> {
            self.ready("poll_read", Ok(()))
        }
    }

    impl AsyncBufRead for Probe {
        fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<&[u8]>> {
            self.ready("poll_fill_buf", Ok(&[]))
        }

        fn consume(self: Pin<&mut Self>, _: usize) {
            self.note("consume", ());
        }
    }

    impl AsyncWrite for Probe {
        fn poll_write(self: Pin<&mut Self>, _: &mut Waker<'_>, _: &[u8]) -> Poll<Result<usize>> {
            self.ready("poll_write", Ok(0))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            _: &mut Waker<'_>,
            _: &[IoSlice<'_>],
        ) -> Poll<Result<usize>> {
            self.ready("poll_write_vectored", Ok(0))
        }

        fn is_write_vectored(&self) -> bool {
            true
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<()>> {
            self.ready("poll_flush", Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<()>> {
            self.ready("poll_shutdown", Ok(()))
        }
    }

    impl AsyncSeek for Probe {
        fn start_seek(self: Pin<&mut Self>, _: SeekFrom) -> Result<()> {
            self.note("start_seek", Ok(()))
        }

        fn poll_complete(self: Pin<&mut Self>, _: &mut Waker<'_>) -> Poll<Result<u64>> {
            self.ready("poll_complete", Ok(0))
        }
    }

    #[test]
    fn readers_and_writers_of_tokio() {
        check(&[
            ("poll_read", |probe, waker| {
                _ = probe.poll_read(waker, &mut ReadBuf::new(&mut []));
            }),
            ("poll_fill_buf", |probe, waker| {
                _ = probe.poll_fill_buf(waker)
            }),
            ("consume", |probe, _| probe.consume(0)),
            ("poll_write", |probe, waker| {
                _ = probe.poll_write(waker, &[])
            }),
            ("poll_write_vectored", |probe, waker| {
                assert!(probe.is_write_vectored());
                _ = probe.poll_write_vectored(waker, &[]);
            }),
            ("poll_flush", |probe, waker| {
                _ = AsyncWrite::poll_flush(probe, waker)
            }),
            ("poll_shutdown", |probe, waker| {
                _ = probe.poll_shutdown(waker)
            }),
            ("start_seek", |probe, _| {
                _ = probe.start_seek(SeekFrom::Start(0))
            }),
            ("poll_complete", |probe, waker| {
                _ = probe.poll_complete(waker)
            }),
        ]);
    }
}

#[test]
fn into_inner_returns_the_value_without_its_context() {
    let seen = Seen::default();
    let probe = Probe(Arc::clone(&seen)).in_context(Context::new().with_value(&VAR, 7));
    assert!(Arc::ptr_eq(&probe.get_ref().0, &seen));
    assert_eq!(probe.context().get(&VAR), Some(7));
    drop(probe.into_inner());
    assert_eq!(*seen.lock().unwrap(), [("drop", None)]);
}
