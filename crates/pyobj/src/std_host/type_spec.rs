//! The builder of types.

use super::{GenericAlias, Type, Value};

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
