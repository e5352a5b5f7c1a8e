//! The counting allocator. It counts the whole process, so this is a program of its own, and without
//! a test harness: on a busy machine what the harness's thread allocates was counted too.

use std::cell::Cell;
use std::mem::forget;

use benches::allocator::{Requested, count, outliving};

thread_local! {
    static KEPT: Cell<Option<Box<[u64; 10]>>> = const { Cell::new(None) };
}

fn main() {
    bytes_are_counted_as_requested_and_freed();
    println!("bytes are counted as requested and freed: ok");
}

fn bytes_are_counted_as_requested_and_freed() {
    let (kept, requested) = count(|| vec![0_u8; 100]);
    let expected = Requested {
        bytes: 100,
        allocations: 1,
    };
    assert_eq!(requested, expected);

    let ((), freed) = count(|| drop(kept));
    let expected = Requested {
        bytes: -100,
        allocations: 0,
    };
    assert_eq!(freed, expected);

    let mut grown: Vec<u64> = Vec::with_capacity(2);
    let ((), requested) = count(|| grown.reserve_exact(10));
    let expected = Requested {
        bytes: 64,
        allocations: 1,
    };
    assert_eq!(requested, expected);

    // Nobody counts here.
    drop(std::hint::black_box(vec![1]));
    let ((), nothing) = count(|| ());
    assert_eq!(nothing.bytes, 0);

    let outlive = outliving(|| {
        drop(vec![1]);
        KEPT.set(Some(Box::new([0; 10])));
        forget(Box::new(0_u64));
    });
    assert_eq!(outlive, 8);
}
