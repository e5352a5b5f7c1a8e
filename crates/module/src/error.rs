//! What an inittab refuses.

use pyobj::{ExceptionKind, Failure, Host};
use std::sync::Arc;
use thiserror::Error;

/// A module was appended whose name is taken.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a built-in module named '{name}' is known already; append this one under another name")]
pub struct DuplicateName {
    /// The name
    pub name: Arc<str>,
}

/// Why an import failed.
///
/// [`raise`](Self::raise) makes the host's exception of it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ImportError<E> {
    /// There is no such module.
    #[error(
        "No module named '{name}'; the inittab has {}; append to it what is missing",
        quoted(known)
    )]
    Unknown {
        /// The name that was asked for
        name: Arc<str>,
        /// The names that are known
        known: Vec<Arc<str>>,
    },

    /// The module's initialiser waits for this very import.
    #[error(
        "cannot import module while it is being initialised: {}; import it after that, from the function that needs it",
        path.join(" imports ")
    )]
    Circular {
        /// Modules of which each one's initialiser imports the next; the last
        /// is the first again
        path: Vec<Arc<str>>,
    },

    /// The module's initialiser failed. It can be tried again.
    #[error("the initialiser of module '{name}' failed")]
    Failed {
        /// The module
        name: Arc<str>,
        /// What the initialiser failed with
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
    /// Makes the host's exception: `ModuleNotFoundError`, `ImportError`, or what the
    /// initialiser raised.
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
