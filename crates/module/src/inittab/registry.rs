//! The state of each module, and which thread waits for which.
//!
//! The lock of `Inittab` protects all of this. Nothing here runs host code or drops a host's value.

use super::ModuleHost;
use crate::primitive::ThreadId;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry as Place;
use pyobj::Host;
use std::sync::Arc;

/// The state that the table's lock protects.
pub(super) struct Registry<H: ModuleHost> {
    entries: HashMap<Arc<str>, Entry<H>>,
    /// For each importing thread, the modules whose initialisers it runs, each
    /// imported by the one before. If the thread waits for a module, that is the
    /// last one. No list is empty.
    chains: HashMap<ThreadId, Vec<Arc<str>>>,
}

struct Entry<H: ModuleHost> {
    initialiser: Arc<H::Initialiser>,
    state: State<H>,
}

enum State<H: Host> {
    /// The initialiser has not run, or has failed.
    Idle,
    /// The initialiser is running on this thread.
    Running(ThreadId),
    /// The initialiser has created the module.
    Done(Arc<H::Value>),
}

/// The next action of an importer.
pub(super) enum Step<H: ModuleHost> {
    /// Return the module.
    Done(Arc<H::Value>),
    /// Run the initialiser, which is recorded as running.
    Run(Arc<str>, Arc<H::Initialiser>),
    /// Wait until an initialiser has ended; the wait is recorded. Then call
    /// [`Registry::stop_waiting`] and [`Registry::step`] again.
    Wait,
    /// Fail: each of these modules waits for the next. The last is the first
    /// again.
    Circular(Vec<Arc<str>>),
    /// Fail: there is no such module.
    Unknown,
}

impl<H: ModuleHost> Registry<H> {
    pub(super) fn new() -> Self {
        Registry {
            entries: HashMap::new(),
            chains: HashMap::new(),
        }
    }

    /// Adds a module. Returns `false`, with nothing changed, if there is one of
    /// that name.
    pub(super) fn append(&mut self, name: Arc<str>, initialiser: Arc<H::Initialiser>) -> bool {
        match self.entries.entry(name) {
            Place::Occupied(_) => false,
            Place::Vacant(place) => {
                place.insert(Entry {
                    initialiser,
                    state: State::Idle,
                });
                true
            }
        }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.entries.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// Returns the next action of `thread` to import a module.
    pub(super) fn step(&mut self, thread: ThreadId, name: &str) -> Step<H> {
        let Some((name, entry)) = self.entries.get_key_value_mut(name) else {
            return Step::Unknown;
        };
        let name = Arc::clone(name);
        match &entry.state {
            State::Done(module) => Step::Done(Arc::clone(module)),
            State::Idle => {
                entry.state = State::Running(thread);
                let initialiser = Arc::clone(&entry.initialiser);
                self.chain(thread).push(Arc::clone(&name));
                Step::Run(name, initialiser)
            }
            State::Running(_) => match self.circle(thread, &name) {
                Some(path) => Step::Circular(path),
                None => {
                    self.chain(thread).push(name);
                    Step::Wait
                }
            },
        }
    }

    /// Ends the wait that [`Step::Wait`] began.
    pub(super) fn stop_waiting(&mut self, thread: ThreadId) {
        self.unchain(thread);
    }

    /// Ends the run that [`Step::Run`] began. Without a module the initialiser can
    /// run again.
    pub(super) fn end(&mut self, thread: ThreadId, name: &str, module: Option<Arc<H::Value>>) {
        if let Some(entry) = self.entries.get_mut(name) {
            entry.state = module.map_or(State::Idle, State::Done);
        }
        self.unchain(thread);
    }

    fn chain(&mut self, thread: ThreadId) -> &mut Vec<Arc<str>> {
        self.chains.entry(thread).or_default()
    }

    /// Removes the last module of the thread's chain.
    fn unchain(&mut self, thread: ThreadId) {
        if let Place::Occupied(mut place) = self.chains.entry(thread) {
            place.get_mut().pop();
            if place.get().is_empty() {
                place.remove();
            }
        }
    }

    /// Returns the circle that `thread` would close by waiting for a module, if
    /// there is one. Follows the chain of waits: from the module to the thread
    /// that runs its initialiser, then to the module that this thread waits for.
    ///
    /// Every wait is checked before it begins, so the existing waits have no
    /// circle, and this loop ends.
    fn circle(&self, thread: ThreadId, name: &Arc<str>) -> Option<Vec<Arc<str>>> {
        let mut path = vec![Arc::clone(name)];
        loop {
            let runner = self.runner(path.last()?)?;
            let chain = self.chains.get(&runner)?;
            let here = chain.iter().position(|link| Some(link) == path.last())?;
            path.extend_from_slice(&chain[here + 1..]);
            if runner == thread {
                path.push(Arc::clone(name));
                return Some(path);
            }
            if self.runner(path.last()?) == Some(runner) {
                // The thread runs this initialiser itself; it does not wait.
                return None;
            }
        }
    }

    fn runner(&self, name: &str) -> Option<ThreadId> {
        match self.entries.get(name)?.state {
            State::Running(thread) => Some(thread),
            _ => None,
        }
    }
}

#[cfg(all(test, feature = "std-host", not(loom)))]
mod tests {
    use crate::Inittab;
    use contextvars::{Exception, Std, Value};

    #[test]
    fn a_thread_without_imports_has_no_chain() {
        let table = Inittab::<Std>::new();
        table
            .append("good", Box::new(|_, _| Ok(Value::from(1))))
            .unwrap();
        let bad = |_, _: &_| Err(Exception::type_error("no luck"));
        table.append("bad", Box::new(bad)).unwrap();
        let outer = |vm, table: &Inittab<Std>| {
            assert!(!table.registry.lock().chains.is_empty());
            Ok(table.import(vm, "good")?)
        };
        table.append("outer", Box::new(outer)).unwrap();
        assert_eq!(table.import(Std, "outer").unwrap().as_int(), Some(1));
        assert!(table.import(Std, "bad").is_err());
        assert!(table.registry.lock().chains.is_empty());
    }
}
