//! The toy hosts and the embedded host create `_contextvars` from the table, import it by an
//! inittab, and call all of it by name.

use crate::hosts::TestHost;
use crate::hosts::lifetime_token::{Counted, LifetimeToken};
use crate::hosts::no_token::NoToken;
use crate::hosts::vm_reference::{Machine, VmReference};
use crate::toy_hosts::HasThread;
use contextvars::{Std, Value};
use module::{Body, Class, Constructor, Inittab, LocalInitialiser, Module, ModuleHost, Outcome};
use module::{ImportError, Row, SharedInitialiser, contextvars};
use pyobj::ExceptionKind::{self, LookupError, ModuleNotFoundError, RuntimeError, TypeError};
use pyobj::{Handle, Host};
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

type Names<H> = HashMap<&'static str, <H as Host>::Value>;
type Initialise<H> = fn(<H as Host>::Vm<'_>, &Inittab<H>) -> Outcome<H>;

/// The operations that the tests need from a host.
trait Imports: HasThread + ModuleHost {
    /// Creates a module object.
    fn module(names: Names<Self>) -> Self::Value;

    /// Returns an attribute of a module object.
    fn attribute(vm: Self::Vm<'_>, module: &Self::Value, name: &str) -> Self::Value;

    fn boxed(initialiser: Initialise<Self>) -> Box<Self::Initialiser>;
}

/// Implements `Imports` for a toy host, whose module is an object around the names.
macro_rules! imports {
    ($host:ident, $names:ident => $made:expr, $value:ident => $inside:expr) => {
        impl Imports for $host {
            fn module($names: Names<Self>) -> Self::Value {
                $made
            }

            fn attribute(vm: Self::Vm<'_>, $value: &Self::Value, name: &str) -> Self::Value {
                let names: &Names<Self> = $inside.downcast_ref().unwrap();
                Self::clone_value(vm, &names[name])
            }

            fn boxed(initialiser: Initialise<Self>) -> Box<Self::Initialiser> {
                Box::new(initialiser)
            }
        }
    };
}

imports!(NoToken, names => Arc::new(names), value => value);
imports!(VmReference, names => Rc::new(names), value => value);
imports!(LifetimeToken, names => Counted(Arc::new(names)), value => value.0);

impl ModuleHost for NoToken {
    type Initialiser = SharedInitialiser<Self>;
}

impl ModuleHost for VmReference {
    type Initialiser = LocalInitialiser<Self>;
}

impl ModuleHost for LifetimeToken {
    type Initialiser = SharedInitialiser<Self>;
}

impl Imports for Std {
    fn module(names: Names<Self>) -> Value {
        let module = Module::new("_contextvars");
        let with = |module: Module, (name, value)| module.with_attr(name, value);
        Value::object(names.into_iter().fold(module, with))
    }

    fn attribute(_: Std, module: &Value, name: &str) -> Value {
        module.get_attr(name).unwrap()
    }

    fn boxed(initialiser: Initialise<Self>) -> Box<Self::Initialiser> {
        Box::new(initialiser)
    }
}

/// Creates `_contextvars`: callable types, and functions.
fn make<H: Imports>(vm: H::Vm<'_>, _: &Inittab<H>) -> Outcome<H> {
    let table = contextvars::<H>();
    let class = |new: Constructor<H>| H::function(vm, move |vm, given| new(vm, given, &[]));
    let mut names = Names::<H>::from([
        (table.context.name, class(table.context.new)),
        (table.context_var.name, class(table.context_var.new)),
        (table.token.name, class(table.token.new)),
    ]);
    for row in table.functions {
        let call = |vm: H::Vm<'_>, given: &[H::Value]| {
            row.check::<H>(vm, table.name, given.len(), false)?;
            H::with_thread(|thread| (row.body)(vm, thread, given))
        };
        names.insert(row.name, H::function(vm, call));
    }
    Ok(H::module(names))
}

/// Returns a table with `_contextvars`, and a module that imports it and creates a variable.
fn table<H: Imports>() -> Inittab<H> {
    let table = Inittab::<H>::new();
    table.append("_contextvars", H::boxed(make::<H>)).unwrap();
    let settings = |vm: H::Vm<'_>, table: &Inittab<H>| {
        let native = import::<H>(vm, table, "_contextvars")?;
        let colour = call::<H>(vm, &native, "ContextVar", vec![H::text(vm, "colour")])?;
        Ok(H::module(Names::<H>::from([("colour", colour)])))
    };
    table.append("settings", H::boxed(settings)).unwrap();
    table
}

fn import<H: Imports>(vm: H::Vm<'_>, table: &Inittab<H>, name: &str) -> Outcome<H> {
    let imported = table.import(vm, name);
    imported.map_err(|error| error.raise::<H>(vm))
}

/// Calls a function of a module.
fn call<H: Imports>(
    vm: H::Vm<'_>,
    module: &H::Value,
    name: &str,
    given: Vec<H::Value>,
) -> Outcome<H> {
    let function = H::attribute(vm, module, name);
    H::with_args(given, |arguments| H::call(vm, &function, arguments))
}

/// Calls a method of an object whose type is in the table.
fn method<H: Imports>(
    vm: H::Vm<'_>,
    this: &H::Value,
    name: &str,
    given: Vec<H::Value>,
) -> Outcome<H> {
    let table = contextvars::<H>();
    if let Some(this) = H::Var::from_value(vm, this) {
        method_of(vm, &table.context_var, &this, name, given)
    } else if let Some(this) = H::Context::from_value(vm, this) {
        method_of(vm, &table.context, &this, name, given)
    } else {
        let this = H::Token::from_value(vm, this).unwrap();
        method_of(vm, &table.token, &this, name, given)
    }
}

/// Calls a method. These hosts have no iterators and no generic aliases: instead of these, it
/// returns the length and the argument.
fn method_of<H: Imports, T>(
    vm: H::Vm<'_>,
    class: &Class<H, T>,
    this: &T,
    name: &str,
    mut given: Vec<H::Value>,
) -> Outcome<H> {
    let row = class.methods.iter().find(|row| row.name == name).unwrap();
    row.check::<H>(vm, class.name, given.len(), false)?;
    H::with_thread(|thread| match row.body {
        Body::Positional(body) => body(vm, thread, this, &given),
        Body::Call(body) if given.is_empty() => body(vm, thread, this, None),
        Body::Call(body) => {
            let callable = given.remove(0);
            H::with_args(given, |arguments| {
                body(vm, thread, this, Some((&callable, arguments)))
            })
        }
        Body::Iterate(body) => Ok(H::int(vm, body(this).len() as i64)),
        Body::Alias => Ok(given.remove(0)),
    })
}

#[track_caller]
fn assert_raises<H: Imports>(outcome: Outcome<H>, kind: ExceptionKind, text: &str) {
    let Err(error) = outcome else {
        panic!("nothing was raised");
    };
    assert!(H::is_kind(&error, kind), "{:?}", H::message(&error));
    assert_eq!(H::message(&error).as_deref(), Some(text));
}

#[track_caller]
fn ok<H: Imports>(outcome: Outcome<H>) -> H::Value {
    outcome.unwrap_or_else(|error| panic!("{:?} was raised", H::message(&error)))
}

#[track_caller]
fn assert_int<H: Imports>(outcome: Outcome<H>, number: i64) {
    assert_eq!(H::read(&ok::<H>(outcome)), Some(number));
}

fn all_is_called_by_name<H: Imports>(vm: H::Vm<'_>) {
    let table = table::<H>();
    let native = ok::<H>(import::<H>(vm, &table, "_contextvars"));
    assert!(H::is(
        &native,
        &ok::<H>(import::<H>(vm, &table, "_contextvars"))
    ));
    let int = |number| H::int(vm, number);

    let var = ok::<H>(call::<H>(vm, &native, "ContextVar", vec![H::text(vm, "x")]));
    assert!(H::is_kind(
        &method::<H>(vm, &var, "get", vec![]).err().unwrap(),
        LookupError
    ));
    assert_int::<H>(method::<H>(vm, &var, "get", vec![int(7)]), 7);
    let token = ok::<H>(method::<H>(vm, &var, "set", vec![int(1)]));
    assert_int::<H>(method::<H>(vm, &var, "get", vec![]), 1);

    let copy = ok::<H>(call::<H>(vm, &native, "copy_context", vec![]));
    let inner = H::function(vm, |vm, given| {
        let [var, value] = given else {
            panic!("{} arguments", given.len());
        };
        method::<H>(vm, var, "set", vec![H::clone_value(vm, value)])?;
        method::<H>(vm, var, "get", vec![])
    });
    let given = vec![inner, H::clone_value(vm, &var), int(2)];
    assert_int::<H>(method::<H>(vm, &copy, "run", given), 2);
    assert_int::<H>(
        method::<H>(vm, &copy, "get", vec![H::clone_value(vm, &var)]),
        2,
    );
    assert_int::<H>(method::<H>(vm, &var, "get", vec![]), 1);
    let other = ok::<H>(method::<H>(vm, &copy, "copy", vec![]));
    assert!(!H::is(&other, &copy));
    for name in ["keys", "values", "items"] {
        assert_int::<H>(method::<H>(vm, &other, name, vec![]), 1);
    }

    let context_var = contextvars::<H>().context_var;
    let this = H::Var::from_value(vm, &var).unwrap();
    let name = (context_var.getters[0].get)(vm, &this);
    assert_eq!(H::read(&name), Some("x".to_owned()));
    let [of_var, of_old_value] = contextvars::<H>().token.getters else {
        panic!("two attributes");
    };
    let this = H::Token::from_value(vm, &token).unwrap();
    assert!(H::is(&(of_var.get)(vm, &this), &var));
    let missing = (contextvars::<H>().token.constants[0].get)(vm);
    assert!(H::is(&(of_old_value.get)(vm, &this), &missing));

    let entered = ok::<H>(method::<H>(vm, &token, "__enter__", vec![]));
    assert!(H::is(&entered, &token));
    ok::<H>(method::<H>(vm, &var, "reset", vec![token]));
    let none = || vec![H::none(vm), H::none(vm), H::none(vm)];
    assert!(method::<H>(vm, &entered, "__exit__", none()).is_err());
    let token = ok::<H>(method::<H>(vm, &var, "set", vec![int(3)]));
    ok::<H>(method::<H>(vm, &token, "__exit__", none()));
    assert!(method::<H>(vm, &var, "get", vec![]).is_err());
    assert_int::<H>(method::<H>(vm, &var, "__class_getitem__", vec![int(4)]), 4);
}

fn wrong_arguments_raise_cpythons_errors<H: Imports>(vm: H::Vm<'_>) {
    let native = ok::<H>(import::<H>(vm, &table::<H>(), "_contextvars"));
    let (none, text) = (|| H::none(vm), || H::text(vm, "x"));
    let var = ok::<H>(call::<H>(vm, &native, "ContextVar", vec![text()]));
    let context = ok::<H>(call::<H>(vm, &native, "Context", vec![]));
    for (this, name, given, text) in [
        (&var, "get", 2, "get expected at most 1 argument, got 2"),
        (
            &var,
            "set",
            0,
            "ContextVar.set() takes exactly one argument (0 given)",
        ),
        (&var, "reset", 1, "expected an instance of Token, got None"),
        (
            &context,
            "run",
            0,
            "run() missing 1 required positional argument",
        ),
        (
            &context,
            "get",
            0,
            "get expected at least 1 argument, got 0",
        ),
        (
            &context,
            "get",
            1,
            "a ContextVar key was expected, got None",
        ),
        (
            &context,
            "copy",
            1,
            "Context.copy() takes no arguments (1 given)",
        ),
    ] {
        let given = (0..given).map(|_| none()).collect();
        assert_raises::<H>(method::<H>(vm, this, name, given), TypeError, text);
    }
    for (name, given, kind, text) in [
        (
            "Context",
            1,
            TypeError,
            "Context() does not accept any arguments",
        ),
        (
            "Token",
            0,
            RuntimeError,
            "Tokens can only be created by ContextVars",
        ),
        (
            "ContextVar",
            0,
            TypeError,
            "ContextVar() takes exactly 1 positional argument (0 given)",
        ),
        (
            "ContextVar",
            1,
            TypeError,
            "context variable name must be a str",
        ),
        (
            "copy_context",
            1,
            TypeError,
            "_contextvars.copy_context() takes no arguments (1 given)",
        ),
    ] {
        let given = (0..given).map(|_| none()).collect();
        assert_raises::<H>(call::<H>(vm, &native, name, given), kind, text);
    }
    let new = contextvars::<H>().context_var.new;
    let (name, value) = ([text()], H::int(vm, 5));
    let var = ok::<H>(new(vm, &name, &[("default", &value)]));
    assert_int::<H>(method::<H>(vm, &var, "get", vec![]), 5);
    for (positional, keywords, text) in [
        (
            &name[..],
            &["foo"] as &[_],
            "got an unexpected keyword argument 'foo'",
        ),
        (
            &name,
            &["default", "foo"],
            "takes at most 2 arguments (3 given)",
        ),
        (
            &[],
            &["default"],
            "takes exactly 1 positional argument (0 given)",
        ),
        (
            &[],
            &["a", "b", "c"],
            "takes at most 2 keyword arguments (3 given)",
        ),
    ] {
        let keywords: Vec<_> = keywords.iter().map(|name| (*name, &value)).collect();
        let text = format!("ContextVar() {text}");
        assert_raises::<H>(new(vm, positional, &keywords), TypeError, &text);
    }
}

fn initialisers_import_with_the_machine<H: Imports>(vm: H::Vm<'_>) {
    let table = table::<H>();
    let settings = ok::<H>(import::<H>(vm, &table, "settings"));
    let colour = H::attribute(vm, &settings, "colour");
    assert_int::<H>(method::<H>(vm, &colour, "get", vec![H::int(vm, 1)]), 1);

    let circle = |vm: H::Vm<'_>, table: &Inittab<H>| import::<H>(vm, table, "circle");
    table.append("circle", H::boxed(circle)).unwrap();
    assert_raises::<H>(
        import::<H>(vm, &table, "circle"),
        ExceptionKind::ImportError,
        "cannot import module while it is being initialised: circle imports circle; \
         import it later, in the function that needs it",
    );
    assert_raises::<H>(
        import::<H>(vm, &table, "other"),
        ModuleNotFoundError,
        "No module named 'other'; the inittab has '_contextvars', 'circle', 'settings'; \
         append the missing module to it",
    );
}

macro_rules! on_each_host {
    ($($test:ident)*) => {$(
        #[test]
        fn $test() {
            NoToken::attach(super::$test::<NoToken>);
            VmReference::attach(super::$test::<VmReference>);
            LifetimeToken::attach(super::$test::<LifetimeToken>);
            Std::attach(super::$test::<Std>);
        }
    )*};
}

mod on_each_host {
    use super::*;

    on_each_host! {
        all_is_called_by_name
        wrong_arguments_raise_cpythons_errors
        initialisers_import_with_the_machine
    }
}

/// Interpreters take signatures from documentation that begins with the name.
#[test]
fn documentation_begins_with_the_name() {
    fn check<B>(rows: &[Row<B>]) {
        for Row { name, doc, .. } in rows {
            let signature = doc.strip_prefix(name).unwrap_or_default();
            let is_signature = signature.starts_with("($") && signature.contains("/)\n--\n\n");
            assert!(is_signature || *name == "run" && doc.is_empty(), "{doc}");
        }
    }
    let table = contextvars::<Std>();
    check(table.context.methods);
    check(table.context_var.methods);
    check(table.token.methods);
    check(table.functions);
}

/// Neither the initialiser, the module nor the error has to be `Send`.
#[test]
fn a_host_of_one_thread_needs_no_send() {
    let machine = Machine::default();
    let (table, runs) = (Inittab::<VmReference>::new(), Rc::new(Cell::new(0)));
    let counts = Rc::clone(&runs);
    let count = move |vm: &Machine, _: &Inittab<VmReference>| {
        counts.set(counts.get() + 1);
        match counts.get() {
            1 => Err(vm_error(vm)),
            run => Ok(VmReference::int(vm, run)),
        }
    };
    table.append("count", Box::new(count)).unwrap();
    let failed = table.import(&machine, "count");
    assert!(matches!(failed, Err(ImportError::Failed { .. })));
    for _ in 0..2 {
        let module = table.import(&machine, "count").ok().unwrap();
        assert_eq!(VmReference::read(&module), Some(2_i64));
    }
    drop(table);
    assert_eq!(Rc::strong_count(&runs), 1);
}

fn vm_error(vm: &Machine) -> crate::hosts::vm_reference::Error {
    VmReference::raise(vm, pyobj::Failure::text(RuntimeError, "no luck"))
}
