//! A table of built-in modules.

mod registry;

use crate::{DuplicateName, ImportError};
use registry::{Initialiser, Registry, Step};
use std::sync::Arc;
use threadstate::sync::thread::{self, ThreadId};
use threadstate::sync::{Condvar, Mutex};

/// A table of built-in modules: CPython 3.14's `PyImport_Inittab`.
///
/// A host chooses what a module is, `M`, and what its initialisers raise, `E`.
/// A module is made when it is first imported, by its initialiser; each import
/// returns a clone of that one. All operations may be called from
/// several threads at once, and from within initialisers.
///
/// Initialisers run, and modules and errors are cloned and dropped, while
/// nothing is locked.
///
/// # Examples
///
/// ```
/// use module::Inittab;
///
/// let table = Inittab::<_, std::num::ParseIntError>::new();
/// table.append("answer", |_| "42".parse())?;
/// table.append("twice", |table: &Inittab<_, _>| Ok(2 * table.import("answer").unwrap_or(0)))?;
/// assert_eq!(table.import("twice")?, 84);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Inittab<M, E> {
    /// Invariant: held for a look at the registry or one change of it, never
    /// while anything of a host's runs or is dropped.
    registry: Mutex<Registry<M, E>>,
    /// Notifies waiting importers that an initialiser has ended.
    ended: Condvar,
}

impl<M, E> Inittab<M, E> {
    /// Makes a table that knows no modules.
    pub fn new() -> Self {
        Inittab {
            registry: Mutex::new(Registry::new()),
            ended: Condvar::default(),
        }
    }

    /// Makes a module known, at any time: CPython 3.14's
    /// `PyImport_AppendInittab`.
    ///
    /// The initialiser makes the module when it is first imported, and gets
    /// the table for imports of its own. It runs once; where it fails or
    /// panics, the next import runs it again.
    ///
    /// # Errors
    ///
    /// [`DuplicateName`] where a module of that name is known already, with
    /// nothing changed. (CPython takes it, and goes on importing the first.)
    pub fn append(
        &self,
        name: impl Into<Arc<str>>,
        initialiser: impl Fn(&Self) -> Result<M, E> + Send + Sync + 'static,
    ) -> Result<(), DuplicateName> {
        let name = name.into();
        let initialiser: Initialiser<M, E> = Arc::new(initialiser);
        let appended = {
            // Counted up, so that a refused initialiser is dropped out here.
            let (name, initialiser) = (Arc::clone(&name), Arc::clone(&initialiser));
            self.registry.lock().append(name, initialiser)
        };
        if appended {
            Ok(())
        } else {
            Err(DuplicateName { name })
        }
    }

    /// Returns `true` if a module of that name is known, imported or not: CPython
    /// 3.14's `_imp.is_builtin`.
    pub fn contains(&self, name: &str) -> bool {
        self.registry.lock().contains(name)
    }

    /// Lists the names of the known modules, sorted: CPython 3.14's
    /// `sys.builtin_module_names`.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.registry.lock().names()
    }

    /// Begins an import: finds the module, or the initialiser to run.
    fn begin(&self, name: &str) -> Result<Begun<'_, M, E>, ImportError<E>> {
        let thread = thread::current().id();
        let mut registry = self.registry.lock();
        loop {
            match registry.step(thread, name) {
                Step::Done(module) => return Ok(Begun::Done(module)),
                Step::Run(name, initialiser) => {
                    let run = Run {
                        table: self,
                        thread,
                        name,
                        module: None,
                    };
                    return Ok(Begun::Run(initialiser, run));
                }
                Step::Wait => {
                    registry = self.ended.wait(registry);
                    registry.stop_waiting(thread);
                }
                Step::Circular(path) => return Err(ImportError::Circular { path }),
                Step::Unknown => {
                    return Err(ImportError::Unknown {
                        name: name.into(),
                        known: registry.names(),
                    });
                }
            }
        }
    }
}

impl<M: Clone, E> Inittab<M, E> {
    /// Imports a module by name: CPython 3.14's `PyImport_ImportModule`.
    ///
    /// Costs one look into the table once the module is made. The first import
    /// runs the initialiser; those on other threads that come meanwhile wait
    /// for it, and where it fails, one of them runs it again. A host whose
    /// threads share a lock lets that go before it imports.
    ///
    /// # Errors
    ///
    /// * [`ImportError::Unknown`] where no module of that name is known.
    /// * [`ImportError::Circular`] where the module's initialiser is running
    ///   and cannot end before this import does: because it is the one that
    ///   imports, directly or through others, on this thread or by way of a
    ///   thread that waits for this one.
    /// * [`ImportError::Failed`] where the initialiser fails.
    pub fn import(&self, name: &str) -> Result<M, ImportError<E>> {
        let module = match self.begin(name)? {
            Begun::Done(module) => module,
            Begun::Run(initialiser, run) => match initialiser(self) {
                Ok(module) => run.publish(Arc::new(module)),
                Err(error) => {
                    let name = name.into();
                    return Err(ImportError::Failed { name, error });
                }
            },
        };
        Ok(M::clone(&module))
    }
}

impl<M, E> Default for Inittab<M, E> {
    fn default() -> Self {
        Self::new()
    }
}

enum Begun<'t, M, E> {
    Done(Arc<M>),
    Run(Initialiser<M, E>, Run<'t, M, E>),
}

/// The run of an initialiser, which ends when this is dropped: with a module,
/// or with the entry as it was before, so that it can be tried again.
struct Run<'t, M, E> {
    table: &'t Inittab<M, E>,
    thread: ThreadId,
    name: Arc<str>,
    module: Option<Arc<M>>,
}

impl<M, E> Run<'_, M, E> {
    /// Ends the run with a module.
    fn publish(mut self, module: Arc<M>) -> Arc<M> {
        self.module = Some(Arc::clone(&module));
        module
    }
}

impl<M, E> Drop for Run<'_, M, E> {
    fn drop(&mut self) {
        let module = self.module.take();
        self.table
            .registry
            .lock()
            .end(self.thread, &self.name, module);
        self.table.ended.notify_all();
    }
}
