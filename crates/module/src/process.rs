//! The process's table of the embedded host's modules.

use crate::{DuplicateName, Inittab, ModuleHost, SharedInitialiser, std_module};
use contextvars::Std;
use pyobj::std_host::Result;
use std::sync::{Arc, LazyLock};

/// A table of the embedded host's modules.
pub type StdInittab = Inittab<Std>;

impl ModuleHost for Std {
    type Initialiser = SharedInitialiser<Self>;
}

static TABLE: LazyLock<StdInittab> = LazyLock::new(|| {
    let table = Inittab::new();
    std_module::append_to(&table);
    table
});

/// Adds a module to the process's table, at any time: CPython 3.14's
/// `PyImport_AppendInittab`.
///
/// # Errors
///
/// [`DuplicateName`] if the table has a module of that name.
///
/// # Examples
///
/// ```
/// use contextvars::Value;
/// use module::{Module, append_inittab, import};
///
/// append_inittab("settings", |_| {
///     Ok(Value::object(Module::new("settings").with_attr("colour", "red")))
/// })?;
/// assert_eq!(import("settings")?.get_attr("colour")?.as_str(), Some("red"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn append_inittab(
    name: impl Into<Arc<str>>,
    initialiser: impl Fn(&StdInittab) -> Result + Send + Sync + 'static,
) -> Result<(), DuplicateName> {
    TABLE.append(name, Box::new(move |Std, table| initialiser(table)))
}

/// Imports a module of the process's table: CPython 3.14's
/// `PyImport_ImportModule`. See [`Inittab::import`].
///
/// # Errors
///
/// `ModuleNotFoundError` if the table has no module of that name. `ImportError`
/// if the module's initialiser is waiting for this import. Also fails if the
/// initialiser fails.
pub fn import(name: &str) -> Result {
    Ok(TABLE.import(Std, name)?)
}

/// Returns `true` if the process's table has a module of that name, imported or
/// not: CPython 3.14's `_imp.is_builtin`.
pub fn is_builtin(name: &str) -> bool {
    TABLE.contains(name)
}

/// Returns the names of the modules in the process's table, sorted: CPython
/// 3.14's `sys.builtin_module_names`.
pub fn names() -> Vec<Arc<str>> {
    TABLE.names()
}
