//! Functions and methods written in Rust: the arguments that they take, the methods that are
//! bound to an object, and calls.

use super::attribute::Owner;
use super::{
    Arity, Exception, Namespace, Object, ObjectRef, Result, Shared, Type, Value, attribute,
    compare, nesting, types,
};
use smallvec::SmallVec;

type Body = Box<dyn Fn(&Value, Arguments) -> Result + Send + Sync>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Method,
    ClassMethod,
}

/// A function or method written in Rust, callable by hosted code.
///
/// [`Type::add`] adds a method to a type. Read from an instance the method is
/// bound; read from its type it takes the instance as its first argument.
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

impl Builtin {
    /// Creates a function.
    pub fn function(
        name: &'static str,
        arity: Arity,
        body: impl Fn(Arguments) -> Result + Send + Sync + 'static,
    ) -> Self {
        let body = move |_: &Value, arguments| body(arguments);
        Builtin::new(name, Kind::Function, arity, Box::new(body))
    }

    /// Creates a method of the objects that `body`'s first argument accepts.
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

    /// Creates a class method, which is bound to the type that it is read from.
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

    /// Returns the name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn owned_by(mut self, class: &Type) -> Self {
        if self.kind != Kind::Function {
            self.owner = Some(Owner::of(class));
        }
        self
    }

    /// Returns the name that argument errors print: `Context.keys`,
    /// `_contextvars.copy_context`.
    pub(super) fn qualified_name(&self) -> String {
        match (&self.owner, self.module) {
            (Some(owner), _) => format!("{}.{}", owner.name, self.name),
            (None, Some(module)) => format!("{module}.{}", self.name),
            (None, None) => self.name.to_owned(),
        }
    }

    /// Checks the number of arguments, then calls the function, or the method
    /// on `this`.
    pub(super) fn invoke(&self, this: &Value, arguments: Arguments) -> Result {
        let (given, has_keywords) = (arguments.positional.len(), !arguments.keywords.is_empty());
        self.arity
            .check(self.name, || self.qualified_name(), given, has_keywords)
            .map_err(Exception::type_error)?;
        (self.body)(this, arguments)
    }

    /// Binds a method that was found on `this` or on the type of `this`.
    pub(super) fn bind(function: Shared<Self>, this: &Value) -> Value {
        match function.kind {
            Kind::Function => Value::from(function),
            Kind::Method | Kind::ClassMethod => Value::object(BoundMethod {
                function,
                this: this.clone(),
            }),
        }
    }

    pub(super) fn is_class_method(&self) -> bool {
        self.kind == Kind::ClassMethod
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

impl From<Builtin> for Value {
    fn from(function: Builtin) -> Value {
        Value::object(function)
    }
}

/// The type of a method's first argument: a [`Value`], a [`Type`], or a
/// [`Shared`] of a Rust type that is an [`Object`].
pub trait Receiver: Sized {
    /// Returns `value` as this type if it is one.
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

impl<T: Object> Receiver for Shared<T> {
    fn from_value(value: &Value) -> Option<Self> {
        value.downcast()
    }
}

/// A method together with the object that it was found on.
pub(super) struct BoundMethod {
    pub(super) function: Shared<Builtin>,
    pub(super) this: Value,
}

impl Object for BoundMethod {
    fn class(&self) -> &Type {
        &types::BUILTIN
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        Ok(format!(
            "<built-in method {} of {} object at {:#x}>",
            self.function.name(),
            self.this.class().full_name(),
            self.this.address()
        ))
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        let function = self.function.address();
        Ok(compare::hash_address(self.this.address()) ^ compare::hash_address(function))
    }

    fn eq(&self, _this: &ObjectRef, other: &Value) -> Result {
        Ok(match other.downcast_ref::<BoundMethod>() {
            Some(other) => {
                Value::Bool(self.this.is(&other.this) && self.function.ptr_eq(&other.function))
            }
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

/// The arguments of a call.
///
/// # Examples
///
/// ```
/// use pyobj::std_host::Arguments;
///
/// let arguments = Arguments::from([1, 2]).keyword("default", "x");
/// assert_eq!(arguments.positional.len(), 2);
/// assert!(!arguments.positional.spilled());
/// assert!(arguments.keywords.get("default").is_some());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Arguments {
    /// The positional arguments; two need no allocation
    pub positional: SmallVec<[Value; 2]>,
    /// The keyword arguments, in the order of the call
    pub keywords: Namespace,
}

impl Arguments {
    /// Creates the arguments of a call that has none.
    pub fn new() -> Self {
        Arguments::default()
    }

    /// Adds a positional argument.
    pub fn arg(mut self, value: impl Into<Value>) -> Self {
        self.positional.push(value.into());
        self
    }

    /// Adds a keyword argument. Replaces an earlier one of the same name.
    pub fn keyword(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.keywords.insert(name, value.into());
        self
    }

    /// Returns the `N` positional arguments of a function whose
    /// [`Arity`](super::Arity) admits no other number.
    ///
    /// # Errors
    ///
    /// `TypeError` where their number differs.
    pub fn exactly<const N: usize>(self) -> Result<[Value; N]> {
        let given = self.positional.len();
        let wrong = || Exception::type_error(format!("expected {N} arguments, got {given}"));
        let values = self.at_most().map_err(|_| wrong())?;
        if given < N {
            return Err(wrong());
        }
        Ok(values.map(|value| value.expect("as many as were given")))
    }

    /// Returns up to `N` positional arguments of a function with optional ones.
    ///
    /// # Errors
    ///
    /// `TypeError` where there are more.
    pub fn at_most<const N: usize>(self) -> Result<[Option<Value>; N]> {
        let given = self.positional.len();
        let mut values = self.positional.into_iter();
        let taken = std::array::from_fn(|_| values.next());
        match values.next() {
            None => Ok(taken),
            Some(_) => Err(Exception::type_error(format!(
                "expected at most {N} arguments, got {given}"
            ))),
        }
    }
}

impl From<()> for Arguments {
    fn from((): ()) -> Self {
        Arguments::new()
    }
}

impl<V: Into<Value>, const N: usize> From<[V; N]> for Arguments {
    fn from(values: [V; N]) -> Self {
        Arguments::from_iter(values)
    }
}

impl From<Vec<Value>> for Arguments {
    fn from(positional: Vec<Value>) -> Self {
        Arguments {
            positional: positional.into(),
            keywords: Namespace::new(),
        }
    }
}

impl<V: Into<Value>> FromIterator<V> for Arguments {
    fn from_iter<I: IntoIterator<Item = V>>(values: I) -> Self {
        Arguments {
            positional: values.into_iter().map(Into::into).collect(),
            keywords: Namespace::new(),
        }
    }
}

impl Value {
    /// Calls the value.
    ///
    /// # Errors
    ///
    /// Whatever the call raises; `TypeError` where the value is not callable;
    /// `RecursionError` where calls are nested too deeply.
    pub fn call(&self, arguments: impl Into<Arguments>) -> Result {
        let _level = nesting::enter("")?;
        match self {
            Value::Type(class) => class.instantiate(arguments.into()),
            Value::Object(object) => object.call(object, arguments.into()),
            _ => Err(self.class().refuses("is not callable")),
        }
    }

    /// Calls a method of the value.
    ///
    /// # Errors
    ///
    /// Whatever finding and calling the method raises.
    pub fn call_method(&self, name: &str, arguments: impl Into<Arguments>) -> Result {
        self.get_attr(name)?.call(arguments)
    }
}
