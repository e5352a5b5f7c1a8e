//! A table of built-in modules.

mod registry;

use crate::{DuplicateName, ImportError};
use pyobj::Host;
use registry::{Registry, Step};
use std::sync::Arc;
use threadstate::sync::thread::{self, ThreadId};
use threadstate::sync::{Condvar, Mutex};

/// A host whose modules stand in an [`Inittab`].
pub trait ModuleHost: Host {
    /// What makes a module: [`SharedInitialiser`] where several threads import from one
    /// table, [`LocalInitialiser`] where one does.
    type Initialiser: ?Sized + Fn(Self::Vm<'_>, &Inittab<Self>) -> Result<Self::Value, Self::Error>;
}

/// Makes a module of a host of one thread.
pub type LocalInitialiser<H> =
    dyn Fn(<H as Host>::Vm<'_>, &Inittab<H>) -> Result<<H as Host>::Value, <H as Host>::Error>;

/// Makes a module of a host of several threads.
pub type SharedInitialiser<H> = dyn Fn(<H as Host>::Vm<'_>, &Inittab<H>) -> Result<<H as Host>::Value, <H as Host>::Error>
    + Send
    + Sync;

/// A table of built-in modules: CPython 3.14's `PyImport_Inittab`.
///
/// A module is made when it is first imported, by its initialiser; each import
/// returns a handle to that one. All operations may be called from within
/// initialisers, and from several threads at once where the host's modules and
/// initialisers are `Send` and `Sync`.
///
/// Initialisers run, and modules and errors are cloned and dropped, while
/// nothing is locked.
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
    /// Invariant: held for a look at the registry or one change of it, never
    /// while anything of a host's runs or is dropped.
    registry: Mutex<Registry<H>>,
    /// Notifies waiting importers that an initialiser has ended.
    ended: Condvar,
}

impl<H: ModuleHost> Inittab<H> {
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
    /// the machine, and the table for imports of its own. It runs once; where it
    /// fails or panics, the next import runs it again.
    ///
    /// # Errors
    ///
    /// [`DuplicateName`] where a module of that name is known already, with
    /// nothing changed. (CPython takes it, and goes on importing the first.)
    pub fn append(
        &self,
        name: impl Into<Arc<str>>,
        initialiser: Box<H::Initialiser>,
    ) -> Result<(), DuplicateName> {
        let name = name.into();
        let initialiser = Arc::from(initialiser);
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

/// The run of an initialiser, which ends when this is dropped: with a module,
/// or with the entry as it was before, so that it can be tried again.
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
