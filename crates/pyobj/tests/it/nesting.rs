use crate::raised;
use pyobj::ExceptionKind;
use pyobj::std_host::{Arguments, Arity, Builtin, Exception, List, Result, Value, types};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Half of the stack of a thread of Rust, in bytes; the other half is for the
/// objects' own code.
const HALF_A_STACK: usize = 1 << 20;

/// Deeper than any stack holds.
const BOTTOMLESS: usize = if cfg!(miri) { 500 } else { 100_000 };

fn nested(depth: usize, wrap: fn(Value) -> Value) -> Value {
    (0..depth).fold(Value::from(1), |inner, _| wrap(inner))
}

/// Runs `body` on a thread with a stack of `size` bytes.
fn on_a_stack(size: usize, body: fn()) {
    let thread = thread::Builder::new().stack_size(size).spawn(body).unwrap();
    assert!(thread.join().is_ok());
}

#[test]
fn very_deep_values_raise_long_before_the_stack_overflows() {
    on_a_stack(HALF_A_STACK, || {
        for wrap in [|inner| Value::tuple([inner]), |inner| Value::list([inner])] {
            let (a, b) = (nested(BOTTOMLESS, wrap), nested(BOTTOMLESS, wrap));
            assert_eq!(
                raised(a.repr()),
                "RecursionError: maximum recursion depth exceeded \
                 while getting the repr of an object"
            );
            let error = "RecursionError: maximum recursion depth exceeded in comparison";
            assert_eq!(raised(a.equals(&b)), error);
            assert_eq!(raised(a.differs(&b)), error);
            assert_eq!(raised(a.compare(pyobj::std_host::Order::Less, &b)), error);
        }
        let tuple = nested(BOTTOMLESS, |inner| Value::tuple([inner]));
        assert_eq!(
            raised(tuple.hash()),
            "RecursionError: maximum recursion depth exceeded"
        );
    });
}

#[test]
fn a_function_that_calls_itself_raises() {
    fn again(arguments: Arguments) -> Result {
        let [this] = arguments.exactly()?;
        this.call([&this])
    }
    on_a_stack(HALF_A_STACK, || {
        let function = Value::from(Builtin::function("again", Arity::One, again));
        let error = function.call([&function]).unwrap_err();
        assert!(error.is_a(ExceptionKind::RuntimeError));
        assert_eq!(*error.class(), *types::RECURSION_ERROR);
    });
}

#[test]
fn moderately_nested_values_do_not_raise_and_the_depth_returns_to_0() {
    const DEPTH: usize = if cfg!(miri) { 100 } else { 300 };
    let wrap = |inner| Value::tuple([inner]);
    for _ in 0..if cfg!(miri) { 1 } else { 10 } {
        let (a, b) = (nested(DEPTH, wrap), nested(DEPTH, wrap));
        assert_eq!(a.repr().unwrap().len(), DEPTH * 3 + 1);
        assert!(a.equals(&b).unwrap());
        assert_eq!(a.hash().unwrap(), b.hash().unwrap());
        assert!(nested(DEPTH * 5, wrap).repr().is_err());
    }
}

#[test]
fn a_panic_in_a_repr_leaves_no_list_marked() {
    struct Panics;

    impl pyobj::std_host::Object for Panics {
        fn class(&self) -> &pyobj::std_host::Type {
            &types::OBJECT
        }

        fn repr(&self, _this: &pyobj::std_host::ObjectRef) -> Result<String> {
            panic!("in a repr");
        }
    }

    let list = List::default();
    list.push(Value::object(Panics));
    let value = Value::from(list.clone());
    for _ in 0..if cfg!(miri) { 10 } else { 1_000 } {
        let caught = catch_unwind(AssertUnwindSafe(|| value.repr()));
        assert!(caught.is_err());
    }
    list.take();
    assert_eq!(value.repr().unwrap(), "[]");
}

/// An object that counts its drop, and may panic in it.
struct Counted {
    drops: Arc<AtomicUsize>,
    panics: bool,
}

impl pyobj::std_host::Object for Counted {
    fn class(&self) -> &pyobj::std_host::Type {
        &types::OBJECT
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::Relaxed);
        if self.panics {
            // Not `panic!`: the hook would print it.
            resume_unwind(Box::new("a drop panics"));
        }
    }
}

/// Returns `depth` nested containers, and the count of drops. Each container has an object
/// before the next container and one behind it. The object with number `panics` panics.
fn counted(
    wrap: fn([Value; 3]) -> Value,
    depth: usize,
    panics: usize,
) -> (Value, Arc<AtomicUsize>) {
    let drops = Arc::new(AtomicUsize::new(0));
    let object = |number: usize| {
        Value::object(Counted {
            drops: Arc::clone(&drops),
            panics: number == panics,
        })
    };
    let nested = (0..depth).fold(Value::None, |inner, level| {
        wrap([object(2 * level), inner, object(2 * level + 1)])
    });
    (nested, drops)
}

#[test]
fn a_panic_in_any_drop_drops_the_rest() {
    const DEPTH: usize = 120;
    for wrap in [|items| Value::tuple(items), |items| Value::list(items)] {
        // Each takes half a second under Miri.
        for panics in (0..2 * DEPTH).step_by(if cfg!(miri) { 60 } else { 1 }) {
            let (nested, drops) = counted(wrap, DEPTH, panics);
            assert!(catch_unwind(AssertUnwindSafe(|| drop(nested))).is_err());
            assert_eq!(drops.load(Ordering::Relaxed), 2 * DEPTH, "{panics} panics");
            // The panic has not changed the depth: all values are dropped here.
            let (nested, drops) = counted(wrap, DEPTH, usize::MAX);
            drop(nested);
            assert_eq!(drops.load(Ordering::Relaxed), 2 * DEPTH, "after {panics}");
        }
    }
}

#[test]
fn values_print_while_their_thread_ends() {
    struct PrintsAtTheEnd(List, std::sync::mpsc::Sender<Result<String>>);

    impl Drop for PrintsAtTheEnd {
        fn drop(&mut self) {
            let _ = self.1.send(Value::from(self.0.clone()).repr());
            let endless = List::default();
            endless.push(endless.clone());
            let _ = self.1.send(Value::from(endless.clone()).repr());
            endless.take();
        }
    }

    thread_local! {
        static LAST: RefCell<Option<PrintsAtTheEnd>> = const { RefCell::new(None) };
    }

    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = thread::spawn(move || {
        // Registered first, so dropped after what printing registers.
        LAST.with_borrow_mut(|last| *last = Some(PrintsAtTheEnd(List::default(), sender)));
        Value::list([1]).repr().map(drop)
    });
    assert!(thread.join().unwrap().is_ok());
    assert_eq!(receiver.recv().unwrap().unwrap(), "[]");
    // If the list of marked lists is gone, the limit of the depth ends the recursion.
    match receiver.recv().unwrap() {
        Ok(text) => assert_eq!(text, "[[...]]"),
        Err(error) => assert!(error.is_a(ExceptionKind::RuntimeError)),
    }
}

#[test]
fn a_long_chain_of_exceptions_is_dropped() {
    on_a_stack(256 << 10, || {
        let mut error = Exception::type_error("first");
        for _ in 0..if cfg!(miri) { 20 } else { 800 } {
            error = Exception::type_error("next").while_handling(&error);
        }
        assert_eq!(error.to_string(), "TypeError: next");
    });
}
