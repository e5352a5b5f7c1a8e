//! A toy host whose collector only marks, and moves live objects. No object has a reference count,
//! and an address is valid until the next collection.

use contextvars::engine::collect::{MarkVisits, Pass, VisitedCounts};
use contextvars::engine::{
    self, ContextState, Domain, Event, Interpreter, Local, RunError, Stack, Thread, TokenState,
    TraceBindings, VarKey,
};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::mem;
use std::rc::Rc;
use std::sync::Arc;

struct Moving;

type Context = Rc<ContextState<Moving>>;

/// The address of an object. The collector updates it.
type Value = Cell<usize>;

// SAFETY: a handle is a counted pointer, and the state in the context does not move.
unsafe impl Stack for Moving {
    type Vm<'a> = ();
    type Context = Context;
    type State = ContextState<Self>;
    type Local = Local<Self>;
    type Watcher = Infallible;

    fn state(context: &Context) -> &ContextState<Self> {
        context
    }

    fn state_mut(context: &mut Context) -> Option<&mut ContextState<Self>> {
        Rc::get_mut(context)
    }

    fn clone_context((): (), context: &Context) -> Context {
        Rc::clone(context)
    }

    fn call_watcher((): (), watcher: &Infallible, _: Event, _: Option<&Context>) {
        match *watcher {}
    }
}

impl Domain for Moving {
    type Var = VarKey;
    type Value = Value;
    type Kind = VisitedCounts;

    fn key(var: &VarKey) -> VarKey {
        *var
    }

    fn clone_var((): (), var: &VarKey) -> VarKey {
        *var
    }
}

/// An object: its identity, and the contexts and tokens that it holds.
#[derive(Default)]
struct Object {
    id: u32,
    contexts: Vec<Context>,
    tokens: Vec<TokenState<Moving>>,
}

/// A collection, which moves the live objects.
struct Collector {
    pass: Pass,
    old: Vec<Object>,
    old_start: usize,
    new: Vec<Object>,
    new_start: usize,
    moved: BTreeMap<usize, usize>,
}

impl Collector {
    /// Moves the objects in the bindings of contexts and tokens, unless they have been moved.
    fn follow(&mut self, contexts: &[Context], tokens: &[TokenState<Moving>]) {
        let pass = self.pass;
        let entry = |_: &engine::KeyedVar<VarKey>, value: &engine::DeepDrop<Value>| {
            value.set(self.moved_to(value.get()));
        };
        let trace: &mut TraceBindings<'_, Moving> = &mut MarkVisits { pass, entry };
        contexts.iter().for_each(|context| context.trace(trace));
        tokens.iter().for_each(|token| token.trace(trace));
    }

    fn moved_to(&mut self, address: usize) -> usize {
        *self.moved.entry(address).or_insert_with(|| {
            self.new
                .push(mem::take(&mut self.old[address - self.old_start]));
            self.new_start + self.new.len() - 1
        })
    }
}

struct Host {
    thread: Thread<Moving>,
    /// The address of the first object. Addresses are never reused.
    start: Cell<usize>,
    objects: RefCell<Vec<Object>>,
    pass: Cell<Pass>,
}

impl Host {
    fn new() -> Self {
        Host {
            thread: Thread::new(&Arc::new(Interpreter::new())),
            start: Cell::new(0),
            objects: RefCell::default(),
            pass: Cell::new(Pass::FIRST),
        }
    }

    fn add(&self, id: u32) -> usize {
        let object = Object {
            id,
            ..Object::default()
        };
        let mut objects = self.objects.borrow_mut();
        objects.push(object);
        self.start.get() + objects.len() - 1
    }

    fn at<R>(&self, address: usize, look: impl FnOnce(&mut Object) -> R) -> R {
        let index = address.checked_sub(self.start.get());
        let index = index.expect("the address is not from before a collection");
        look(&mut self.objects.borrow_mut()[index])
    }

    /// Moves the live objects: those reachable from the contexts on the thread's stack and `roots`.
    fn collect(&self, roots: &[Context]) {
        self.pass.set(self.pass.get().next());
        let old = self.objects.take();
        let mut collector = Collector {
            pass: self.pass.get(),
            old_start: self.start.get(),
            new_start: self.start.get() + old.len(),
            old,
            new: Vec::new(),
            moved: BTreeMap::new(),
        };
        collector.follow(roots, &[]);
        let each = |context: &Context| collector.follow(std::slice::from_ref(context), &[]);
        self.thread.for_each_context(each);
        let mut scanned = 0;
        while let Some(object) = collector.new.get_mut(scanned) {
            let (contexts, tokens) = (
                mem::take(&mut object.contexts),
                mem::take(&mut object.tokens),
            );
            collector.follow(&contexts, &tokens);
            collector.new[scanned].contexts = contexts;
            collector.new[scanned].tokens = tokens;
            scanned += 1;
        }
        self.start.set(collector.new_start);
        *self.objects.borrow_mut() = collector.new;
    }

    /// Binds a variable to a new object in a context, and returns its address.
    fn bind(&self, context: &Context, var: VarKey, id: u32) -> (usize, TokenState<Moving>) {
        let address = self.add(id);
        let set = || engine::set((), &self.thread, &var, Cell::new(address), make);
        let token = self.thread.run((), context, set).unwrap().unwrap();
        (address, token)
    }

    /// Returns the identity of the object that a context binds a variable to.
    fn id(&self, context: &Context, var: VarKey) -> Option<u32> {
        let value = context.find(var)?;
        Some(self.at(value.value().get(), |object| object.id))
    }
}

fn make(state: ContextState<Moving>) -> Result<Context, RunError> {
    Ok(Rc::new(state))
}

fn copy(context: &Context) -> Context {
    Rc::new(ContextState::new(context.snapshot()))
}

fn empty() -> Context {
    Rc::new(ContextState::new(engine::Bindings::<Moving>::default()))
}

#[test]
fn a_shared_object_is_moved_once() {
    let (host, var) = (Host::new(), VarKey::next());
    let context = empty();
    let _token = host.bind(&context, var, 7);
    let copies = [context, empty(), empty()].map(|context| copy(&context));
    let roots = [copy(&copies[0]), copy(&copies[0]), copy(&copies[0])];
    host.collect(&roots);
    assert_eq!(host.objects.borrow().len(), 1);
    assert!(roots.iter().all(|root| host.id(root, var) == Some(7)));
    host.thread
        .run((), &roots[0], || {
            // Reached only from the stack. The thread's slots see the new address.
            host.collect(&[]);
            let seen = |value: Option<&Value>| host.at(value?.get(), |object| Some(object.id));
            assert_eq!(engine::lookup(&host.thread, var, seen), Some(7));
        })
        .unwrap();
}

#[test]
fn unreachable_cycles_are_dropped() {
    let host = Host::new();
    for is_copied in [false, true] {
        let (var, context) = (VarKey::next(), empty());
        let (address, _) = host.bind(&context, var, 1);
        let (_, token) = host.bind(&context, var, 2);
        host.at(address, |object| {
            object.tokens.push(token);
            object.contexts.extend(is_copied.then(|| copy(&context)));
            object.contexts.push(context);
        });
    }
    assert_eq!(host.objects.borrow().len(), 4);
    host.collect(&[]);
    assert_eq!(host.objects.borrow().len(), 0);
}

#[test]
fn random_heaps_keep_live_objects_only() {
    let (host, vars) = (Host::new(), [(); 40].map(|()| VarKey::next()));
    let mut random = 5_u64;
    let mut below = |bound: usize| {
        random = random
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (random >> 33) as usize % bound
    };
    let mut contexts = [(); 5].map(|()| empty());
    let mut models = [(); 5].map(|()| BTreeMap::new());
    for step in 0..if cfg!(miri) { 60 } else { 3_000 } {
        let (one, other) = (below(5), below(5));
        match below(10) {
            0..=4 => {
                let var = vars[below(40)];
                let (address, token) = host.bind(&contexts[one], var, step);
                host.at(address, |object| {
                    object.contexts.push(copy(&contexts[other]));
                    object.tokens.push(token);
                });
                models[one].insert(var.get(), (var, step));
            }
            5 | 6 => {
                contexts[one] = copy(&contexts[other]);
                models[one] = models[other].clone();
            }
            7 => {
                contexts[one] = empty();
                models[one].clear();
            }
            _ => host.collect(&contexts),
        }
        for (context, model) in contexts.iter().zip(&models) {
            assert_eq!(context.len(), model.len());
            for &(var, id) in model.values() {
                assert_eq!(host.id(context, var), Some(id));
            }
        }
    }
    host.collect(&[]);
    assert_eq!(host.objects.borrow().len(), 0);
}
