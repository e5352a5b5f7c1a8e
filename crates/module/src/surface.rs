//! The content of `_contextvars` for any host: one table of types, methods, functions, the
//! numbers of their arguments and their documentation.
//!
//! A host makes types and functions of it and says how its calls reach the bodies. What stays
//! with the host is what its type machinery has slots for: `repr`, `hash`, `==`, `len`, `in`,
//! subscription and iteration, each of which is one function of a cell.

mod bodies;

use bodies::{context, token, var};
use contextvars::host::{ContextHost, IterCell, IterKind, Thread};
use pyobj::{Arity, DirectHandle, ExceptionKind, Failure, Host};

/// What a body returns: an object, or the host's exception.
pub type Outcome<H> = Result<<H as Host>::Value, <H as Host>::Error>;

/// The content of a module.
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

/// A type whose instances have handles of type `T`. It has no subclasses and no documentation.
pub struct Class<H: ContextHost, T: 'static> {
    /// The name, without the module's.
    pub name: &'static str,
    /// Makes an instance when the type is called. Checks its arguments itself.
    pub new: Constructor<H>,
    /// Attributes of the type.
    pub constants: &'static [Constant<H>],
    /// Attributes of instances, which cannot be set.
    pub getters: &'static [Getter<H, T>],
    /// Methods.
    pub methods: &'static [Method<H, T>],
}

/// Makes an instance of the positional arguments and the keyword arguments.
pub type Constructor<H> =
    fn(<H as Host>::Vm<'_>, &[<H as Host>::Value], &[(&str, &<H as Host>::Value)]) -> Outcome<H>;

/// An attribute of a type.
pub struct Constant<H: ContextHost> {
    /// The name.
    pub name: &'static str,
    /// Returns the value.
    pub get: fn(H::Vm<'_>) -> H::Value,
}

/// An attribute of instances that cannot be set.
pub struct Getter<H: ContextHost, T: 'static> {
    /// The name.
    pub name: &'static str,
    /// Whether it is a `PyMemberDef` in CPython, and refuses as one: `readonly attribute`.
    pub stored: bool,
    /// Reads the attribute.
    pub get: fn(H::Vm<'_>, &T) -> H::Value,
}

/// A method or function: how it is called, what its documentation says, and what it does.
pub struct Row<B> {
    /// The name.
    pub name: &'static str,
    /// How many arguments it takes.
    pub arity: Arity,
    /// The parameters as `__text_signature__` has them: `($self, value, /)`.
    pub signature: Option<&'static str>,
    /// The documentation, without the signature.
    pub doc: Option<&'static str>,
    /// What it does.
    pub body: B,
}

/// A function of the module. The slice holds as many arguments as the arity allows.
pub type Function<H> =
    Row<fn(<H as Host>::Vm<'_>, &Thread<H>, &[<H as Host>::Value]) -> Outcome<H>>;

/// A method of a type whose instances have handles of type `T`.
pub type Method<H, T> = Row<Body<H, T>>;

/// What a method does.
#[expect(
    clippy::type_complexity,
    reason = "what a caller has to pass, at one place"
)]
pub enum Body<H: ContextHost, T: 'static> {
    /// Takes positional arguments, as many as the arity allows.
    Positional(fn(H::Vm<'_>, &Thread<H>, &T, &[H::Value]) -> Outcome<H>),
    /// Takes a callable, which the caller may have omitted, and any arguments for it.
    Call(fn(H::Vm<'_>, &Thread<H>, &T, Option<(&H::Value, H::Args<'_>)>) -> Outcome<H>),
    /// Starts an iteration: the host makes an iterator object around the cell.
    Iterate(fn(&T) -> IterCell<H>),
    /// The class method `__class_getitem__`: the host makes its generic alias of the type and
    /// the argument.
    Alias,
}

impl<B> Row<B> {
    const fn new(name: &'static str, arity: Arity, body: B) -> Self {
        Row {
            name,
            arity,
            signature: None,
            doc: None,
            body,
        }
    }

    const fn about(mut self, signature: &'static str, doc: &'static str) -> Self {
        self.signature = Some(signature);
        self.doc = Some(doc);
        self
    }

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
            .map_err(|text| H::raise(vm, Failure::text(ExceptionKind::TypeError, text)))
    }

    /// Returns signature and documentation as one text, as CPython's `PyMethodDef` and
    /// interpreters that follow it take them; `None` if there is neither.
    pub fn internal_doc(&self) -> Option<String> {
        let doc = self.doc.unwrap_or_default();
        match self.signature {
            Some(signature) => Some(format!("{}{signature}\n--\n\n{doc}", self.name)),
            None => self.doc.map(str::to_owned),
        }
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
        context: Class {
            name: "Context",
            new: context::new,
            constants: &[],
            getters: &[],
            methods: Table::<H>::CONTEXT,
        },
        context_var: Class {
            name: "ContextVar",
            new: var::new,
            constants: &[],
            getters: Table::<H>::VAR_GETTERS,
            methods: Table::<H>::VAR,
        },
        token: Class {
            name: "Token",
            new: token::new,
            constants: Table::<H>::TOKEN_CONSTANTS,
            getters: Table::<H>::TOKEN_GETTERS,
            methods: Table::<H>::TOKEN,
        },
        functions: Table::<H>::FUNCTIONS,
    }
}

/// The slices, which have to be constants to be `'static`.
struct Table<H>(H);

impl<H: ContextHost> Table<H> {
    const CONTEXT: &'static [Method<H, H::Context>] = &[
        Row::new("run", Arity::Variadic, Body::Call(context::run)),
        Row::new(
            "get",
            Arity::Positional { min: 1, max: 2 },
            Body::Positional(context::get),
        )
        .about(
            "($self, key, default=None, /)",
            "Return what the context binds the variable to, else the default.\n\n\
             The variable's own default plays no part.",
        ),
        Row::new("copy", Arity::None, Body::Positional(context::copy)).about(
            "($self, /)",
            "Return another context with the same bindings, in constant time.",
        ),
        Self::iterator(
            "keys",
            |this| IterCell::new(IterKind::Keys, this.payload()),
            "Iterate over the variables that the context binds.",
        ),
        Self::iterator(
            "values",
            |this| IterCell::new(IterKind::Values, this.payload()),
            "Iterate over what the context binds variables to.",
        ),
        Self::iterator(
            "items",
            |this| IterCell::new(IterKind::Items, this.payload()),
            "Iterate over pairs of variables and what they are bound to.",
        ),
    ];

    const VAR: &'static [Method<H, H::Var>] = &[
        // As in CPython: the default cannot be written, so `inspect.signature` refuses the
        // method.
        Row::new(
            "get",
            Arity::Positional { min: 0, max: 1 },
            Body::Positional(var::get),
        )
        .about(
            "($self, default=<unrepresentable>, /)",
            "Return the value in the current context.\n\n\
             Where the variable has none there, return the given default, else the\n\
             variable's own, else raise LookupError.",
        ),
        Row::new("set", Arity::One, Body::Positional(var::set)).about(
            "($self, value, /)",
            "Set the value in the current context.\n\n\
             Return a token that reset() takes to restore what was there.",
        ),
        Row::new("reset", Arity::One, Body::Positional(var::reset)).about(
            "($self, token, /)",
            "Restore what the variable was before the set() that gave the token.",
        ),
        Self::alias(),
    ];

    const TOKEN: &'static [Method<H, H::Token>] = &[
        Row::new("__enter__", Arity::None, Body::Positional(token::enter))
            .about("($self, /)", "Return the token."),
        Row::new(
            "__exit__",
            Arity::Positional { min: 3, max: 3 },
            Body::Positional(token::exit),
        )
        .about("($self, type, val, tb, /)", "Reset the variable."),
        Self::alias(),
    ];

    const VAR_GETTERS: &'static [Getter<H, H::Var>] = &[Getter {
        name: "name",
        stored: true,
        get: var::name,
    }];

    const TOKEN_GETTERS: &'static [Getter<H, H::Token>] = &[
        Getter {
            name: "var",
            stored: false,
            get: token::var,
        },
        Getter {
            name: "old_value",
            stored: false,
            get: token::old_value,
        },
    ];

    const TOKEN_CONSTANTS: &'static [Constant<H>] = &[Constant {
        name: "MISSING",
        get: H::missing,
    }];

    const FUNCTIONS: &'static [Function<H>] = &[Row {
        name: "copy_context",
        arity: Arity::None,
        signature: Some("($module, /)"),
        doc: None,
        body: context::copy_current,
    }];

    const fn iterator(
        name: &'static str,
        body: fn(&H::Context) -> IterCell<H>,
        doc: &'static str,
    ) -> Method<H, H::Context> {
        Row::new(name, Arity::None, Body::Iterate(body)).about("($self, /)", doc)
    }

    const fn alias<T: 'static>() -> Method<H, T> {
        Row::new("__class_getitem__", Arity::One, Body::Alias)
            .about("($type, object, /)", "See PEP 585")
    }
}
