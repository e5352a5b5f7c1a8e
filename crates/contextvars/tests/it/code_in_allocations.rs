//! A kind whose allocations run code, as those of an interpreter's collector may. No change that
//! this code makes to contexts is lost, and it sees whole versions.

use crate::rc_host::RcHost;
use contextvars::engine::collect::NodeForm;
use contextvars::engine::{
    self, ContextState, Interpreter, Kind, PlainCounts, PointerKind, RunError, Thread, VarKey,
};
use std::alloc::Layout;
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

/// Counts as [`PlainCounts`] does.
struct Calling(#[expect(dead_code, reason = "neither `Send` nor `Sync`")] *const ());

thread_local! {
    /// The code that the next allocation calls.
    static CALLS: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

// SAFETY: as `PlainCounts`, except that an allocation runs code, which `RUNS_CODE` declares.
unsafe impl PointerKind for Calling {
    type Head = <PlainCounts as PointerKind>::Head;
    type Word = Cell<u32>;
    type Refused = Infallible;
    const BORROWS: bool = false;
    const RUNS_CODE: bool = true;

    unsafe fn allocate(layout: Layout, form: NodeForm) -> Result<NonNull<Self::Head>, Infallible> {
        if let Some(call) = CALLS.take() {
            call();
        }
        // SAFETY: by the caller.
        unsafe { PlainCounts::allocate(layout, form) }
    }

    unsafe fn free(node: NonNull<Self::Head>, layout: Layout) {
        // SAFETY: by the caller.
        unsafe { PlainCounts::free(node, layout) }
    }

    fn up(head: &Self::Head) {
        PlainCounts::up(head);
    }

    fn down(head: &Self::Head) -> bool {
        PlainCounts::down(head)
    }

    fn is_one(head: &Self::Head) -> bool {
        PlainCounts::is_one(head)
    }
}

impl Kind for Calling {
    type ClaimWord = Cell<u64>;
}

type Host = RcHost<i32, Calling>;

type Context = Rc<ContextState<Host>>;

engine::current_thread! {
    fn current<Host> = Thread::new(&Arc::new(Interpreter::new()))
}

fn make(state: ContextState<Host>) -> Result<Context, RunError> {
    Ok(Rc::new(state))
}

fn empty() -> Context {
    Rc::new(ContextState::new(engine::Bindings::<Host>::default()))
}

fn set(var: VarKey, value: i32) -> engine::TokenState<Host> {
    current(|thread| engine::set((), thread, &var, value, make)).unwrap()
}

fn get(var: VarKey) -> Option<i32> {
    current(|thread| engine::lookup(thread, var, |value| value.copied()))
}

/// Performs an operation several times: each time another one of its allocations calls `call`.
/// Then calls `check`.
fn at_each_allocation(
    bound: usize,
    call: fn(&[VarKey]),
    operate: fn(&[VarKey]),
    check: fn(&[VarKey], bool),
) {
    for number in 0.. {
        let vars: Vec<VarKey> = (0..bound + 2).map(|_| VarKey::next()).collect();
        let context = empty();
        let mut called = false;
        current(|thread| {
            let run = thread.run((), &context, || {
                for (var, value) in vars[2..].iter().zip(0..) {
                    drop(set(*var, value));
                }
                drop(set(vars[0], 100));
                // Allocation number `number` calls it.
                let (left, mine) = (Rc::new(Cell::new(number)), vars.clone());
                arm(left.clone(), Box::new(move || call(&mine)));
                operate(&vars);
                called = CALLS.take().is_none();
                check(&vars, called);
            });
            run.unwrap();
        });
        if !called {
            assert!(number > 0, "the operation allocates");
            return;
        }
    }
}

fn arm(left: Rc<Cell<usize>>, call: Box<dyn FnOnce()>) {
    CALLS.set(Some(Box::new(move || match left.get().checked_sub(1) {
        None => call(),
        Some(fewer) => {
            left.set(fewer);
            arm(left, call);
        }
    })));
}

const SIZES: [usize; 4] = [0, 3, 20, 60];

#[test]
fn a_set_in_an_allocation_is_not_lost() {
    for bound in SIZES {
        at_each_allocation(
            bound,
            |vars| {
                // Before the set, or before the reset.
                assert!([Some(100), Some(9)].contains(&get(vars[0])));
                drop(set(vars[1], 7));
                drop(set(vars[0], 8));
            },
            |vars| {
                // Another version: nothing is replaced in place.
                let _other = current(engine::bindings);
                let token = set(vars[0], 9);
                assert_eq!(get(vars[0]), Some(9));
                current(|thread| token.restore(thread, &vars[0])).unwrap();
            },
            |vars, called| {
                let old = if called {
                    [Some(8), Some(100)]
                } else {
                    [Some(100); 2]
                };
                assert!(old.contains(&get(vars[0])), "{:?}", get(vars[0]));
                assert_eq!(get(vars[1]), called.then_some(7));
                let context = current(|thread| thread.context(())).unwrap();
                assert_eq!(context.len(), vars.len() - usize::from(!called));
            },
        );
    }
}

#[test]
fn an_unset_in_an_allocation_is_not_lost() {
    for bound in SIZES {
        at_each_allocation(
            bound,
            |vars| drop(current(|thread| engine::unset(thread, vars[0]))),
            |vars| drop(set(vars[1], 9)),
            |vars, called| {
                assert_eq!(get(vars[1]), Some(9));
                assert_eq!(get(vars[0]), (!called).then_some(100));
                let context = current(|thread| thread.context(())).unwrap();
                assert_eq!(context.len(), vars.len() - usize::from(called));
            },
        );
    }
}

#[test]
fn a_set_goes_into_the_context_that_is_current_when_it_ends() {
    let (var, outer, inner) = (VarKey::next(), empty(), empty());
    current(|thread| {
        let run = thread.run((), &outer, || {
            drop(set(var, 1));
            thread.enter((), Rc::clone(&inner)).map_err(drop).unwrap();
            let left = Rc::clone(&inner);
            CALLS.set(Some(Box::new(move || {
                current(|thread| thread.exit((), &left)).unwrap();
            })));
            let token = set(var, 2);
            assert_eq!(get(var), Some(2));
            assert_eq!(token.old_value(), Some(&1));
        });
        run.unwrap();
    });
    assert_eq!((outer.len(), inner.len()), (1, 0));
}
