//! The errors of an inittab.

use pyobj::{ExceptionKind, Failure, Host};
use std::sync::Arc;
use thiserror::Error;

/// A module was appended under a name that the table already has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a built-in module named '{name}' is known already; append this one under another name")]
#[non_exhaustive]
pub struct DuplicateName {
    /// The name
    pub name: Arc<str>,
}

/// Why an import failed.
///
/// [`raise`](Self::raise) creates the host's exception from it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ImportError<E> {
    /// There is no such module.
    #[error(
        "No module named '{name}'; the inittab has {}; append the missing module to it",
        quoted(known)
    )]
    Unknown {
        /// The imported name
        name: Arc<str>,
        /// The names in the table
        known: Vec<Arc<str>>,
    },

    /// The module's initialiser is waiting for this import.
    #[error(
        "cannot import module while it is being initialised: {}; import it later, in the function that needs it",
        path.join(" imports ")
    )]
    Circular {
        /// The circle: each module's initialiser imports the next module. The
        /// last module is the first one again
        path: Vec<Arc<str>>,
    },

    /// The module's initialiser failed. The next import runs it again.
    #[error("the initialiser of module '{name}' failed")]
    Failed {
        /// The module
        name: Arc<str>,
        /// The initialiser's error
        #[source]
        error: E,
    },
}

fn quoted(names: &[Arc<str>]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("'{name}'")).collect();
    match &*names {
        [] => "no modules".to_owned(),
        names => names.join(", "),
    }
}

impl<E> ImportError<E> {
    /// Creates the host's exception: `ModuleNotFoundError`, `ImportError`, or the
    /// initialiser's own error.
    pub fn raise<H: Host<Error = E>>(self, vm: H::Vm<'_>) -> E {
        let text = self.to_string();
        let kind = match self {
            ImportError::Unknown { .. } => ExceptionKind::ModuleNotFoundError,
            ImportError::Circular { .. } => ExceptionKind::ImportError,
            ImportError::Failed { error, .. } => return error,
        };
        H::raise(vm, Failure::text(kind, text))
    }
}

#[cfg(feature = "std-host")]
impl From<ImportError<pyobj::std_host::Exception>> for pyobj::std_host::Exception {
    fn from(error: ImportError<Self>) -> Self {
        error.raise::<pyobj::std_host::Std>(pyobj::std_host::Std)
    }
}
