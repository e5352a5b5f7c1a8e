//! A tiny interpreter over the layer `engine`: a task sees what was set when it was spawned.
//!
//! `cargo run -p contextvars --example interpreter`; elsewhere, `cargo add contextvars
//! --no-default-features`.

use contextvars::engine::{self, Bindings, ContextState, Domain, Event, Interpreter, Local};
use contextvars::engine::{PlainCounts, RunError, Stack, Thread, VarKey};
use std::collections::{HashMap, VecDeque};
use std::{convert::Infallible, rc::Rc, sync::Arc};

/// Names the host. It is never created.
struct Script;
type Context = Rc<ContextState<Script>>;

// SAFETY: an `Rc` is a counted pointer, and the state in it does not move.
#[rustfmt::skip]
unsafe impl Stack for Script {
    type Vm<'a> = ();
    type Context = Context;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = Infallible;
    fn state(context: &Context) -> &ContextState<Self> { context }
    fn clone_context(_: (), context: &Context) -> Context { Rc::clone(context) }
    fn call_watcher(_: (), watcher: &Infallible, _: Event, _: Option<&Context>) { match *watcher {} }
}

#[rustfmt::skip]
impl Domain for Script {
    type Var = VarKey;
    type Value = Rc<str>;
    type Kind = PlainCounts;
    fn key(var: &VarKey) -> VarKey { *var }
    fn clone_var(_: (), var: &VarKey) -> VarKey { *var }
}

fn allocate(state: ContextState<Script>) -> Result<Context, RunError> {
    Ok(Rc::new(state))
}

fn main() -> Result<(), RunError> {
    let thread = Thread::new(&Arc::new(Interpreter::new()));
    let mut vars = HashMap::new();
    let code = "set user ada; spawn print user; set user bob; spawn spawn print user";
    let mut tasks = VecDeque::from([(Bindings::<Script>::default(), code)]);
    while let Some((bindings, code)) = tasks.pop_front() {
        engine::with_bindings((), &thread, bindings, allocate, || {
            for statement in code.split("; ") {
                let mut var = |name| *vars.entry(name).or_insert_with(VarKey::next);
                match statement.splitn(3, ' ').collect::<Vec<_>>()[..] {
                    ["set", name, value] => {
                        engine::set((), &thread, &var(name), value.into(), allocate)?;
                    }
                    ["print", name] => engine::lookup(&thread, var(name), |value| {
                        println!("{name} is {}", value.map_or("unset", |value| &**value));
                    }),
                    ["spawn", ..] => {
                        let task = &statement["spawn ".len()..];
                        tasks.push_back((engine::bindings(&thread), task));
                    }
                    _ => panic!("not a statement: {statement}"),
                }
            }
            Ok::<_, RunError>(())
        })??;
    }
    Ok(()) // It printed: user is ada, user is bob.
}
