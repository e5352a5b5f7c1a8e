//! What an inittab refuses.

use contextvars::Exception;
use pyobj::ExceptionKind;
use pyobj::std_host::types;
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
/// Where the embedded host imports, it becomes an [`Exception`]:
/// `ModuleNotFoundError`, `ImportError`, or what the initialiser raised.
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

/// What the initialiser raised is raised on.
impl From<ImportError<Exception>> for Exception {
    fn from(error: ImportError<Exception>) -> Exception {
        let message = error.to_string();
        match error {
            ImportError::Unknown { .. } => {
                Exception::text(&*types::MODULE_NOT_FOUND_ERROR, message)
            }
            ImportError::Circular { .. } => Exception::text(ExceptionKind::ImportError, message),
            ImportError::Failed { error, .. } => error,
        }
    }
}
