//! A family of contexts that stay on their thread: counting handles and taking claims are not
//! atomic.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use threadstate::{Claim, Event, Stack};

/// With `COUNTS`, a run clones its handle, as in hosts that switch native stacks.
pub struct RcHost<const COUNTS: bool>;

pub type Context = Rc<Claim<Cell<u64>>>;

// SAFETY: an `Rc` is a pointer, and the claim stays where it is.
unsafe impl<const COUNTS: bool> Stack for RcHost<COUNTS> {
    type Vm<'a> = ();
    type Context = Context;
    type State = Claim<Cell<u64>>;
    type Local = ();
    type Watcher = Infallible;

    const RUN_COUNTS: bool = COUNTS;

    fn state(context: &Context) -> &Self::State {
        context
    }

    fn clone_context((): (), context: &Context) -> Context {
        Rc::clone(context)
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Context>) {
        match *watcher {}
    }
}
