//! A table of built-in modules, for any host.
//!
//! `Inittab` runs initialisers and waits for those of other threads, without the lock. The state of
//! each module, and the check for circular imports, is in `registry`.

mod registry;

use crate::primitive::{Condvar, Mutex, ThreadId, thread};
use crate::{DuplicateName, ImportError};
use pyobj::Host;
use registry::{Registry, Step};
use std::fmt;
use std::sync::Arc;

/// A host whose modules are in an [`Inittab`].
pub trait ModuleHost: Host {
    /// The type of initialisers: [`SharedInitialiser`] if several threads import from one
    /// table, [`LocalInitialiser`] if only one does.
    type Initialiser: ?Sized + Fn(Self::Vm<'_>, &Inittab<Self>) -> Result<Self::Value, Self::Error>;
}

/// An initialiser of a host with one thread: creates a module.
pub type LocalInitialiser<H> =
    dyn Fn(<H as Host>::Vm<'_>, &Inittab<H>) -> Result<<H as Host>::Value, <H as Host>::Error>;

/// An initialiser of a host with several threads: creates a module.
pub type SharedInitialiser<H> = dyn Fn(<H as Host>::Vm<'_>, &Inittab<H>) -> Result<<H as Host>::Value, <H as Host>::Error>
    + Send
    + Sync;

/// A table of built-in modules: CPython 3.14's `PyImport_Inittab`.
///
/// The first import of a module runs its initialiser, which creates the module.
/// Each import returns a handle of that module. All operations may be called from
/// initialisers, and from several threads at once if the host's modules and
/// initialisers are `Send` and `Sync`.
///
/// No lock is held while an initialiser runs, or while a module or an error is
/// cloned or dropped.
///
/// # Examples
///
/// ```
/// use contextvars::{Std, Value};
/// use module::Inittab;
///
/// let table = Inittab::<Std>::new();
/// table.append("answer", Box::new(|_, _| Ok(Value::from(42))))?;
/// table.append("same", Box::new(|vm, table| Ok(table.import(vm, "answer")?)))?;
/// assert_eq!(table.import(Std, "same")?.as_int(), Some(42));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Inittab<H: ModuleHost> {
    /// Invariant: held for one lookup or one change of the registry, never
    /// while code of a host runs or a value of a host is dropped.
    registry: Mutex<Registry<H>>,
    /// Notifies waiting importers that an initialiser has ended.
    ended: Condvar,
}

impl<H: ModuleHost> fmt::Debug for Inittab<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inittab").finish_non_exhaustive()
    }
}

impl<H: ModuleHost> Inittab<H> {
    /// Creates an empty table.
    pub fn new() -> Self {
        Inittab {
            registry: Mutex::new(Registry::new()),
            ended: Condvar::default(),
        }
    }

    /// Adds a module, at any time: CPython 3.14's
    /// `PyImport_AppendInittab`.
    ///
    /// The initialiser creates the module at its first import. It gets
    /// the host's machine, and the table, from which it may import. It runs once; if
    /// it fails or panics, the next import runs it again.
    ///
    /// # Errors
    ///
    /// [`DuplicateName`], with nothing changed, if the table has a module of that
    /// name. (CPython accepts it, and still imports the first.)
    pub fn append(
        &self,
        name: impl Into<Arc<str>>,
        initialiser: Box<H::Initialiser>,
    ) -> Result<(), DuplicateName> {
        let name = name.into();
        let initialiser = Arc::from(initialiser);
        let appended = {
            // Cloned, so that a refused initialiser is dropped without the lock.
            let (name, initialiser) = (Arc::clone(&name), Arc::clone(&initialiser));
            self.registry.lock().append(name, initialiser)
        };
        if appended {
            Ok(())
        } else {
            Err(DuplicateName { name })
        }
    }

    /// Returns `true` if the table has a module of that name, imported or not: CPython
    /// 3.14's `_imp.is_builtin`.
    pub fn contains(&self, name: &str) -> bool {
        self.registry.lock().contains(name)
    }

    /// Returns the names of the modules, sorted: CPython 3.14's
    /// `sys.builtin_module_names`.
    pub fn names(&self) -> Vec<Arc<str>> {
        self.registry.lock().names()
    }

    /// Begins an import. Returns the module, or the initialiser to run.
    fn begin(&self, name: &str) -> Result<Begun<'_, H>, ImportError<H::Error>> {
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

    /// Imports a module by name: CPython 3.14's `PyImport_ImportModule`.
    ///
    /// Once the module exists, an import is one lookup in the table. The first
    /// import runs the initialiser. Imports on other threads meanwhile wait for
    /// it; if it fails, one of them runs it again. A host whose threads share a
    /// lock must release the lock before it imports.
    ///
    /// # Errors
    ///
    /// * [`ImportError::Unknown`] if the table has no module of that name.
    /// * [`ImportError::Circular`] if the module's initialiser is running
    ///   and cannot end before this import does. It made this import, directly
    ///   or through other modules, or its thread waits for this thread.
    /// * [`ImportError::Failed`] if the initialiser fails.
    pub fn import(&self, vm: H::Vm<'_>, name: &str) -> Result<H::Value, ImportError<H::Error>> {
        let module = match self.begin(name)? {
            Begun::Done(module) => module,
            Begun::Run(initialiser, run) => match initialiser(vm, self) {
                Ok(module) => run.publish(Arc::new(module)),
                Err(error) => {
                    let name = name.into();
                    return Err(ImportError::Failed { name, error });
                }
            },
        };
        Ok(H::clone_value(vm, &module))
    }
}

impl<H: ModuleHost> Default for Inittab<H> {
    fn default() -> Self {
        Self::new()
    }
}

enum Begun<'t, H: ModuleHost> {
    Done(Arc<H::Value>),
    Run(Arc<H::Initialiser>, Run<'t, H>),
}

/// The run of an initialiser. Its drop ends the run: with a module, or with the
/// entry as it was before, so that the next import runs the initialiser again.
struct Run<'t, H: ModuleHost> {
    table: &'t Inittab<H>,
    thread: ThreadId,
    name: Arc<str>,
    module: Option<Arc<H::Value>>,
}

impl<H: ModuleHost> Run<'_, H> {
    /// Ends the run with a module.
    fn publish(mut self, module: Arc<H::Value>) -> Arc<H::Value> {
        self.module = Some(Arc::clone(&module));
        module
    }
}

impl<H: ModuleHost> Drop for Run<'_, H> {
    fn drop(&mut self) {
        let module = self.module.take();
        self.table
            .registry
            .lock()
            .end(self.thread, &self.name, module);
        self.table.ended.notify_all();
    }
}
