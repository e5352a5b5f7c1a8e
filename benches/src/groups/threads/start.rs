//! Threads that begin at the same moment.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Where threads wait for each other.
pub struct Start {
    missing: AtomicUsize,
}

/// The time from one thread's begin to its end.
pub struct Span {
    began: Instant,
    ended: Instant,
}

impl Start {
    /// Waits until all have come, does `body`, and returns when that was.
    pub fn time(&self, body: impl FnOnce()) -> Span {
        self.missing.fetch_sub(1, Ordering::AcqRel);
        // Not asleep: whoever has to be woken begins late.
        while self.missing.load(Ordering::Acquire) != 0 {
            std::hint::spin_loop();
        }
        let began = Instant::now();
        body();
        let ended = Instant::now();
        Span { began, ended }
    }
}

/// Has so many threads do `work`, which is told the thread's number and times what counts at the
/// start; returns the time from the first one's begin to the last one's end.
///
/// # Panics
///
/// If there is no thread, or when `work` panics.
pub fn together(threads: usize, work: impl Fn(usize, &Start) -> Span + Sync) -> Duration {
    let start = Start {
        missing: AtomicUsize::new(threads),
    };
    let (start, work) = (&start, &work);
    let spans: Vec<Span> = thread::scope(|scope| {
        let others: Vec<_> = (1..threads)
            .map(|number| scope.spawn(move || work(number, start)))
            .collect();
        let own = work(0, start);
        let others = others.into_iter().map(|other| {
            let span = other.join();
            span.unwrap_or_else(|payload| std::panic::resume_unwind(payload))
        });
        others.chain([own]).collect()
    });
    let began = spans.iter().map(|span| span.began).min();
    let ended = spans.iter().map(|span| span.ended).max();
    let (began, ended) = began.zip(ended).expect("there is a thread");
    ended - began
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn all_threads_have_come_before_one_begins() {
        let (came, begun) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let time = together(3, |number, start| {
            came.fetch_add(1, Ordering::Relaxed);
            start.time(|| {
                assert_eq!(came.load(Ordering::Relaxed), 3);
                begun.lock().unwrap().push(number);
                thread::sleep(Duration::from_millis(2));
            })
        });
        assert!(time >= Duration::from_millis(2));
        let mut begun = begun.into_inner().unwrap();
        begun.sort_unstable();
        assert_eq!(begun, [0, 1, 2]);
    }
}
