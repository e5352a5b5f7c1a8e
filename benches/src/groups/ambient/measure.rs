//! Measures the group.

use std::future::Future;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use super::NAME;
use super::contestant::Library;
use super::floor::ThreadLocal;
use super::kinds::Kind;
use super::ours::Ours;
use super::polls::Endless;
use super::row::Row;
use super::span::Spans;
use super::task_local::TaskLocal;
use super::telemetry::Telemetry;
use crate::groups::Plan;
use crate::progress::Progress;
use crate::report::{Cell, Record, judge};
use crate::runner::{self, Turn};

/// So many take part in a row.
const CONTESTANTS: [Duration; 5] = [Duration::ZERO; 5];

/// Measures the whole group, or what the plan includes of it.
pub fn measure(plan: &Plan<'_>) -> Vec<Record> {
    let rows = rows::<u64>(plan).len() + rows::<Arc<u64>>(plan).len();
    let mut progress = Progress::start(plan.pace.estimate(&CONTESTANTS) * rows as u32);
    let mut records = of_kind::<u64>(plan, &mut progress);
    records.extend(of_kind::<Arc<u64>>(plan, &mut progress));
    records
}

fn rows<V: Kind>(plan: &Plan<'_>) -> Vec<Row> {
    let included = |row: &Row| plan.includes(&row.title(V::NAME));
    Row::ALL.into_iter().filter(included).collect()
}

fn of_kind<V: Kind>(plan: &Plan<'_>, progress: &mut Progress) -> Vec<Record> {
    let mut records = Vec::new();
    for row in rows::<V>(plan) {
        progress.now(&row.title(V::NAME));
        records.extend(take::<V>(row, plan));
        progress.done(plan.pace.estimate(&CONTESTANTS));
    }
    records
}

/// Measures a row with everybody; the first is the subject.
fn take<V: Kind>(row: Row, plan: &Plan<'_>) -> Vec<Record> {
    let mut ours = |times| run::<V, _>(Ours, row, times);
    let mut task_local = |times| run::<V, _>(TaskLocal, row, times);
    let mut telemetry = |times| run::<V, _>(Telemetry, row, times);
    let mut spans = |times| run::<V, _>(Spans, row, times);
    let mut floor = |times| run::<V, _>(ThreadLocal, row, times);
    let mut turns: [Turn<'_>; 5] = [
        &mut ours,
        &mut task_local,
        &mut telemetry,
        &mut spans,
        &mut floor,
    ];
    let entrants = [
        Library::<V>::entrant(&Ours),
        Library::<V>::entrant(&TaskLocal),
        Library::<V>::entrant(&Telemetry),
        Library::<V>::entrant(&Spans),
        Library::<V>::entrant(&ThreadLocal),
    ];
    let samples = runner::measure(plan.pace, &mut turns);
    let cell = Cell {
        group: NAME,
        bench: row.name().into(),
        size: 1,
        keys: "static",
        values: V::NAME,
        bounds: row.bounds(),
    };
    let measured: Vec<_> = entrants.into_iter().zip(samples).collect();
    judge(&cell, &measured)
}

/// Does what a row does so many times where a value is kept.
fn run<V: Kind, L: Library<V>>(library: L, row: Row, times: u64) -> Duration {
    let mut time = Duration::ZERO;
    library.within(V::of(1), || {
        time = match row {
            Row::Get => get(library, times),
            Row::Scoped => scoped(library, times),
            Row::Capture => capture(library, times),
            Row::Poll => poll(library.carry(Endless(|| ())), times),
            Row::PollThree => poll(library.carry_three(Endless(|| ())), times),
            Row::PollGet => {
                let read = move || _ = black_box(read(library).word());
                poll(library.carry(Endless(read)), times)
            }
        };
    });
    time
}

/// Reads once, in a function of its own: between two reads of a program there is always something
/// that the compiler does not see through, and what it could keep from one to the next here it
/// could not there.
#[inline(never)]
fn read<V: Kind>(library: impl Library<V>) -> V {
    library.get()
}

#[inline(never)]
fn get<V: Kind>(library: impl Library<V>, times: u64) -> Duration {
    let mut sum = 0_u64;
    let started = Instant::now();
    for _ in 0..times {
        sum = sum.wrapping_add(read(library).word());
        black_box(());
    }
    black_box(sum);
    started.elapsed()
}

#[inline(never)]
fn scoped<V: Kind>(library: impl Library<V>, times: u64) -> Duration {
    let values = [2, 3, 4].map(V::of);
    let mut sum = 0_u64;
    let started = Instant::now();
    for (_, value) in (0..times).zip(values.iter().cycle()) {
        sum = sum.wrapping_add(library.scoped(value));
        black_box(());
    }
    black_box(sum);
    started.elapsed()
}

#[inline(never)]
fn capture<V: Kind>(library: impl Library<V>, times: u64) -> Duration {
    let started = Instant::now();
    for _ in 0..times {
        black_box(library.capture());
    }
    started.elapsed()
}

/// The future is boxed, as an executor's tasks are, and what it does at a poll is not seen through.
#[inline(never)]
fn poll(future: impl Future<Output = ()> + 'static, times: u64) -> Duration {
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(future);
    let mut waker = Context::from_waker(Waker::noop());
    let started = Instant::now();
    for _ in 0..times {
        black_box(future.as_mut().poll(&mut waker).is_ready());
    }
    started.elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row does with everybody what it says, by what a reader reads afterwards.
    fn check<V: Kind>(library: impl Library<V>) {
        library.within(V::of(1), || {
            assert_eq!(library.scoped(&V::of(2)), 2);
            assert_eq!(library.get().word(), 1);
        });
        for row in Row::ALL {
            assert!(run(library, row, 3) > Duration::ZERO, "{}", row.name());
        }
    }

    #[test]
    fn everybody_reads_what_was_set_last() {
        fn of_kind<V: Kind>() {
            check::<V>(Ours);
            check::<V>(TaskLocal);
            check::<V>(Telemetry);
            check::<V>(Spans);
            check::<V>(ThreadLocal);
        }
        of_kind::<u64>();
        of_kind::<Arc<u64>>();
    }
}
