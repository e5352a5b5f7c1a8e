//! Tests the counting allocator. It counts the whole process, so this test is a separate program and
//! has no test harness: on a busy machine, allocations of the harness's thread were counted, too.

#[path = "../src/allocator.rs"]
mod allocator;

use std::cell::Cell;
use std::mem::forget;

use allocator::{Requested, count, outliving};

thread_local! {
    static KEPT: Cell<Option<Box<[u64; 10]>>> = const { Cell::new(None) };
}

fn main() {
    let requested = |bytes, allocations| Requested { bytes, allocations };
    let (kept, found) = count(|| vec![0_u8; 100]);
    assert_eq!(found, requested(100, 1));
    let ((), found) = count(|| drop(kept));
    assert_eq!(found, requested(-100, 0));
    let mut grown: Vec<u64> = Vec::with_capacity(2);
    let ((), found) = count(|| grown.reserve_exact(10));
    assert_eq!(found, requested(64, 1));

    // Allocations outside of `count` are not counted.
    drop(std::hint::black_box(vec![1]));
    let ((), found) = count(|| ());
    assert_eq!(found, requested(0, 0));

    let outlive = outliving(|| {
        drop(vec![1]);
        KEPT.set(Some(Box::new([0; 10])));
        forget(Box::new(0_u64));
    });
    assert_eq!(outlive, 8);
    println!("bytes are counted as requested and freed: ok");
}
