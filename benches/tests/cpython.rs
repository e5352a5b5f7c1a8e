//! The embedded CPython. There is one in a process, so this is a program of its own with one test.
#![cfg(feature = "cpython")]

use benches::cpython::Interpreter;

#[test]
fn what_cpython_requests_is_counted_and_what_it_frees() {
    let interpreter = Interpreter::start().expect("it is started here");
    let make = || -> Vec<_> {
        let ints = (0..1_000).map(|number| interpreter.int(1_000_000 + number));
        ints.collect::<Result<_, _>>().expect("there is memory")
    };
    // CPython may keep some of the objects that have gone for the next time.
    let earlier = make();
    let (ints, requested) = interpreter.count(make);
    assert_eq!(requested.allocations, 1_000);
    assert!(requested.bytes >= 24_000, "{requested:?}");

    let ((), freed) = interpreter.count(|| drop(ints));
    assert_eq!(
        (freed.bytes, freed.allocations),
        (0, 0),
        "they are of before"
    );

    let ((), both) = interpreter.count(|| {
        let ints = make();
        drop(ints);
    });
    assert!(both.bytes < requested.bytes / 2, "{both:?}");
    drop(earlier);
}
