//! Wrong implementations of safe traits cause at most a wrong result, a panic or a leak.
//!
//! The handles of variables and tokens return varying payloads, and the host returns arbitrary
//! results for its objects. `Stack` and `ContextHost` are not tested here: they are unsafe traits,
//! whose implementers make promises.

use contextvars::Event;
use contextvars::engine::{self, AtomicCounts, ContextState, Domain, Local, VarKey};
use contextvars::host::{
    ContextCell, ContextHost, Interpreter, IterCell, IterKind, Thread, TokenCell, VarCell,
};
use pyobj::{DirectHandle, Failure, Handle, Host, Unallocated};
use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use threadstate::Stack;

thread_local! {
    /// The state from which the next wrong result is made.
    static TURN: Cell<usize> = const { Cell::new(0) };
    /// Whether the value with each number is alive.
    static LIVE: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
}

/// Returns the next pseudo-random number; the sequence is the same in each run.
fn turn() -> usize {
    let turn = TURN.replace(TURN.get() + 1) as u64;
    (turn.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) as usize
}

/// A value with a unique number, by which a use after its drop is detected.
struct Value(usize);

impl Value {
    fn new() -> Self {
        LIVE.with_borrow_mut(|live| {
            live.push(true);
            Value(live.len() - 1)
        })
    }

    fn check(&self) {
        let is_live = LIVE.with_borrow(|live| live.get(self.0).copied());
        assert_eq!(is_live, Some(true), "a value is used after it was dropped");
    }

    /// Returns the number of live values.
    fn count() -> usize {
        LIVE.with_borrow(|live| live.iter().filter(|is_live| **is_live).count())
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        self.check();
        LIVE.with_borrow_mut(|live| live[self.0] = false);
    }
}

/// A host that returns arbitrary results.
enum Liar {}

impl Host for Liar {
    type Vm<'a> = ();
    type Value = Value;
    type Error = ();
    type Args<'a> = ();

    fn clone_value((): (), _: &Value) -> Value {
        Value::new()
    }

    fn is(_: &Value, _: &Value) -> bool {
        turn() % 3 == 0
    }

    fn address(_: &Value) -> usize {
        turn()
    }

    fn none((): ()) -> Value {
        Value::new()
    }

    fn is_str((): (), _: &Value) -> bool {
        turn() % 5 != 0
    }

    fn repr((): (), _: &Value) -> Result<String, ()> {
        (turn() % 2 == 0).then(String::new).ok_or(())
    }

    fn hash((): (), _: &Value) -> Result<i64, ()> {
        Ok(turn() as i64)
    }

    fn eq((): (), _: &Value, _: &Value) -> Result<bool, ()> {
        match turn() % 3 {
            0 => Err(()),
            other => Ok(other == 1),
        }
    }

    fn call((): (), _: &Value, (): ()) -> Result<Value, ()> {
        Ok(Value::new())
    }

    fn raise((): (), _: Failure<Self>) {}

    fn unraisable((): (), (): (), _: &str) {}
}

/// A handle that returns one of two payloads, in a pseudo-random order.
struct Wrong<P>(Rc<P>, Rc<P>);

/// A payload whose handles also return another payload: the last one that was allocated before.
trait Decoy: Sized + 'static {
    fn last() -> &'static std::thread::LocalKey<RefCell<Option<Rc<Self>>>>;
}

macro_rules! decoy {
    ($payload:ty) => {
        impl Decoy for $payload {
            fn last() -> &'static std::thread::LocalKey<RefCell<Option<Rc<Self>>>> {
                thread_local! {
                    static LAST: RefCell<Option<Rc<$payload>>> = const { RefCell::new(None) };
                }
                &LAST
            }
        }
    };
}
decoy!(VarCell<Liar>);
decoy!(TokenCell<Liar>);

impl<P: Decoy> Handle<Liar> for Wrong<P> {
    type Payload = P;

    fn allocate((): (), payload: P) -> Result<Self, Unallocated<Liar, P>> {
        if turn() % 11 == 0 {
            return Err(Unallocated { error: (), payload });
        }
        let new = Rc::new(payload);
        let decoy = P::last().with_borrow(|last| last.clone());
        P::last().set(Some(Rc::clone(&new)));
        Ok(Wrong(Rc::clone(&new), decoy.unwrap_or(new)))
    }

    fn with_payload<R>(&self, f: impl FnOnce(&P) -> R) -> R {
        match turn() % 2 == 0 {
            true => f(&self.0),
            false => f(&self.1),
        }
    }

    fn clone_in(&self, (): ()) -> Self {
        Wrong(Rc::clone(&self.1), Rc::clone(&self.0))
    }

    fn to_value(&self, (): ()) -> Value {
        Value::new()
    }

    fn from_value((): (), _: &Value) -> Option<Self> {
        let last = P::last().with_borrow(|last| last.clone())?;
        Some(Wrong(Rc::clone(&last), last))
    }
}

/// A handle of a context, which fulfils the contract of `ContextHost`.
struct Context(Rc<ContextCell<Liar>>);

impl Handle<Liar> for Context {
    type Payload = ContextCell<Liar>;

    fn allocate(
        (): (),
        payload: ContextCell<Liar>,
    ) -> Result<Self, Unallocated<Liar, ContextCell<Liar>>> {
        match turn() % 13 == 0 {
            true => Err(Unallocated { error: (), payload }),
            false => Ok(Context(Rc::new(payload))),
        }
    }

    fn with_payload<R>(&self, f: impl FnOnce(&ContextCell<Liar>) -> R) -> R {
        f(&self.0)
    }

    fn clone_in(&self, (): ()) -> Self {
        Context(Rc::clone(&self.0))
    }

    fn to_value(&self, (): ()) -> Value {
        Value::new()
    }

    fn from_value((): (), _: &Value) -> Option<Self> {
        None
    }
}

impl DirectHandle<Liar> for Context {
    fn payload(&self) -> &ContextCell<Liar> {
        &self.0
    }
}

// SAFETY: a context is an `Rc`, and the cell in it does not move.
unsafe impl ContextHost for Liar {
    type Kind = AtomicCounts;
    type Var = Wrong<VarCell<Liar>>;
    type Context = Context;
    type Token = Wrong<TokenCell<Liar>>;
    type Watcher = fn();

    fn missing((): ()) -> Value {
        Value::new()
    }

    fn call_watcher((): (), _: &fn(), _: Event, _: Option<&Context>) -> Result<(), ()> {
        Err(())
    }
}

/// Performs the operation with the number `step`, and drops its result.
fn operate(
    thread: &Thread<Liar>,
    step: usize,
    vars: &[Wrong<VarCell<Liar>>],
    tokens: &mut Vec<Wrong<TokenCell<Liar>>>,
    contexts: &[Context],
) {
    let var = &vars[step % vars.len()];
    let (context, other) = (&contexts[step % 3], &contexts[step / 3 % 3]);
    match step % 9 {
        0 => tokens.extend(VarCell::set((), thread, var, Value::new())),
        1 => drop(VarCell::get((), thread, var, None).map(|value| value.check())),
        2 => VarCell::with(thread, var, |value| {
            let _ = VarCell::set((), thread, var, Value::new());
            if let Some(value) = value {
                value.check();
            }
        }),
        3 => drop(VarCell::scoped((), thread, var, Value::new(), || {
            operate(thread, step + 1, vars, tokens, contexts);
        })),
        4 => drop(
            tokens
                .pop()
                .map(|token| VarCell::reset((), thread, var, &token)),
        ),
        5 => drop(ContextCell::run((), thread, context, || {
            operate(thread, step / 2 + 1, vars, tokens, contexts);
        })),
        6 => {
            let _ = context.0.eq((), &other.0);
            let _ = context.0.get_item((), &Value::new());
        }
        7 => {
            let items = IterCell::new(IterKind::Items, &context.0);
            while let Some(entry) = items.next() {
                entry.value().check();
            }
        }
        _ => drop(ContextCell::copy_current((), thread)),
    }
}

#[test]
fn a_host_with_wrong_handles_and_results_uses_no_dropped_value() {
    {
        let thread = Thread::<Liar>::new(&Arc::new(Interpreter::new()));
        thread.interpreter().add_watcher(|| ()).unwrap();
        let contexts = [(); 3].map(|()| Context(Rc::new(ContextCell::new())));
        let mut vars = Vec::new();
        while vars.len() < 4 {
            let cell = VarCell::new((), Value::new(), Some(Value::new()));
            vars.extend(cell.ok().and_then(|cell| Wrong::allocate((), cell).ok()));
        }
        let mut tokens = Vec::new();
        for step in 0..if cfg!(miri) { 60 } else { 5_000 } {
            operate(&thread, step, &vars, &mut tokens, &contexts);
        }
        assert!(Value::count() > 0);
    }
    VarCell::<Liar>::last().take();
    TokenCell::<Liar>::last().take();
    assert_eq!(Value::count(), 0);
}

/// A domain whose variables return varying keys.
enum AnyKey {}

type State = ContextState<AnyKey>;

// SAFETY: a handle is an `Arc`, and the state in it does not move.
unsafe impl Stack for AnyKey {
    type Vm<'a> = ();
    type Context = Arc<State>;
    type State = State;
    type Local = Local<Self>;
    type Watcher = fn();

    fn state(context: &Arc<State>) -> &State {
        context
    }

    fn clone_context((): (), context: &Arc<State>) -> Arc<State> {
        Arc::clone(context)
    }

    fn call_watcher((): (), _: &fn(), _: Event, _: Option<&Arc<State>>) {}
}

impl Domain for AnyKey {
    type Var = [VarKey; 2];
    type Value = Value;
    type Kind = AtomicCounts;

    fn key(var: &[VarKey; 2]) -> VarKey {
        var[turn() % 2]
    }

    fn clone_var((): (), _: &[VarKey; 2]) -> [VarKey; 2] {
        [VarKey::next(), VarKey::next()]
    }
}

#[test]
fn a_domain_with_varying_keys_uses_no_dropped_value() {
    {
        let thread = threadstate::Thread::<AnyKey>::new(&Arc::new(Default::default()));
        let make = |state| Ok::<_, Infallible>(Arc::new(state));
        let vars = [(); 3].map(|()| [VarKey::next(), VarKey::next()]);
        let mut tokens = Vec::new();
        for step in 0..if cfg!(miri) { 40 } else { 3_000 } {
            let var = &vars[step % 3];
            let Ok(token) = engine::set((), &thread, var, Value::new(), make);
            engine::lookup(&thread, AnyKey::key(var), |value| {
                let Ok(scope) = engine::set_scoped((), &thread, var, Value::new(), make);
                drop(engine::unset(&thread, AnyKey::key(var)));
                let Ok(_) = scope.restore(&thread);
                if let Some(value) = value {
                    value.check();
                }
            });
            tokens.push(token);
            if step % 4 == 3 {
                let token = tokens.swap_remove(turn() % tokens.len());
                let _ = token.restore(&thread, var);
            }
        }
        let copy = engine::copy_current(&thread).snapshot();
        assert!(!copy.is_empty());
        copy.iter().for_each(|entry| entry.value().check());
    }
    assert_eq!(Value::count(), 0);
}
