//! Starts several threads at the same moment and times them.

use std::cell::Cell;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The barrier at which a thread waits for the others, and its start and end times.
pub struct Start<'a> {
    missing: &'a AtomicUsize,
    span: Cell<Option<(Instant, Instant)>>,
}

impl Start<'_> {
    /// Waits until all threads have arrived and calls `body`. The result of `body` is ignored: the time
    /// is from the start of the first thread to the end of the last.
    pub fn time(&self, body: impl FnOnce() -> Duration) {
        self.missing.fetch_sub(1, Ordering::AcqRel);
        // Spins: a sleeping thread would start late.
        while self.missing.load(Ordering::Acquire) != 0 {
            std::hint::spin_loop();
        }
        let began = Instant::now();
        body();
        self.span.set(Some((began, Instant::now())));
    }
}

/// Calls `work` on several threads, with the thread's number and the [`Start`] by which it times its
/// operations. Returns the time from the start of the first thread to the end of the last.
pub fn together(threads: usize, work: impl Fn(usize, &Start) + Sync) -> Duration {
    let (missing, work) = (&AtomicUsize::new(threads), &work);
    let one = move |number| {
        let span = Cell::new(None);
        let start = Start { missing, span };
        work(number, &start);
        start.span.get().expect("the work is timed")
    };
    let spans: Vec<_> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|number| scope.spawn(move || one(number)))
            .collect();
        let own = one(0);
        let others = others
            .into_iter()
            .map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        others.chain([own]).collect()
    });
    let began = spans.iter().map(|(began, _)| *began).min();
    let ended = spans.iter().map(|(_, ended)| *ended).max();
    let (began, ended) = began.zip(ended).expect("there is a thread");
    ended - began
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn all_threads_have_arrived_before_one_starts() {
        let (came, begun) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let time = together(3, |number, start| {
            came.fetch_add(1, Ordering::Relaxed);
            start.time(|| {
                assert_eq!(came.load(Ordering::Relaxed), 3);
                begun.lock().unwrap().push(number);
                thread::sleep(Duration::from_millis(2));
                Duration::ZERO
            });
        });
        assert!(time >= Duration::from_millis(2));
        let mut begun = begun.into_inner().unwrap();
        begun.sort_unstable();
        assert_eq!(begun, [0, 1, 2]);
    }
}
