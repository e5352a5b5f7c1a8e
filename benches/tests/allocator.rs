//! The counting allocator. It counts the whole process, so this is a program of its own with one
//! test.

use benches::allocator::{Requested, count};

#[test]
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
}
