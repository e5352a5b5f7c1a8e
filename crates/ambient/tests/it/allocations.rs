//! What allocates, and what does not.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, DefaultVar, Var};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::future::{Future, pending};
use std::hint::black_box;
use std::pin::pin;
use std::task;

/// Counts the calls of this thread.
struct Counting;

thread_local! {
    static CALLS: Cell<usize> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: the system's allocator, and a count in memory that is there all the time.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        CALLS.with(|calls| calls.set(calls.get() + 1));
        // SAFETY: the caller's word.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: the caller's word.
        unsafe { System.dealloc(place, layout) }
    }
}

/// The number of allocations of a call, on this thread.
fn allocations(f: impl FnOnce()) -> usize {
    let before = CALLS.get();
    f();
    CALLS.get() - before
}

static SET: Var<u64> = Var::new("set");
static TEXT: Var<String> = Var::new("text");
static UNSET: Var<u64> = Var::new("unset");
static DEFAULT: DefaultVar<u64> = DefaultVar::new("default", 3);

#[test]
fn reads_allocate_nothing() {
    fresh(|| {
        let (_token, _text) = (SET.set(1), TEXT.set("text".into()));
        assert!(allocations(|| _ = black_box(Box::new(1))) > 0);
        let read = || {
            black_box((SET.get(), UNSET.get(), DEFAULT.get()));
            TEXT.with(|text| black_box(text.map(String::len)));
        };
        assert_eq!(allocations(read), 0);
        // Nor do those that come after a switch.
        let mut context = Context::current();
        assert_eq!(allocations(|| context.run(read)), 0);
    })
}

#[test]
fn an_untouched_poll_allocates_nothing() {
    fresh(|| {
        SET.set(1);
        let mut future = pin!(async { pending::<()>().await }.inherit().in_current());
        let mut waker = task::Context::from_waker(task::Waker::noop());
        let polls = allocations(|| {
            for _ in 0..10 {
                assert!(future.as_mut().poll(&mut waker).is_pending());
            }
        });
        assert_eq!(polls, 0);
    })
}

#[test]
fn a_copy_is_one_allocation_whatever_it_holds() {
    fresh(|| {
        static MANY: [Var<u64>; 100] = [const { Var::new("one of many") }; 100];
        for (var, value) in MANY.iter().zip(0..) {
            var.set(value);
        }
        assert_eq!(allocations(|| drop(black_box(Context::inherited()))), 1);
        assert_eq!(allocations(|| drop(black_box(Context::current()))), 1);
    })
}
