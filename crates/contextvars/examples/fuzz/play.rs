//! Plays programs: performs each step on the engine and in the model, and then compares them.
//!
//! Either one native thread has all threads of the engine, or each has its own. In the second case
//! a step is sent to the thread that it names. The sender performs steps that are sent to it
//! meanwhile, until its step is done. So only one step runs at a time, in the same order.

use crate::act::{act, make_thread};
use crate::domain::Fuzzed;
use crate::fail::STEPS;
use crate::model::{Model, Rule};
use crate::program::{Behaviour, Kind, Program, Step, THREADS};
use crate::world::{STATES, WORLD, World, model, observe, panic_once, world};
use contextvars::engine::{Local, VarKey};
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::{array, thread};

/// The greatest number of steps of a program, and the greatest depth of their nesting.
const FUEL: usize = 300;
const DEEPEST: usize = 24;
const DEEPEST_CALLBACK: usize = 3;

/// Whether each step is printed.
pub static TRACE: AtomicBool = AtomicBool::new(false);

/// A message between native threads.
enum Message {
    Play(&'static Step, usize),
    Done(bool),
    End,
}

static LINES: Mutex<Vec<Sender<Message>>> = Mutex::new(Vec::new());

thread_local! {
    static HERE: Cell<usize> = const { Cell::new(0) };
    static INBOX: RefCell<Option<Receiver<Message>>> = const { RefCell::new(None) };
}

/// Uses up the variable keys of this many programs: a key determines the position of a variable
/// in the trie.
pub fn skip(programs: u64) {
    (0..programs).for_each(|_| _ = keys());
}

fn keys() -> [VarKey; SLOTS + 2] {
    array::from_fn(|_| VarKey::next())
}

/// The number of variables that a thread remembers.
const SLOTS: usize = Local::<Fuzzed>::REMEMBERED;

/// Plays a program. Its first byte selects the native threads, and what panics.
pub fn play(bytes: &[u8], rule: Rule) {
    let Some((mode, bytes)) = bytes.split_first() else {
        return;
    };
    let program: &'static Program = Box::leak(Box::new(Program::parse(bytes)));
    let native = mode % 4 == 0;
    let (values_panic, watchers_panic) = (mode / 4 % 2 == 0, mode / 8 % 2 == 0);
    *WORLD.lock().expect("findings end the process") = Some(World {
        model: Model::new(rule),
        program,
        native,
        values_panic,
        watchers_panic,
        interpreter: Arc::default(),
        // Two pairs of variables, each of which shares a slot of a thread.
        vars: {
            let keys = keys();
            [keys[0], keys[SLOTS], keys[1], keys[SLOTS + 1]]
        },
        ids: [None; THREADS],
        contexts: Default::default(),
        tokens: Default::default(),
        snapshots: Default::default(),
        watchers: Vec::new(),
        quiet: false,
        fuel: FUEL,
        depth: 0,
        callbacks: 0,
    });
    let (lines, mut inboxes): (Vec<_>, Vec<_>) = (0..THREADS).map(|_| channel()).unzip();
    *LINES.lock().expect("findings end the process") = lines;
    let others = inboxes.split_off(1);
    INBOX.set(inboxes.pop());
    thread::scope(|scope| {
        let others = others.into_iter().enumerate().filter(|_| native);
        for (number, inbox) in others {
            scope.spawn(move || {
                HERE.set(number + 1);
                INBOX.set(Some(inbox));
                make_thread(number + 1);
                serve();
            });
        }
        make_thread(0);
        (1..THREADS).filter(|_| !native).for_each(make_thread);
        play_all(program);
        (1..THREADS)
            .filter(|_| native)
            .for_each(|number| send(number, Message::End));
    });
    STATES.take();
    *WORLD.lock().expect("findings end the process") = None;
}

fn play_all(program: &'static Program) {
    body(steps([Kind::New], 4));
    body(&program.sections[0]);
    let all = [
        Kind::DropThread,
        Kind::DropToken,
        Kind::DropContext,
        Kind::DropSnapshot,
        Kind::Unwatch,
    ];
    world(|world| world.fuel = FUEL);
    body(steps(all, 16));
    // Without callbacks nothing is created again.
    world(|world| (world.quiet, world.fuel) = (true, FUEL));
    body(steps(all, 16));
    // Reuses memory, so that a use of memory that was freed too early is noticed.
    let uses = [
        Kind::New,
        Kind::Enter,
        Kind::Set,
        Kind::Copy,
        Kind::Get,
        Kind::Copy,
        Kind::Leave,
    ];
    body(steps(uses, 8));
    body(steps(all, 16));
}

/// Returns `count` steps of each kind, with different arguments.
fn steps<const N: usize>(kinds: [Kind; N], count: u8) -> &'static [Step] {
    let each = |kind| (0..count).map(move |number| Step::new(kind, number));
    Vec::leak(kinds.into_iter().flat_map(each).collect())
}

fn send(to: usize, message: Message) {
    let line = LINES.lock().expect("findings end the process")[to].clone();
    line.send(message).expect("it serves until the end");
}

/// Performs steps that other native threads send, until the step that this thread has sent is
/// done. Returns `true` if that step panics.
fn serve() -> bool {
    loop {
        let message = INBOX.with_borrow(|inbox| inbox.as_ref().and_then(|inbox| inbox.recv().ok()));
        match message {
            Some(Message::Play(step, from)) => send(from, Message::Done(perform(step))),
            Some(Message::Done(raised)) => return raised,
            Some(Message::End) | None => return false,
        }
    }
}

/// Plays steps up to one that panics. Returns `true` if one did.
pub fn body(steps: &'static [Step]) -> bool {
    let deeper = world(|world| {
        world.depth += 1;
        world.depth <= DEEPEST
    });
    let raised = deeper && steps.iter().any(perform);
    world(|world| world.depth -= 1);
    raised
}

/// Plays the procedure that a value calls when it is dropped, or a watcher or a comparison when
/// it is called.
pub fn call_back(behaviour: Behaviour) {
    let Some(procedure) = behaviour.calls() else {
        return;
    };
    let steps = world(|world| {
        let calls = !world.quiet && world.callbacks < DEEPEST_CALLBACK;
        world.callbacks += usize::from(calls);
        calls.then(|| &world.program.sections[procedure + 1])
    });
    if let Some(steps) = steps {
        trace(format_args!("procedure {procedure}:"));
        body(steps);
        world(|world| world.callbacks -= 1);
    }
}

/// Returns `true` if the drop of a value, or a comparison, panics.
pub fn value_panics(behaviour: Behaviour) -> bool {
    behaviour.panics() && world(|world| world.values_panic && !world.quiet)
}

pub fn watcher(behaviour: Behaviour) {
    call_back(behaviour);
    if behaviour.panics() && world(|world| world.watchers_panic && !world.quiet) {
        trace("panic");
        panic_once();
    }
}

/// Performs one step on the native thread of its engine thread. Returns `true` if it panics.
fn perform(step: &'static Step) -> bool {
    let native = if world(|world| world.native) {
        step.thread()
    } else {
        0
    };
    if native != HERE.get() {
        send(native, Message::Play(step, HERE.get()));
        return serve();
    }
    let has_time = world(|world| {
        let has_time = world.fuel > 0;
        world.fuel -= usize::from(has_time);
        has_time
    });
    if !has_time {
        return false;
    }
    trace(step);
    STEPS.fetch_add(1, Ordering::Relaxed);
    observe();
    let unsure = model(|model| model.unsure);
    act(step);
    observe();
    model(|model| model.unsure = unsure);
    world(|world| world.check());
    step.kind == Kind::Panic
}

/// Prints a step, indented by its nesting, if tracing is on.
fn trace(what: impl Display) {
    if TRACE.load(Ordering::Relaxed) {
        let (depth, is_sure) = world(|world| (world.depth, world.model.unsure == 0));
        println!(
            "{:1$}{what}{2}",
            "",
            4 * depth,
            if is_sure { "" } else { " (unsure)" }
        );
    }
}
