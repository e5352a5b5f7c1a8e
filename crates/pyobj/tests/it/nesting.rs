use crate::raised;
use pyobj::ExceptionKind;
use pyobj::std_host::{
    Arguments, Arity, Builtin, Exception, List, Object, Result, Type, Value, types,
};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;

/// Half of what Rust gives a thread, in bytes; the other half is for what the
/// objects do themselves.
const HALF_A_STACK: usize = 1 << 20;

/// Deeper than any stack holds.
const BOTTOMLESS: usize = 100_000;

fn nested(depth: usize, wrap: fn(Value) -> Value) -> Value {
    (0..depth).fold(Value::from(1), |inner, _| wrap(inner))
}

/// Runs `body` on a thread with a stack of `size` bytes.
fn on_a_stack(size: usize, body: fn()) {
    let thread = thread::Builder::new().stack_size(size).spawn(body).unwrap();
    assert!(thread.join().is_ok());
}

#[test]
fn bottomless_values_raise_long_before_the_stack_is_gone() {
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
fn moderately_nested_values_are_no_error_and_the_count_returns_to_nothing() {
    let wrap = |inner| Value::tuple([inner]);
    for _ in 0..10 {
        let (a, b) = (nested(300, wrap), nested(300, wrap));
        assert_eq!(a.repr().unwrap().len(), 300 * 3 + 1);
        assert!(a.equals(&b).unwrap());
        assert_eq!(a.hash().unwrap(), b.hash().unwrap());
        assert!(nested(1000, wrap).repr().is_err());
    }
}

#[test]
fn a_panic_in_a_repr_leaves_nothing_noted() {
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
    for _ in 0..1000 {
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| value.repr()));
        assert!(caught.is_err());
    }
    list.take();
    assert_eq!(value.repr().unwrap(), "[]");
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
    // Where the list of what is being printed is gone, the depth still ends it.
    match receiver.recv().unwrap() {
        Ok(text) => assert_eq!(text, "[[...]]"),
        Err(error) => assert!(error.is_a(ExceptionKind::RuntimeError)),
    }
}

#[test]
fn a_long_chain_of_exceptions_is_dropped() {
    on_a_stack(256 << 10, || {
        let mut error = Exception::type_error("first");
        for _ in 0..800 {
            error = Exception::type_error("next").while_handling(&error);
        }
        assert_eq!(error.to_string(), "TypeError: next");
    });
}

/// Counts how many of its kind are dropped, and panics if it says so.
struct Dropped(Arc<AtomicUsize>, bool);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
        assert!(!self.1, "on purpose");
    }
}

impl Object for Dropped {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Dropped").build());
        &CLASS
    }
}

#[test]
fn a_drop_that_panics_leaves_no_item_of_nested_lists_behind() {
    const DEEP: usize = 200;
    for panics in 0..DEEP {
        let dropped = Arc::new(AtomicUsize::new(0));
        let lists = (0..DEEP).fold(Value::None, |inner, number| {
            let item = Dropped(Arc::clone(&dropped), number == panics);
            Value::list([inner, Value::object(item)])
        });
        let result = catch_unwind(AssertUnwindSafe(|| drop(lists)));
        assert!(result.is_err());
        assert_eq!(dropped.load(Ordering::SeqCst), DEEP, "{panics}");
    }
}
