//! Functions and methods written in Rust.

use super::class::WeakType;
use super::{Arguments, Exception, Object, ObjectRef, Result, Type, Value, attribute, hash, types};
use std::sync::Arc;

/// How many arguments a [`Builtin`] takes: CPython's calling conventions, each
/// with its own errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// None (`METH_NOARGS`).
    None,
    /// Exactly one (`METH_O`).
    One,
    /// From `min` to `max`, by position only (`METH_FASTCALL`, unpacked as
    /// Argument Clinic does).
    Positional {
        /// The least number
        min: usize,
        /// The greatest number
        max: usize,
    },
    /// Any, by position and by keyword; the function checks them itself.
    Variadic,
}

/// What a method's first argument can be taken as: a [`Value`], a [`Type`], or
/// an `Arc` of a Rust type that is an [`Object`].
pub trait Receiver: Sized {
    /// Gives the receiver where `value` is one.
    fn from_value(value: &Value) -> Option<Self>;
}

impl Receiver for Value {
    fn from_value(value: &Value) -> Option<Self> {
        Some(value.clone())
    }
}

impl Receiver for Type {
    fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Type(class) => Some(class.clone()),
            _ => None,
        }
    }
}

impl<T: Object> Receiver for Arc<T> {
    fn from_value(value: &Value) -> Option<Self> {
        value.downcast()
    }
}

type Body = Box<dyn Fn(&Value, Arguments) -> Result + Send + Sync>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Method,
    ClassMethod,
}

/// A function or method written in Rust, callable by hosted code.
///
/// A method becomes one by [`Type::add`]; found on an instance it is bound, and
/// found on its type it takes the instance as its first argument.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::{Arity, Builtin, Value};
///
/// let double = Value::from(Builtin::function("double", Arity::One, |arguments| {
///     let [number] = arguments.exactly()?;
///     Ok(Value::from(number.as_int().unwrap_or(0) * 2))
/// }));
/// assert_eq!(double.call([21])?.as_int(), Some(42));
/// assert_eq!(
///     double.call(()).unwrap_err().to_string(),
///     "TypeError: double() takes exactly one argument (0 given)",
/// );
/// # Ok::<(), pyobj::std_host::Exception>(())
/// ```
pub struct Builtin {
    name: &'static str,
    kind: Kind,
    arity: Arity,
    module: Option<&'static str>,
    owner: Option<Owner>,
    doc: Option<&'static str>,
    signature: Option<&'static str>,
    body: Body,
}

/// The type that a method belongs to: what its errors say of it, and the type
/// itself, which the method must not keep alive.
pub(super) struct Owner {
    pub(super) class: WeakType,
    pub(super) name: String,
    pub(super) full_name: String,
}

impl Owner {
    pub(super) fn of(class: &Type) -> Self {
        Owner {
            class: class.downgrade(),
            name: class.name().to_owned(),
            full_name: class.full_name().to_owned(),
        }
    }

    /// Makes the error for a descriptor that meets a foreign object.
    pub(super) fn refuses(&self, name: &str, this: &Value) -> Exception {
        Exception::type_error(format!(
            "descriptor '{name}' for '{}' objects doesn't apply to a '{}' object",
            self.full_name,
            this.class().full_name()
        ))
    }
}

impl Builtin {
    /// Makes a function.
    pub fn function(
        name: &'static str,
        arity: Arity,
        body: impl Fn(Arguments) -> Result + Send + Sync + 'static,
    ) -> Self {
        let body = move |_: &Value, arguments| body(arguments);
        Builtin::new(name, Kind::Function, arity, Box::new(body))
    }

    /// Makes a method; the type of `body`'s first argument says on what.
    pub fn method<R: Receiver>(
        name: &'static str,
        arity: Arity,
        body: impl Fn(R, Arguments) -> Result + Send + Sync + 'static,
    ) -> Self {
        let body = move |this: &Value, arguments| match R::from_value(this) {
            Some(receiver) => body(receiver, arguments),
            None => Err(Exception::type_error(format!(
                "descriptor '{name}' doesn't apply to a '{}' object",
                this.class().full_name()
            ))),
        };
        Builtin::new(name, Kind::Method, arity, Box::new(body))
    }

    /// Makes a class method, which is bound to the type it is found on.
    pub fn class_method(
        name: &'static str,
        arity: Arity,
        body: impl Fn(Type, Arguments) -> Result + Send + Sync + 'static,
    ) -> Self {
        Builtin {
            kind: Kind::ClassMethod,
            ..Builtin::method(name, arity, body)
        }
    }

    fn new(name: &'static str, kind: Kind, arity: Arity, body: Body) -> Self {
        Builtin {
            name,
            kind,
            arity,
            module: None,
            owner: None,
            doc: None,
            signature: None,
            body,
        }
    }

    /// Sets the module that a function's errors name.
    pub fn in_module(mut self, module: &'static str) -> Self {
        self.module = Some(module);
        self
    }

    /// Sets the documentation, `__doc__`.
    pub fn doc(mut self, doc: &'static str) -> Self {
        self.doc = Some(doc);
        self
    }

    /// Sets the signature, `__text_signature__`, as in `($self, value, /)`.
    pub fn signature(mut self, signature: &'static str) -> Self {
        self.signature = Some(signature);
        self
    }

    /// Gives the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn owned_by(mut self, class: &Type) -> Self {
        if self.kind != Kind::Function {
            self.owner = Some(Owner::of(class));
        }
        self
    }

    /// Gives the name that argument errors print: `Context.keys`,
    /// `_contextvars.copy_context`.
    fn qualified_name(&self) -> String {
        match (&self.owner, self.module) {
            (Some(owner), _) => format!("{}.{}", owner.name, self.name),
            (None, Some(module)) => format!("{module}.{}", self.name),
            (None, None) => self.name.to_owned(),
        }
    }

    /// Calls the function, or the method on `this`, once the arguments have
    /// the right number.
    fn invoke(&self, this: &Value, arguments: Arguments) -> Result {
        self.arity.check(self, &arguments)?;
        (self.body)(this, arguments)
    }

    /// Binds a method found on `this` or on the type of `this`.
    pub(super) fn bind(self: Arc<Self>, this: &Value) -> Value {
        match self.kind {
            Kind::Function => Value::from(self),
            Kind::Method | Kind::ClassMethod => Value::object(BoundMethod {
                function: self,
                this: this.clone(),
            }),
        }
    }

    pub(super) fn is_class_method(&self) -> bool {
        self.kind == Kind::ClassMethod
    }
}

impl Arity {
    /// Raises what CPython raises for a wrong number of arguments.
    fn check(self, function: &Builtin, arguments: &Arguments) -> Result<()> {
        let given = arguments.positional.len();
        let refuse = |what: String| Err(Exception::type_error(what));
        if self != Arity::Variadic && !arguments.keywords.is_empty() {
            return refuse(format!(
                "{}() takes no keyword arguments",
                function.qualified_name()
            ));
        }
        match self {
            Arity::None if given != 0 => refuse(format!(
                "{}() takes no arguments ({given} given)",
                function.qualified_name()
            )),
            Arity::One if given != 1 => refuse(format!(
                "{}() takes exactly one argument ({given} given)",
                function.qualified_name()
            )),
            Arity::Positional { min, max } if !(min..=max).contains(&given) => {
                let (bound, number) = if min == max {
                    ("", min)
                } else if given < min {
                    ("at least ", min)
                } else {
                    ("at most ", max)
                };
                let plural = if number == 1 { "" } else { "s" };
                refuse(format!(
                    "{} expected {bound}{number} argument{plural}, got {given}",
                    function.name
                ))
            }
            _ => Ok(()),
        }
    }
}

impl Object for Builtin {
    fn class(&self) -> &Type {
        match self.kind {
            Kind::Function => &types::BUILTIN,
            Kind::Method => &types::METHOD_DESCRIPTOR,
            Kind::ClassMethod => &types::CLASS_METHOD_DESCRIPTOR,
        }
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        Ok(match &self.owner {
            Some(owner) => format!("<method '{}' of '{}' objects>", self.name, owner.full_name),
            None => format!("<built-in function {}>", self.name),
        })
    }

    fn get_attr(&self, this: &ObjectRef, name: &str) -> Result {
        Ok(match name {
            "__name__" => self.name.into(),
            "__qualname__" if self.owner.is_some() => self.qualified_name().into(),
            "__qualname__" => self.name.into(),
            "__module__" if self.owner.is_none() => self.module.map_or(Value::None, Value::from),
            "__doc__" => self.doc.map_or(Value::None, Value::from),
            "__text_signature__" => self.signature.map_or(Value::None, Value::from),
            "__objclass__" => match &self.owner {
                Some(owner) => owner.class.upgrade().map_or(Value::None, Value::from),
                None => return attribute::generic_get(&Value::Object(this.clone()), name),
            },
            _ => return attribute::generic_get(&Value::Object(this.clone()), name),
        })
    }

    fn call(&self, _this: &ObjectRef, mut arguments: Arguments) -> Result {
        let Some(owner) = &self.owner else {
            return self.invoke(&Value::None, arguments);
        };
        if arguments.positional.is_empty() {
            return Err(Exception::type_error(format!(
                "unbound method {}() needs an argument",
                self.qualified_name()
            )));
        }
        let this = arguments.positional.remove(0);
        if owner
            .class
            .upgrade()
            .is_none_or(|class| !this.is_instance(&class))
        {
            return Err(owner.refuses(self.name, &this));
        }
        self.invoke(&this, arguments)
    }
}

/// A method together with the object that it was found on.
struct BoundMethod {
    function: Arc<Builtin>,
    this: Value,
}

impl Object for BoundMethod {
    fn class(&self) -> &Type {
        &types::BUILTIN
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        Ok(format!(
            "<built-in method {} of {} object at {:#x}>",
            self.function.name,
            self.this.class().full_name(),
            self.this.address()
        ))
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        let function = Arc::as_ptr(&self.function).addr();
        Ok(hash::of_address(self.this.address()) ^ hash::of_address(function))
    }

    fn eq(&self, _this: &ObjectRef, other: &Value) -> Result {
        Ok(match other.downcast_ref::<BoundMethod>() {
            Some(other) => Value::Bool(
                self.this.is(&other.this) && Arc::ptr_eq(&self.function, &other.function),
            ),
            None => Value::NotImplemented,
        })
    }

    fn get_attr(&self, this: &ObjectRef, name: &str) -> Result {
        match name {
            "__self__" => Ok(self.this.clone()),
            "__objclass__" => attribute::generic_get(&Value::Object(this.clone()), name),
            _ => Value::from(self.function.clone()).get_attr(name),
        }
    }

    fn call(&self, _this: &ObjectRef, arguments: Arguments) -> Result {
        self.function.invoke(&self.this, arguments)
    }
}

impl From<Builtin> for Value {
    fn from(function: Builtin) -> Value {
        Value::object(function)
    }
}
