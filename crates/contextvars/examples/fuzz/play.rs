//! Plays programs: each step on the engine and in the ledger, and then compares them.
//!
//! Threads of the engine are all on one native thread, or each on its own. Then a step goes to
//! the thread that it is about, and the one that sends it plays what comes back until it is done:
//! one step at a time, in the same order.

use crate::act::{act, make_thread};
use crate::domain::Fuzzed;
use crate::fail::STEPS;
use crate::ledger::{Ledger, Rule};
use crate::program::{Behaviour, Kind, Program, Step, THREADS};
use crate::world::{STATES, WORLD, World, ledger, observe, panic_once, world};
use contextvars::engine::{Local, VarKey};
use std::cell::{Cell, RefCell};
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::{array, thread};

/// How many steps a program has time for, and how deep they may be nested.
const FUEL: usize = 300;
const DEEPEST: usize = 24;
const DEEPEST_CALLBACK: usize = 3;

/// Whether each step is printed.
pub static TRACE: AtomicBool = AtomicBool::new(false);

/// What native threads send each other.
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

/// Takes keys of variables as so many programs do: a key decides where a variable is in the
/// trie.
pub fn skip(programs: u64) {
    (0..programs).for_each(|_| _ = keys());
}

fn keys() -> [VarKey; SLOTS + 2] {
    array::from_fn(|_| VarKey::next())
}

/// How many variables a thread remembers.
const SLOTS: usize = Local::<Fuzzed>::REMEMBERED;

/// Plays a program, whose first byte says on how many native threads, and what panics.
pub fn play(bytes: &[u8], rule: Rule) {
    let Some((mode, bytes)) = bytes.split_first() else {
        return;
    };
    let program: &'static Program = Box::leak(Box::new(Program::parse(bytes)));
    let native = mode % 4 == 0;
    let (values_panic, watchers_panic) = (mode / 4 % 2 == 0, mode / 8 % 2 == 0);
    *WORLD.lock().expect("findings end the process") = Some(World {
        ledger: Ledger::new(rule),
        program,
        native,
        values_panic,
        watchers_panic,
        interpreter: Arc::default(),
        // Two and two share a slot of a thread's recent lookups.
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
    // Without callbacks nothing is made again.
    world(|world| (world.quiet, world.fuel) = (true, FUEL));
    body(steps(all, 16));
    // Memory that was freed too early has another use now.
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

/// Each kind of step, with so many arguments.
fn steps<const N: usize>(kinds: [Kind; N], count: u8) -> &'static [Step] {
    let each = |kind| (0..count).map(move |number| Step::new(kind, number));
    Vec::leak(kinds.into_iter().flat_map(each).collect())
}

fn send(to: usize, message: Message) {
    let line = LINES.lock().expect("findings end the process")[to].clone();
    line.send(message).expect("it serves until the end");
}

/// Plays what other native threads send, until the step that this one has sent is done.
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

/// Plays steps up to one that panics, and tells whether one did.
pub fn body(steps: &'static [Step]) -> bool {
    let deeper = world(|world| {
        world.depth += 1;
        world.depth <= DEEPEST
    });
    let raised = deeper && steps.iter().any(perform);
    world(|world| world.depth -= 1);
    raised
}

/// What a value does when it is dropped, and a watcher or a comparison when it is called.
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

/// Whether the drop of a value panics, or a comparison.
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

/// Performs one step where it belongs, and tells whether it panics.
fn perform(step: &'static Step) -> bool {
    let home = if world(|world| world.native) {
        step.thread()
    } else {
        0
    };
    if home != HERE.get() {
        send(home, Message::Play(step, HERE.get()));
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
    let unsure = ledger(|ledger| ledger.unsure);
    act(step);
    observe();
    ledger(|ledger| ledger.unsure = unsure);
    world(|world| world.check());
    step.kind == Kind::Panic
}

/// Prints what is done, as deep as it is nested, if asked to.
fn trace(what: impl Display) {
    if TRACE.load(Ordering::Relaxed) {
        let (depth, is_sure) = world(|world| (world.depth, world.ledger.unsure == 0));
        println!(
            "{:1$}{what}{2}",
            "",
            4 * depth,
            if is_sure { "" } else { " (unsure)" }
        );
    }
}
