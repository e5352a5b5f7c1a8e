//! The embedded host's iterator objects over contexts.

use crate::host::{IterCell, IterKind};
use pyobj::std_host::{Object, ObjectRef, Result, Std, Type, Value};
use std::sync::LazyLock;

/// An iterator object over a context, as Python code sees it: single-pass. Its
/// length is always that of the snapshot.
///
/// Rust code uses [`Context::iter`](crate::Context::iter).
#[derive(Debug)]
pub struct ContextIter {
    cell: IterCell<Std>,
}

impl ContextIter {
    /// Creates an iterator object around its cell.
    pub fn new(cell: IterCell<Std>) -> Self {
        ContextIter { cell }
    }
}

impl Object for ContextIter {
    fn class(&self) -> &Type {
        static KEYS: LazyLock<Type> = LazyLock::new(|| Type::new("keys").build());
        static VALUES: LazyLock<Type> = LazyLock::new(|| Type::new("values").build());
        static ITEMS: LazyLock<Type> = LazyLock::new(|| Type::new("items").build());
        match self.cell.kind() {
            IterKind::Keys => &KEYS,
            IterKind::Values => &VALUES,
            IterKind::Items => &ITEMS,
        }
    }

    fn truth(&self, _: &ObjectRef) -> Result<bool> {
        Ok(!self.cell.is_empty())
    }

    fn len(&self, _: &ObjectRef) -> Result<usize> {
        Ok(self.cell.len())
    }

    fn length_hint(&self, _: &ObjectRef) -> Result<Option<usize>> {
        Ok(Some(self.cell.len()))
    }

    fn iter(&self, this: &ObjectRef) -> Result {
        Ok(Value::Object(this.clone()))
    }

    fn next(&self, _: &ObjectRef) -> Result<Option<Value>> {
        Ok(self.cell.next().map(|entry| match self.cell.kind() {
            IterKind::Keys => entry.key().var().into(),
            IterKind::Values => Value::clone(entry.value()),
            IterKind::Items => {
                Value::tuple([Value::from(entry.key().var()), Value::clone(entry.value())])
            }
        }))
    }
}
