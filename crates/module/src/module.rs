//! The embedded host's module objects.

use crate::primitive::Mutex;
use contextvars::{Exception, Value};
use pyobj::ExceptionKind::AttributeError;
use pyobj::std_host::{Namespace, Object, ObjectRef, Result, Type};
use std::fmt;
use std::sync::{Arc, LazyLock};

/// A built-in module: a name and a mutable namespace.
///
/// [`Value::object`] creates the object; [`Value::downcast_ref`] returns the
/// module in an object.
///
/// # Examples
///
/// ```
/// use contextvars::Value;
/// use module::Module;
///
/// let module = Value::object(Module::new("colours").with_attr("red", 0xff0000));
/// assert_eq!(module.repr()?, "<module 'colours' (built-in)>");
/// assert_eq!(module.get_attr("red")?.as_int(), Some(0xff0000));
/// assert_eq!(
///     module.get_attr("blue").unwrap_err().to_string(),
///     "AttributeError: module 'colours' has no attribute 'blue'",
/// );
/// # Ok::<(), contextvars::Exception>(())
/// ```
pub struct Module {
    name: Arc<str>,
    /// Invariant: held for one lookup or one change. A removed value is dropped
    /// after the lock is released.
    names: Mutex<Namespace>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Module {
    /// Creates a module with this name and no documentation.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        let name = name.into();
        let names = [
            ("__name__", Value::Str(Arc::clone(&name))),
            ("__doc__", Value::None),
        ];
        Module {
            name,
            names: Mutex::new(Namespace::from_iter(names)),
        }
    }

    /// Sets the documentation, `__doc__`.
    pub fn doc(self, doc: &str) -> Self {
        self.with_attr("__doc__", doc)
    }

    /// Adds an attribute.
    pub fn with_attr(self, name: &str, value: impl Into<Value>) -> Self {
        self.insert(name, value.into());
        self
    }

    /// Returns the names of the attributes, sorted, as `dir(module)` does.
    pub fn dir(&self) -> Vec<String> {
        let mut names: Vec<_> = self.names.lock().keys().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    /// Returns the type of modules, `module`.
    pub fn class() -> &'static Type {
        static CLASS: LazyLock<Type> =
            LazyLock::new(|| Type::new("module").weakly_referenceable().build());
        &CLASS
    }

    fn insert(&self, name: &str, value: Value) {
        let replaced = self.names.lock().insert(name, value);
        drop(replaced);
    }

    fn find(&self, name: &str) -> Option<Value> {
        self.names.lock().get(name).cloned()
    }

    /// Creates the error for a missing attribute. It contains the current
    /// `__name__`, which may have been changed or deleted.
    fn missing_attribute(&self, attribute: &str) -> Exception {
        let module = match self.find("__name__").as_ref().and_then(Value::as_str) {
            Some(name) => format!("module '{name}'"),
            None => "module".to_owned(),
        };
        Exception::text(
            AttributeError,
            format!("{module} has no attribute '{attribute}'"),
        )
    }
}

impl Object for Module {
    fn class(&self) -> &Type {
        Module::class()
    }

    fn repr(&self, _: &ObjectRef) -> Result<String> {
        let name = Value::Str(Arc::clone(&self.name)).repr()?;
        Ok(format!("<module {name} (built-in)>"))
    }

    fn get_attr(&self, _: &ObjectRef, name: &str) -> Result {
        match (self.find(name), name) {
            (Some(value), _) => Ok(value),
            (None, "__class__") => Ok(Module::class().into()),
            (None, _) => Err(self.missing_attribute(name)),
        }
    }

    fn set_attr(&self, _: &ObjectRef, name: &str, value: Value) -> Result<()> {
        self.insert(name, value);
        Ok(())
    }

    fn del_attr(&self, _: &ObjectRef, name: &str) -> Result<()> {
        let removed = self.names.lock().remove(name);
        match removed {
            Some(_) => Ok(()),
            None => Err(Exception::text(
                AttributeError,
                format!("'module' object has no attribute '{name}'"),
            )),
        }
    }
}
