//! `ambient` compared with other ways to carry values in Rust programs.
//!
//! Each library keeps one value for the current task, reads it, sets another one during a call, and
//! carries it into a future, on one thread.

mod library;

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use ambient::ContextExt;
use futures_core::Stream;
use instructions::workload::{hide, time};

use crate::bench::{Bench, Group, Named};
use crate::report::{Cell, Target};
use library::{Dcontext, Kind, Library, Ours, Spans, TaskLocal, Telemetry, ThreadLocal};

const WORKLOADS: [&str; 7] = [
    "get",
    "set for a call, and get",
    "capture + drop",
    "poll, untouched",
    "poll, and get",
    "poll, with three variables",
    STREAM,
];
const STREAM: &str = "poll of a stream";

const TOKIO: &[&str] = &["tokio::task_local!"];
const TELEMETRY: &[&str] = &["opentelemetry::Context"];
const SPAN: &[&str] = &["tracing::Span"];
const DCONTEXT: &[&str] = &["dcontext"];
const FLOOR: &[&str] = &["thread_local!"];
const FUTURE: &[&str] = &["itself, of a future"];

/// The group.
pub static GROUP: Group = Group {
    name: "ambient",
    sizes: "variable",
    libraries: &[
        "tokio",
        "opentelemetry",
        "tracing",
        "tracing-subscriber",
        "dcontext",
    ],
    peers: &[TOKIO, TELEMETRY, SPAN, DCONTEXT, FLOOR, FUTURE],
    shown: None,
    short: &["poll, untouched"],
    measure,
    targets,
};

fn targets(cell: &Cell) -> Vec<Target> {
    match &*cell.workload {
        "get" => vec![
            Target::of(TOKIO, 1.5),
            Target::of(TELEMETRY, 1.0),
            Target::of(SPAN, 1.0),
            Target::of(DCONTEXT, 1.0),
            Target::of(FLOOR, 2.0),
        ],
        "set for a call, and get" => vec![Target::of(TELEMETRY, 1.0)],
        "poll, untouched" => vec![Target::of(TOKIO, 1.0)],
        STREAM => vec![Target::of(FUTURE, 1.0)],
        _ => Vec::new(),
    }
}

fn measure(bench: &mut Bench<'_>) {
    of_kind::<u64>(bench, "number");
    of_kind::<Arc<u64>>(bench, "counted");
}

fn of_kind<V: Kind>(bench: &mut Bench<'_>, kind: &'static str) {
    let all = || -> Vec<Named<'_>> {
        vec![
            ("ambient", Box::new(ours::<V>)),
            (TOKIO[0], Box::new(run::<V, TaskLocal>)),
            (TELEMETRY[0], Box::new(run::<V, Telemetry>)),
            (SPAN[0], Box::new(run::<V, Spans>)),
            (DCONTEXT[0], Box::new(run::<V, Dcontext>)),
            (FLOOR[0], Box::new(run::<V, ThreadLocal>)),
            (FUTURE[0], Box::new(future::<V>)),
        ]
    };
    bench.compare_each(&WORKLOADS, (kind, 1), |_| 1, 1, all);
}

/// Runs a workload of `ambient`. Only `ambient` has the one with streams.
fn ours<V: Kind>(workload: &str, count: u64) -> Option<Duration> {
    if workload != STREAM {
        return run::<V, Ours>(workload, count);
    }
    let poll = || {
        let mut stream: Pin<Box<dyn Stream<Item = ()>>> = Box::pin(Endless(|| ()).inherit());
        let mut waker = Context::from_waker(Waker::noop());
        time(count, || {
            u64::from(stream.as_mut().poll_next(&mut waker).is_ready())
        })
    };
    Some(V::vars()[0].scoped(V::of(1), poll))
}

/// Runs the workload of streams with a future, for comparison.
fn future<V: Kind>(workload: &str, count: u64) -> Option<Duration> {
    let is_stream = workload == STREAM;
    is_stream.then(|| run::<V, Ours>("poll, untouched", count))?
}

/// Runs a workload `count` times where a value is set.
fn run<V: Kind, L: Library<V>>(workload: &str, count: u64) -> Option<Duration> {
    let mut found = None;
    L::within(V::of(1), || {
        found = Some(match workload {
            "get" => time(count, || read::<V, L>().word()),
            "set for a call, and get" => {
                let value = V::of(2);
                time(count, || L::scoped(hide(&value).clone()))
            }
            "capture + drop" => time(count, L::capture),
            "poll, untouched" => poll(L::carry(Endless(|| ()), false), count),
            "poll, with three variables" => poll(L::carry(Endless(|| ()), true), count),
            "poll, and get" => {
                let read = || _ = black_box(read::<V, L>().word());
                poll(L::carry(Endless(read), false), count)
            }
            _ => return,
        });
    });
    found
}

/// Reads once. Not inlined: in a real program there is opaque code between two reads, so the compiler
/// must not keep anything from one read to the next. Variables are statics, so there is no operand to
/// hide.
#[inline(never)]
fn read<V: Kind, L: Library<V>>() -> V {
    L::get()
}

/// A boxed future, like the tasks of an executor.
pub type Task = Pin<Box<dyn Future<Output = ()>>>;

fn poll(task: Task, count: u64) -> Duration {
    let (mut task, mut waker) = (task, Context::from_waker(Waker::noop()));
    time(count, || {
        u64::from(task.as_mut().poll(&mut waker).is_ready())
    })
}

/// Calls a function at each poll, and is never ready.
struct Endless<F>(F);

impl<F: FnMut() + Unpin> Future for Endless<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        call(&mut self.0);
        Poll::Pending
    }
}

impl<F: FnMut() + Unpin> Stream for Endless<F> {
    type Item = ();

    fn poll_next(self: Pin<&mut Self>, waker: &mut Context<'_>) -> Poll<Option<()>> {
        self.poll(waker).map(Some)
    }
}

/// Opaque to the optimizer, like the code of a real task.
#[inline(never)]
fn call(f: &mut impl FnMut()) {
    f();
    black_box(());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs each workload, and checks the values that are read.
    fn check<V: Kind, L: Library<V>>() {
        L::within(V::of(1), || {
            let other = V::of(2);
            assert_eq!(L::scoped(other.clone()), other.word());
            assert!(L::get() == V::of(1));
        });
        for workload in WORKLOADS.into_iter().filter(|workload| *workload != STREAM) {
            assert!(
                run::<V, L>(workload, 3) > Some(Duration::ZERO),
                "{workload}"
            );
        }
        assert!(ours::<V>(STREAM, 3) > Some(Duration::ZERO));
        assert!(future::<V>(STREAM, 3) > Some(Duration::ZERO));
        assert_eq!(run::<V, L>("no such workload", 1), None);
    }

    #[test]
    fn all_libraries_read_the_last_value() {
        fn of_kind<V: Kind>() {
            check::<V, Ours>();
            check::<V, TaskLocal>();
            check::<V, Telemetry>();
            check::<V, Spans>();
            check::<V, Dcontext>();
            check::<V, ThreadLocal>();
        }
        of_kind::<u64>();
        of_kind::<Arc<u64>>();
    }
}
