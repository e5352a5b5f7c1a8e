//! A complete host for the layer `host`: the objects of a small Python, counted by `Rc`, on one
//! thread. `docs/hosts.md` explains each part.
//!
//! `cargo run -p contextvars --example python_host`; elsewhere, `cargo add contextvars pyobj
//! --no-default-features`.

use contextvars::engine::PlainCounts;
use contextvars::host::{
    ContextCell, ContextHost, Error, Event, Interpreter, Thread, TokenCell, VarCell,
};
use pyobj::{Argument, DirectHandle, ExceptionKind, Failure, Handle, Host, Unallocated};
use std::{convert::Infallible, marker::PhantomData, rc::Rc, sync::Arc};

/// Names the host. It is never created.
enum Python {}

enum Object {
    None,
    Missing,
    Str(String),
    Function(Box<Function>),
    Var(VarCell<Python>),
    Context(ContextCell<Python>),
    Token(TokenCell<Python>),
}

type Value = Rc<Object>;
type Function = dyn Fn(&Machine, &[Value]) -> Result;
type Result<T = Value> = std::result::Result<T, Exception>;

#[derive(Debug)]
struct Exception(ExceptionKind, String);

struct Machine {
    thread: Thread<Python>,
    none: Value,
    missing: Value,
}

impl Host for Python {
    type Vm<'a> = &'a Machine;
    type Value = Value;
    type Error = Exception;
    type Args<'a> = &'a [Value];

    fn clone_value(_: &Machine, value: &Value) -> Value {
        Rc::clone(value)
    }

    fn is(a: &Value, b: &Value) -> bool {
        Rc::ptr_eq(a, b)
    }

    fn address(value: &Value) -> usize {
        Rc::as_ptr(value).addr()
    }

    fn none(vm: &Machine) -> Value {
        Rc::clone(&vm.none)
    }

    fn is_str(_: &Machine, value: &Value) -> bool {
        matches!(**value, Object::Str(_))
    }

    fn repr(vm: &Machine, value: &Value) -> Result<String> {
        let address = Self::address(value);
        Ok(match &**value {
            Object::None => "None".to_owned(),
            Object::Missing => "<Token.MISSING>".to_owned(),
            Object::Str(text) => format!("'{text}'"),
            Object::Function(_) => format!("<function at {address:#x}>"),
            Object::Context(_) => format!("<_contextvars.Context object at {address:#x}>"),
            Object::Var(var) => var.repr(vm, address)?,
            Object::Token(token) => token.repr(vm, address)?,
        })
    }

    fn hash(_: &Machine, value: &Value) -> Result<i64> {
        let address = Self::address(value);
        Ok(match &**value {
            Object::Str(text) => text.bytes().fold(7, |hash: i64, byte| {
                hash.wrapping_mul(31).wrapping_add(byte.into())
            }),
            Object::Var(var) => var.hash(address),
            _ => address as i64,
        })
    }

    fn eq(vm: &Machine, left: &Value, right: &Value) -> Result<bool> {
        match (&**left, &**right) {
            (Object::Str(left), Object::Str(right)) => Ok(left == right),
            (Object::Context(left), Object::Context(right)) => left.eq(vm, right),
            _ => Ok(Rc::ptr_eq(left, right)),
        }
    }

    fn call(vm: &Machine, callable: &Value, args: &[Value]) -> Result {
        match &**callable {
            Object::Function(function) => function(vm, args),
            _ => Err(Self::raise(
                vm,
                Failure::text(ExceptionKind::TypeError, "not callable"),
            )),
        }
    }

    fn raise(vm: &Machine, failure: Failure<Self>) -> Exception {
        let text = match failure.argument {
            Argument::Text(text) => text,
            Argument::Object(object) => match Self::repr(vm, &object) {
                Ok(text) => text,
                Err(exception) => return exception,
            },
        };
        Exception(failure.kind, text)
    }

    fn unraisable(_: &Machine, exception: Exception, message: &str) {
        eprintln!("{message}: {exception:?}");
    }
}

/// A handle of an object that has a cell of the type `C`.
struct Typed<C>(Value, PhantomData<C>);

/// Implements what the handles of a cell need: which objects have one.
macro_rules! in_an_object {
    ($cell:ident, $case:ident) => {
        impl Handle<Python> for Typed<$cell<Python>> {
            type Payload = $cell<Python>;

            fn allocate(
                _: &Machine,
                cell: $cell<Python>,
            ) -> std::result::Result<Self, Unallocated<Python, $cell<Python>>> {
                Ok(Typed(Rc::new(Object::$case(cell)), PhantomData))
            }

            fn with_payload<R>(&self, f: impl FnOnce(&$cell<Python>) -> R) -> R {
                f(self.payload())
            }

            fn clone_in(&self, _: &Machine) -> Self {
                Typed(Rc::clone(&self.0), PhantomData)
            }

            fn to_value(&self, _: &Machine) -> Value {
                Rc::clone(&self.0)
            }

            fn from_value(_: &Machine, value: &Value) -> Option<Self> {
                let has_cell = matches!(**value, Object::$case(_));
                has_cell.then(|| Typed(Rc::clone(value), PhantomData))
            }
        }

        impl DirectHandle<Python> for Typed<$cell<Python>> {
            fn payload(&self) -> &$cell<Python> {
                match &*self.0 {
                    Object::$case(cell) => cell,
                    _ => unreachable!("checked when the handle was made"),
                }
            }
        }
    };
}

in_an_object!(VarCell, Var);
in_an_object!(ContextCell, Context);
in_an_object!(TokenCell, Token);

// SAFETY: a context is in an `Rc`, which counts handles and does not move it.
unsafe impl ContextHost for Python {
    type Kind = PlainCounts;
    type Var = Typed<VarCell<Self>>;
    type Context = Typed<ContextCell<Self>>;
    type Token = Typed<TokenCell<Self>>;
    type Watcher = Infallible;

    const CLONES_RUN_NO_CODE: bool = true;

    fn missing(vm: &Machine) -> Value {
        Rc::clone(&vm.missing)
    }

    fn call_watcher(
        _: &Machine,
        watcher: &Infallible,
        _: Event,
        _: Option<&Self::Context>,
    ) -> Result<()> {
        match *watcher {}
    }
}

/// Calls a method, as `var.get()` in Python does.
fn call_method(vm: &Machine, this: &Value, name: &str, args: &[Value]) -> Result {
    let raise = |error: Error<Python>| error.raise(vm);
    if let Some(var) = Typed::<VarCell<Python>>::from_value(vm, this) {
        return match (name, args) {
            ("get", []) => VarCell::get(vm, &vm.thread, &var, None).map_err(raise),
            ("set", [value]) => VarCell::set(vm, &vm.thread, &var, Rc::clone(value))
                .map(|token| token.into_value(vm))
                .map_err(raise),
            ("reset", [token]) => match Typed::<TokenCell<Python>>::from_value(vm, token) {
                Some(token) => VarCell::reset(vm, &vm.thread, &var, &token)
                    .map(|()| Rc::clone(&vm.none))
                    .map_err(raise),
                None => Err(raise(Error::TokenExpected(Rc::clone(token)))),
            },
            _ => Err(no_method(vm, name)),
        };
    }
    if let Some(context) = Typed::<ContextCell<Python>>::from_value(vm, this) {
        return match (name, args) {
            ("run", [callable, args @ ..]) => {
                ContextCell::call(vm, &vm.thread, &context, callable, args).map_err(raise)
            }
            ("copy", []) => Ok(Rc::new(Object::Context(context.payload().copy()))),
            _ => Err(no_method(vm, name)),
        };
    }
    Err(no_method(vm, name))
}

fn no_method(vm: &Machine, name: &str) -> Exception {
    Python::raise(vm, Failure::text(ExceptionKind::AttributeError, name))
}

fn str(text: &str) -> Value {
    Rc::new(Object::Str(text.to_owned()))
}

fn main() -> Result<()> {
    let vm = &Machine {
        thread: Thread::new(&Arc::new(Interpreter::new())),
        none: Rc::new(Object::None),
        missing: Rc::new(Object::Missing),
    };
    let user = VarCell::new(vm, str("user"), None).map_err(|error| error.raise(vm))?;
    let user = Rc::new(Object::Var(user));
    let token = call_method(vm, &user, "set", &[str("ada")])?;
    println!("{}", Python::repr(vm, &token)?);

    // What is set in a copy is not seen outside.
    let copy = ContextCell::<Python>::copy_current(vm, &vm.thread)?.into_value(vm);
    let var = Rc::clone(&user);
    let body = move |vm: &Machine, args: &[Value]| {
        call_method(vm, &var, "set", args)?;
        call_method(vm, &var, "get", &[])
    };
    let body = Rc::new(Object::Function(Box::new(body)));
    let inside = call_method(vm, &copy, "run", &[body, str("grace")])?;
    let outside = call_method(vm, &user, "get", &[])?;
    assert!(Python::eq(vm, &inside, &str("grace"))?);
    assert!(Python::eq(vm, &outside, &str("ada"))?);

    // A token restores once.
    call_method(vm, &user, "reset", &[Rc::clone(&token)])?;
    match call_method(vm, &user, "reset", &[token]) {
        Err(Exception(kind, text)) => println!("{kind:?}: {text}"),
        Ok(_) => unreachable!("a token restored twice"),
    }
    Ok(())
}
