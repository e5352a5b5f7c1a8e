//! The types of the fuzzed host, and values that detect a double drop.

use crate::fail::fail;
use crate::play;
use crate::program::Behaviour;
use crate::world;
use contextvars::Event;
use contextvars::engine::{self, AtomicCounts, ContextState, Domain, Local, VarKey};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use threadstate::Stack;

pub struct Fuzzed;

pub type State = ContextState<Fuzzed>;
pub type Handle = Arc<State>;
pub type Bindings = engine::Bindings<Fuzzed>;
pub type Thread = threadstate::Thread<Fuzzed>;
pub type Token = engine::TokenState<Fuzzed>;

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
#[expect(unsafe_code, reason = "the trait is unsafe to implement")]
unsafe impl Stack for Fuzzed {
    type Vm<'a> = ();
    type Context = Handle;
    type State = State;
    type Local = Local<Fuzzed>;
    type Watcher = Arc<Behaviour>;

    fn state(context: &Handle) -> &State {
        context
    }

    fn state_mut(context: &mut Handle) -> Option<&mut State> {
        Arc::get_mut(context)
    }

    fn clone_context((): (), context: &Handle) -> Handle {
        Arc::clone(context)
    }

    fn call_watcher((): (), watcher: &Arc<Behaviour>, _: Event, _: Option<&Handle>) {
        play::watcher(**watcher);
    }
}

impl Domain for Fuzzed {
    type Var = VarKey;
    type Value = Value;
    type Kind = AtomicCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

/// Whether a value is alive. It outlives the value, so that it can be read for a dead value.
pub type Alive = &'static AtomicBool;

pub struct Value {
    pub id: usize,
    alive: Alive,
    behaviour: Behaviour,
    /// Dropped after the value's own drop.
    _owned: Option<Handle>,
}

impl Value {
    /// Creates a value, and the flag of whether it is alive.
    // The flag is leaked, so that the model reads valid memory even if the value was freed.
    pub fn new(id: usize, behaviour: Behaviour, owned: Option<Handle>) -> (Self, Alive) {
        let alive: Alive = Box::leak(Box::new(AtomicBool::new(true)));
        let value = Value {
            id,
            alive,
            behaviour,
            _owned: owned,
        };
        (value, alive)
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !self.alive.swap(false, Ordering::Relaxed) {
            fail("dropped twice", format!("value {}", self.id));
        }
        play::call_back(self.behaviour);
        if play::value_panics(self.behaviour) {
            world::panic_once();
        }
    }
}
