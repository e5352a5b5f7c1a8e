//! The content of `_contextvars` for any host: one table of types, methods and functions, with
//! the numbers of their arguments and their documentation.
//!
//! A host creates its types and functions from the table, and routes calls to the bodies. The host
//! itself implements the operations for which Python types have slots: `repr`, `hash`, `==`,
//! `len`, `in`, subscription and iteration. Each is one function of a cell.

mod context;
mod token;
mod var;

use contextvars::host::{ContextCell, ContextHost, IterCell, Thread};
use pyobj::{Arity, ExceptionKind, Failure, Handle, Host};
use std::fmt;

/// The result of a body: an object, or the host's exception.
pub type Outcome<H> = Result<<H as Host>::Value, <H as Host>::Error>;

/// The content of a module.
#[non_exhaustive]
pub struct Contextvars<H: ContextHost> {
    /// The module's name, which is also `__module__` of the types.
    pub name: &'static str,
    /// The module's documentation.
    pub doc: &'static str,
    /// The type of contexts.
    pub context: Class<H, H::Context>,
    /// The type of variables.
    pub context_var: Class<H, H::Var>,
    /// The type of tokens.
    pub token: Class<H, H::Token>,
    /// The module's functions.
    pub functions: &'static [Function<H>],
}

impl<H: ContextHost> fmt::Debug for Contextvars<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contextvars")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A type whose instances have handles of type `T`. It cannot be subclassed and has no
/// documentation.
#[non_exhaustive]
pub struct Class<H: ContextHost, T: 'static> {
    /// The name, without that of the module.
    pub name: &'static str,
    /// Creates an instance when the type is called. Checks its arguments itself.
    pub new: Constructor<H>,
    /// Attributes of the type.
    pub constants: &'static [Constant<H>],
    /// Read-only attributes of instances.
    pub getters: &'static [Getter<H, T>],
    /// Methods.
    pub methods: &'static [Method<H, T>],
}

impl<H: ContextHost, T: 'static> fmt::Debug for Class<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Class")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Creates an instance from the positional arguments and the keyword arguments.
pub type Constructor<H> =
    fn(<H as Host>::Vm<'_>, &[<H as Host>::Value], &[(&str, &<H as Host>::Value)]) -> Outcome<H>;

/// An attribute of a type.
#[non_exhaustive]
pub struct Constant<H: ContextHost> {
    /// The name.
    pub name: &'static str,
    /// Returns the value.
    pub get: fn(H::Vm<'_>) -> H::Value,
}

impl<H: ContextHost> fmt::Debug for Constant<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Constant")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A read-only attribute of instances.
#[non_exhaustive]
pub struct Getter<H: ContextHost, T: 'static> {
    /// The name.
    pub name: &'static str,
    /// Whether it is a `PyMemberDef` in CPython. Setting it fails with the text of such a member:
    /// `readonly attribute`.
    pub stored: bool,
    /// Returns the value.
    pub get: fn(H::Vm<'_>, &T) -> H::Value,
}

impl<H: ContextHost, T: 'static> fmt::Debug for Getter<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Getter")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// A method or function: its name, arity, documentation and body.
#[non_exhaustive]
pub struct Row<B> {
    /// The name.
    pub name: &'static str,
    /// The number of arguments.
    pub arity: Arity,
    /// The documentation in the format of a `PyMethodDef`: name and parameters, a line `--`, an
    /// empty line, and the text. Empty if there is none.
    pub doc: &'static str,
    /// The code.
    pub body: B,
}

impl<B> fmt::Debug for Row<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Row")
            .field("name", &self.name)
            .field("arity", &self.arity)
            .finish_non_exhaustive()
    }
}

/// A function of the module. Its slice must hold a number of arguments that the arity allows.
pub type Function<H> =
    Row<fn(<H as Host>::Vm<'_>, &Thread<H>, &[<H as Host>::Value]) -> Outcome<H>>;

/// A method of a type whose instances have handles of type `T`.
pub type Method<H, T> = Row<Body<H, T>>;

/// The code of a method. Exhaustive: a host must call each.
#[expect(
    clippy::type_complexity,
    reason = "the types that a caller passes, in one place"
)]
pub enum Body<H: ContextHost, T: 'static> {
    /// Takes positional arguments; their number is one that the arity allows.
    Positional(fn(H::Vm<'_>, &Thread<H>, &T, &[H::Value]) -> Outcome<H>),
    /// Takes a callable and any arguments for it; `None` if the caller omitted the callable.
    Call(fn(H::Vm<'_>, &Thread<H>, &T, Option<(&H::Value, H::Args<'_>)>) -> Outcome<H>),
    /// Starts an iteration: the host creates an iterator object around the cell.
    Iterate(fn(&T) -> IterCell<H>),
    /// The class method `__class_getitem__`: the host creates a generic alias of the type and
    /// the argument.
    Alias,
}

impl<H: ContextHost, T: 'static> fmt::Debug for Body<H, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Body::Positional(_) => "Positional(..)",
            Body::Call(_) => "Call(..)",
            Body::Iterate(_) => "Iterate(..)",
            Body::Alias => "Alias",
        })
    }
}

impl<B> Row<B> {
    /// Checks the arguments of a call. `owner` is the name of the type, or of the module.
    ///
    /// # Errors
    ///
    /// CPython 3.14's `TypeError` for a wrong number of arguments, or for keyword arguments.
    pub fn check<H: Host>(
        &self,
        vm: H::Vm<'_>,
        owner: &str,
        given: usize,
        has_keywords: bool,
    ) -> Result<(), H::Error> {
        let qualified_name = || format!("{owner}.{}", self.name);
        self.arity
            .check(self.name, qualified_name, given, has_keywords)
            .map_err(|error| H::raise(vm, Failure::text(ExceptionKind::TypeError, error)))
    }
}

/// Returns the content of the module `_contextvars`.
///
/// ```
/// use contextvars::Std;
///
/// const TABLE: module::Contextvars<Std> = module::contextvars();
/// let names = TABLE.context.methods.iter().map(|method| method.name);
/// assert!(names.eq(["run", "get", "copy", "keys", "values", "items"]));
/// ```
pub const fn contextvars<H: ContextHost>() -> Contextvars<H> {
    Contextvars {
        name: "_contextvars",
        doc: "Context Variables",
        context: Contextvars::CONTEXT,
        context_var: Contextvars::CONTEXT_VAR,
        token: Contextvars::TOKEN,
        functions: Contextvars::FUNCTIONS,
    }
}

impl<H: ContextHost> Contextvars<H> {
    const FUNCTIONS: &'static [Function<H>] = &[Row {
        name: "copy_context",
        arity: Arity::None,
        doc: "copy_context($module, /)\n--\n\n",
        body: |vm, thread, _| Ok(ContextCell::copy_current(vm, thread)?.into_value(vm)),
    }];
}

/// The class method `__class_getitem__`.
const fn alias<H: ContextHost, T: 'static>() -> Method<H, T> {
    Row {
        name: "__class_getitem__",
        arity: Arity::One,
        doc: "__class_getitem__($type, object, /)\n--\n\nSee PEP 585",
        body: Body::Alias,
    }
}

/// Allocates an object around a cell.
fn allocate<H: ContextHost, T: Handle<H>>(vm: H::Vm<'_>, cell: T::Payload) -> Outcome<H> {
    let handle = T::allocate(vm, cell).map_err(|refused| refused.error)?;
    Ok(handle.into_value(vm))
}

/// Returns an exception with this text as the error.
fn refuse<H: Host>(vm: H::Vm<'_>, kind: ExceptionKind, text: impl Into<String>) -> Outcome<H> {
    Err(H::raise(vm, Failure::text(kind, text)))
}
