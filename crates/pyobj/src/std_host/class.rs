//! Types, their builder, and types that are subscripted: `list[int]`.

use super::{
    Arguments, Arity, Builtin, Exception, Getter, Namespace, Object, ObjectRef, Result, Tuple,
    Value, types,
};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, Weak};

type Constructor = Box<dyn Fn(&Type, Arguments) -> Result + Send + Sync>;

/// A type of the embedded host: a counted handle, equal by identity.
///
/// Hosted code cannot change a type; Rust code gives it attributes by
/// [`define`](Type::define), [`add`](Type::add) and
/// [`add_getter`](Type::add_getter).
///
/// # Examples
///
/// ```
/// use pyobj::std_host::Type;
///
/// let class = Type::new("_contextvars.Context").weakly_referenceable().build();
/// assert_eq!(class.name(), "Context");
/// assert_eq!(class.module(), "_contextvars");
/// assert_eq!(
///     class.subclass("Mine").unwrap_err().to_string(),
///     "TypeError: type '_contextvars.Context' is not an acceptable base type",
/// );
/// ```
#[derive(Clone)]
pub struct Type(Arc<Definition>);

struct Definition {
    spec: TypeSpec,
    attributes: RwLock<Namespace>,
    constructor: OnceLock<Constructor>,
}

impl Type {
    /// Returns a builder of a type. By default hosted code can neither derive
    /// from the type nor reference its instances weakly.
    ///
    /// `full_name` is CPython's `tp_name`: module and name, as in
    /// `_contextvars.Context`; without a dot the module is `builtins`.
    #[expect(clippy::new_ret_no_self, reason = "a type is made by its spec")]
    pub fn new(full_name: impl Into<String>) -> TypeSpec {
        TypeSpec::new(full_name.into())
    }

    pub(super) fn from_spec(spec: TypeSpec) -> Type {
        Type(Arc::new(Definition {
            spec,
            attributes: RwLock::default(),
            constructor: OnceLock::new(),
        }))
    }

    /// Returns the name as errors about instances print it: `int`,
    /// `_contextvars.Context`.
    pub fn full_name(&self) -> &str {
        &self.0.spec.full_name
    }

    /// Returns `__name__`, which is also `__qualname__`.
    pub fn name(&self) -> &str {
        match self.full_name().rsplit_once('.') {
            Some((_, name)) => name,
            None => self.full_name(),
        }
    }

    /// Returns `__module__`.
    pub fn module(&self) -> &str {
        match self.full_name().rsplit_once('.') {
            Some((module, _)) => module,
            None => "builtins",
        }
    }

    /// Returns `__doc__`.
    pub fn doc(&self) -> Option<&str> {
        self.0.spec.doc.as_deref()
    }

    /// Returns the type that this one derives from; only `object` has none.
    pub fn base(&self) -> Option<&Type> {
        match &self.0.spec.base {
            Some(base) => Some(base),
            None if *self == *types::OBJECT => None,
            None => Some(&types::OBJECT),
        }
    }

    /// Returns `true` if this type is `class` or derives from it.
    pub fn derives_from(&self, class: &Type) -> bool {
        self.lineage().any(|ancestor| ancestor == class)
    }

    /// Returns `true` if instances can be referenced weakly.
    pub fn is_weakly_referenceable(&self) -> bool {
        self.0.spec.weakly_referenceable
    }

    /// Creates a type that derives from this one, as a `class` statement does.
    ///
    /// # Errors
    ///
    /// `TypeError` where the type may not be derived from.
    pub fn subclass(&self, full_name: impl Into<String>) -> Result<Type> {
        if !self.0.spec.subclassable {
            return Err(Exception::type_error(format!(
                "type '{}' is not an acceptable base type",
                self.full_name()
            )));
        }
        Ok(Type::new(full_name)
            .base(self)
            .subclassable()
            .weakly_referenceable()
            .build())
    }

    /// Sets an attribute of the type and returns the value that it replaces.
    pub fn define(&self, name: impl Into<Arc<str>>, value: impl Into<Value>) -> Option<Value> {
        let value = value.into();
        let mut attributes = self
            .0
            .attributes
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        attributes.insert(name, value)
    }

    /// Adds a method, a class method or a plain function under its own name.
    pub fn add(&self, function: Builtin) -> &Self {
        let function = function.owned_by(self);
        self.define(function.name().to_owned(), function);
        self
    }

    /// Adds a computed attribute under its own name.
    pub fn add_getter(&self, getter: Getter) -> &Self {
        let getter = getter.owned_by(self);
        self.define(getter.name().to_owned(), Value::object(getter));
        self
    }

    /// Sets the function that creates instances when the type is called. Returns `false`,
    /// and changes nothing, if the type has a constructor.
    ///
    /// The first argument of the constructor is the type that was called,
    /// which may be a subclass.
    pub fn set_constructor(
        &self,
        constructor: impl Fn(&Type, Arguments) -> Result + Send + Sync + 'static,
    ) -> bool {
        self.0.constructor.set(Box::new(constructor)).is_ok()
    }

    /// Creates an instance, as a call of the type does.
    ///
    /// # Errors
    ///
    /// Whatever the constructor raises; `TypeError` where there is none.
    pub fn instantiate(&self, arguments: Arguments) -> Result {
        match self.lineage().find_map(|class| class.0.constructor.get()) {
            Some(constructor) => constructor(self, arguments),
            None => Err(Exception::type_error(format!(
                "cannot create '{}' instances",
                self.full_name()
            ))),
        }
    }

    /// Returns an attribute of the type or of one that it derives from.
    pub fn lookup(&self, name: &str) -> Option<Value> {
        self.lineage().find_map(|class| {
            let attributes = class
                .0
                .attributes
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            attributes.get(name).cloned()
        })
    }

    /// Returns the names of the attributes, sorted, as `dir(type)` does.
    pub fn dir(&self) -> Vec<String> {
        let mut names = BTreeSet::new();
        for class in self.lineage() {
            let attributes = class
                .0
                .attributes
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            names.extend(attributes.keys().map(str::to_owned));
        }
        names.into_iter().collect()
    }

    /// Returns the error for an instance that is not hashable.
    pub fn unhashable(&self) -> Exception {
        Exception::type_error(format!("unhashable type: '{}'", self.full_name()))
    }

    /// Returns the `TypeError` that says what an instance cannot do:
    /// `'int' object is not callable`.
    pub(super) fn refuses(&self, what: &str) -> Exception {
        Exception::type_error(format!("'{}' object {what}", self.full_name()))
    }

    /// Returns the error for `del x[key]`. CPython tries `key` as the index of a
    /// sequence last, and that path has another message.
    pub(super) fn refuses_deletion(&self, key: &Value) -> Exception {
        let indexed = self.0.spec.sequence && key.as_int().is_some();
        self.refuses(if indexed {
            "doesn't support item deletion"
        } else {
            "does not support item deletion"
        })
    }

    /// Returns the type and those that it derives from, `object` last.
    pub(super) fn lineage(&self) -> impl Iterator<Item = &Type> {
        std::iter::successors(Some(self), |class| class.base())
    }

    pub(super) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    pub(super) fn downgrade(&self) -> WeakType {
        WeakType(Arc::downgrade(&self.0))
    }
}

/// A weak reference to a type, for its methods, which must not keep it alive.
#[derive(Clone)]
pub(super) struct WeakType(Weak<Definition>);

impl WeakType {
    pub(super) fn upgrade(&self) -> Option<Type> {
        self.0.upgrade().map(Type)
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Type {}

/// Prints as Python prints a type: `<class 'int'>`.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<class '{}'>", self.full_name())
    }
}

impl fmt::Debug for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A builder of a type, from [`Type::new`]; [`build`](TypeSpec::build) creates
/// the type.
pub struct TypeSpec {
    pub(super) full_name: String,
    pub(super) doc: Option<String>,
    pub(super) base: Option<Type>,
    pub(super) subclassable: bool,
    pub(super) weakly_referenceable: bool,
    pub(super) sequence: bool,
    pub(super) generic: bool,
}

impl TypeSpec {
    pub(super) fn new(full_name: String) -> Self {
        TypeSpec {
            full_name,
            doc: None,
            base: None,
            subclassable: false,
            weakly_referenceable: false,
            sequence: false,
            generic: false,
        }
    }

    /// Sets the documentation, `__doc__`.
    pub fn doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = Some(doc.into());
        self
    }

    /// Sets the type that this one derives from, in place of `object`.
    pub fn base(mut self, base: &Type) -> Self {
        self.base = Some(base.clone());
        self
    }

    /// Allows hosted code to derive from the type.
    pub fn subclassable(mut self) -> Self {
        self.subclassable = true;
        self
    }

    /// Allows weak references to instances.
    pub fn weakly_referenceable(mut self) -> Self {
        self.weakly_referenceable = true;
        self
    }

    /// Marks the type as one whose counterpart in CPython fills sequence slots. This
    /// changes the message of one error, that of `del x[1]`.
    pub fn sequence(mut self) -> Self {
        self.sequence = true;
        self
    }

    /// Allows the type to be subscripted: `X[int]` is a
    /// [`GenericAlias`].
    pub fn generic(mut self) -> Self {
        self.generic = true;
        self
    }

    /// Creates the type.
    pub fn build(self) -> Type {
        let generic = self.generic;
        let class = Type::from_spec(self);
        class.define("__doc__", class.doc().map_or(Value::None, Value::from));
        if generic {
            class.add(GenericAlias::class_getitem());
        }
        class
    }
}

/// A subscripted type such as `list[int]`. It has arguments, and otherwise
/// behaves like the type.
pub struct GenericAlias {
    origin: Type,
    arguments: Tuple,
}

impl GenericAlias {
    /// Creates `origin[key]`; a tuple stands for several arguments.
    pub fn new(origin: &Type, key: &Value) -> Self {
        let arguments = match key {
            Value::Tuple(keys) => keys.clone(),
            _ => [key.clone()].into_iter().collect(),
        };
        GenericAlias {
            origin: origin.clone(),
            arguments,
        }
    }

    /// Returns the `__class_getitem__` of a generic type.
    pub(super) fn class_getitem() -> Builtin {
        Builtin::class_method("__class_getitem__", Arity::One, |class, arguments| {
            let [key] = arguments.exactly()?;
            Ok(Value::object(GenericAlias::new(&class, &key)))
        })
        .doc("Return the type subscripted with the types of its items.")
    }
}

impl Object for GenericAlias {
    fn class(&self) -> &Type {
        &types::GENERIC_ALIAS
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        let arguments: Result<Vec<String>> = self.arguments.iter().map(as_argument).collect();
        let arguments = match &*arguments? {
            [] => "()".to_owned(),
            arguments => arguments.join(", "),
        };
        Ok(format!("{}[{arguments}]", self.origin.full_name()))
    }

    fn hash(&self, _this: &ObjectRef) -> Result<i64> {
        let arguments = Value::Tuple(self.arguments.clone()).hash()?;
        Ok(Value::from(&self.origin).hash()? ^ arguments)
    }

    fn eq(&self, _this: &ObjectRef, other: &Value) -> Result {
        let Some(other) = other.downcast_ref::<GenericAlias>() else {
            return Ok(Value::NotImplemented);
        };
        let arguments = Value::Tuple(self.arguments.clone());
        let equal = self.origin == other.origin
            && arguments.equals(&Value::Tuple(other.arguments.clone()))?;
        Ok(Value::Bool(equal))
    }

    fn get_attr(&self, _this: &ObjectRef, name: &str) -> Result {
        match name {
            "__origin__" => Ok(self.origin.clone().into()),
            "__args__" => Ok(self.arguments.clone().into()),
            "__class__" => Ok(self.class().into()),
            _ => Value::from(&self.origin).get_attr(name),
        }
    }

    fn call(&self, _this: &ObjectRef, arguments: Arguments) -> Result {
        self.origin.instantiate(arguments)
    }
}

fn as_argument(argument: &Value) -> Result<String> {
    match argument {
        Value::Type(class) => Ok(class.full_name().to_owned()),
        _ => argument.repr(),
    }
}
