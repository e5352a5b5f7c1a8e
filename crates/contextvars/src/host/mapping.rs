//! The mapping protocol of a context.

use crate::host::{ContextCell, ContextHost, Error, Leaf, VarCell};
use pyobj::Handle;

impl<H: ContextHost> ContextCell<H> {
    /// Returns the number of bindings. O(1).
    pub fn len(&self) -> usize {
        self.state().len()
    }

    /// Returns `true` if nothing is bound. O(1).
    pub fn is_empty(&self) -> bool {
        self.state().is_empty()
    }

    /// Returns the context's binding of `var`, if there is one. The variable's
    /// default is not used. O(log n).
    pub fn find(&self, var: &H::Var) -> Option<Leaf<H>> {
        self.state().find(var.with_payload(VarCell::key))
    }

    /// Returns a clone of the value that the context binds `var` to, if it binds
    /// `var`. O(log n).
    #[inline]
    pub fn value(&self, vm: H::Vm<'_>, var: &H::Var) -> Option<H::Value> {
        let clone = |value: &H::Value| H::clone_value(vm, value);
        self.state().value(var.with_payload(VarCell::key), clone)
    }

    /// Returns `context[key]`: CPython 3.14's `context_tp_subscript`. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::KeyExpected`] if `key` is not a variable, [`Error::NotBound`]
    /// if the context does not bind it.
    pub fn get_item(&self, vm: H::Vm<'_>, key: &H::Value) -> Result<H::Value, Error<H>> {
        let var = variable(vm, key)?;
        self.value(vm, &var).ok_or(Error::NotBound(var))
    }

    /// Returns `context.get(key, default)`: CPython 3.14's `context_get` method.
    /// Returns `None` if the context does not bind the variable; the caller
    /// supplies the default. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::KeyExpected`] if `key` is not a variable.
    pub fn get(&self, vm: H::Vm<'_>, key: &H::Value) -> Result<Option<H::Value>, Error<H>> {
        let var = variable(vm, key)?;
        Ok(self.value(vm, &var))
    }

    /// Returns `key in context`: CPython 3.14's `context_tp_contains`. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::KeyExpected`] if `key` is not a variable.
    pub fn contains(&self, vm: H::Vm<'_>, key: &H::Value) -> Result<bool, Error<H>> {
        let var = variable(vm, key)?;
        Ok(self.find(&var).is_some())
    }

    /// Returns `true` if both contexts bind the same variables to equal values:
    /// CPython 3.14's `context_tp_richcompare`. Identical values are equal;
    /// others are compared by the host's `left == right`. O(n log n); O(1) for a
    /// context and its fresh copy.
    ///
    /// `==` may change either context; the comparison uses the bindings at its
    /// beginning.
    ///
    /// # Errors
    ///
    /// Fails if `==` fails.
    pub fn eq(&self, vm: H::Vm<'_>, other: &Self) -> Result<bool, H::Error> {
        let (left, right) = (self.snapshot(), other.snapshot());
        left.eq_by(
            &right,
            |a, b| Ok(a.key() == b.key()),
            |a, b| Ok(H::is(a, b) || H::eq(vm, a, b)?),
        )
    }
}

/// Returns a key of the mapping protocol as a variable.
fn variable<H: ContextHost>(vm: H::Vm<'_>, key: &H::Value) -> Result<H::Var, Error<H>> {
    H::Var::from_value(vm, key).ok_or_else(|| Error::KeyExpected(H::clone_value(vm, key)))
}
