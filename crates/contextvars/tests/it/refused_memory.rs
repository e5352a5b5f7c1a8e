//! A kind of a host that refuses each allocation in turn: the operation fails, and nothing has
//! changed.

use crate::rc_host::RcHost;
use contextvars::engine::collect::NodeForm;
use contextvars::engine::{
    self, Bindings, ContextState, ErrorOf, Interpreter, Kind, NotRestored, PointerKind, Thread,
    TokenState, VarKey,
};
use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;

/// The kind of an interpreter whose memory is limited.
struct Limited(#[expect(dead_code, reason = "neither `Send` nor `Sync`")] *const ());

#[derive(Debug, PartialEq, Eq)]
struct NoMemory;

thread_local! {
    /// The number of allocations that succeed before one is refused.
    static SUCCEED: Cell<usize> = const { Cell::new(usize::MAX) };
    static NODES: Cell<usize> = const { Cell::new(0) };
}

impl ErrorOf<Limited> for NoMemory {
    fn refused(refused: NoMemory) -> NoMemory {
        refused
    }
}

// SAFETY: memory is the allocator's until it is freed. Counts are plain, and the kind is not
// `Sync`, since a raw pointer is not.
unsafe impl PointerKind for Limited {
    type Head = Cell<u32>;
    type Word = Cell<u32>;
    type Refused = NoMemory;
    const BORROWS: bool = true;

    unsafe fn allocate(layout: Layout, _: NodeForm) -> Result<NonNull<Self::Head>, NoMemory> {
        let left = SUCCEED.get().checked_sub(1).ok_or(NoMemory)?;
        SUCCEED.set(left);
        // SAFETY: not empty, since it has room for a head.
        let node = NonNull::new(unsafe { alloc(layout) }).expect("there is memory");
        NODES.set(NODES.get() + 1);
        // SAFETY: freshly allocated, with room for it.
        unsafe { node.cast::<Self::Head>().write(Cell::new(1)) };
        Ok(node.cast())
    }

    unsafe fn free(node: NonNull<Self::Head>, layout: Layout) {
        NODES.set(NODES.get() - 1);
        // SAFETY: from `allocate` with this layout, and not used any more.
        unsafe { dealloc(node.cast().as_ptr(), layout) };
    }

    fn up(head: &Self::Head) {
        head.set(head.get() + 1);
    }

    fn down(head: &Self::Head) -> bool {
        head.set(head.get() - 1);
        head.get() == 0
    }

    fn is_one(head: &Self::Head) -> bool {
        head.get() == 1
    }
}

impl Kind for Limited {
    type ClaimWord = Cell<u64>;
}

type Small = RcHost<Value, Limited>;

type Context = Rc<ContextState<Small>>;

engine::current_thread! {
    fn current<Small> = Thread::new(&Arc::new(Interpreter::new()))
}

/// A value whose drop reads the current context, and sets and resets a variable.
struct Value(usize);

impl Drop for Value {
    fn drop(&mut self) {
        thread_local! {
            static VAR: VarKey = VarKey::next();
            static IS_INNER: Cell<bool> = const { Cell::new(false) };
        }
        if IS_INNER.replace(true) {
            return;
        }
        let succeed = SUCCEED.replace(usize::MAX);
        current(|thread| {
            let var = VAR.with(|var| *var);
            if let Some(context) = thread.context(()) {
                assert!(context.len() < 1_000);
                let token = set(thread, var, 1).unwrap();
                engine::lookup(thread, var, |value| assert_eq!(value.unwrap().0, 1));
                let _ = token.restore(thread, &var);
            }
        });
        SUCCEED.set(succeed);
        IS_INNER.set(false);
    }
}

fn make(state: ContextState<Small>) -> Result<Context, NoMemory> {
    Ok(Rc::new(state))
}

fn set(thread: &Thread<Small>, var: VarKey, value: usize) -> Result<TokenState<Small>, NoMemory> {
    engine::set((), thread, &var, Value(value), make)
}

fn all(thread: &Thread<Small>, vars: &[VarKey]) -> Vec<Option<usize>> {
    let get = |var: &VarKey| engine::lookup(thread, *var, |value| value.map(|value| value.0));
    vars.iter().map(get).collect()
}

const VARS: usize = if cfg!(miri) { 35 } else { 90 };

/// Refuses each allocation of an operation in turn, until the operation succeeds. Each time the
/// context is new and shares its bindings with a copy. Returns the number of refusals.
fn refuse_each(
    size: usize,
    operation: impl Fn(&Thread<Small>, &[VarKey], TokenState<Small>) -> Result<(), NoMemory>,
) -> usize {
    let attempt = |thread: &Thread<Small>, succeed: usize| {
        let vars: Vec<_> = (0..=size).map(|_| VarKey::next()).collect();
        let mut tokens: Vec<_> = (0..size)
            .map(|number| set(thread, vars[number], number).unwrap())
            .collect();
        let first = tokens.swap_remove(0);
        let _copy = engine::bindings(thread);
        let before = all(thread, &vars);
        SUCCEED.set(succeed);
        let outcome = operation(thread, &vars, first);
        SUCCEED.set(usize::MAX);
        if outcome.is_err() {
            assert_eq!(outcome, Err(NoMemory));
            let text = format!("{succeed} allocations of {size}");
            assert_eq!(all(thread, &vars), before, "{text}");
        }
        outcome.is_ok()
    };
    let context = || Rc::new(ContextState::new(Bindings::<Small>::default()));
    let succeeds = |succeed: &usize| {
        current(|thread| thread.run((), &context(), || attempt(thread, *succeed))).unwrap()
    };
    (0..)
        .find(succeeds)
        .expect("an operation allocates without end")
}

#[test]
fn each_operation_changes_all_or_nothing() {
    for size in [1, 2, 17, VARS] {
        let set = refuse_each(size, |thread, vars, _| set(thread, vars[size], 1).map(drop));
        let unset = refuse_each(size, |thread, vars, _| {
            engine::unset(thread, vars[0]).map(drop)
        });
        let reset = refuse_each(size, |thread, vars, token| {
            match token.restore(thread, &vars[0]) {
                Ok(()) => Ok(()),
                Err(NotRestored::Refused(refused)) => {
                    assert!(!token.is_used(), "it can be used again");
                    Err(refused)
                }
                Err(other) => panic!("{other:?}"),
            }
        });
        let scoped = refuse_each(size, |thread, vars, _| {
            let body = || SUCCEED.set(usize::MAX);
            let (_, restored) = engine::scoped((), thread, &vars[0], Value(1), make, body)?;
            assert!(restored);
            Ok(())
        });
        let bind = refuse_each(size, |thread, vars, _| {
            let mut bindings = engine::bindings(thread);
            let before = bindings.clone();
            let bound = engine::bind::<Small>((), &mut bindings, &vars[size], Value(1));
            assert_eq!(bound.is_err(), bindings.ptr_eq(&before));
            bound.map(drop)
        });
        let all = [set, unset, reset, scoped, bind];
        assert!(set > 0 && scoped > 0 && bind > 0, "{all:?}");
        assert!(size <= 2 || unset > 0 && reset > 0, "{all:?}");
    }
    assert_eq!(NODES.get(), 0, "nothing leaks");
}
