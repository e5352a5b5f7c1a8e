//! A shared context, here called a game: a thread that enters it plays, and any thread reads it.

use crate::callback::call_back;
use crate::failure::{catch_those_on_purpose, check, fail, panic_on_purpose};
use crate::tally::Event;
use crate::undo::Undo;
use crate::value::Tracked;
use crate::world::World;
use contextvars::{Context, ContextVar, Value, copy_context, with_thread};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The greatest number of games that a thread plays nested.
const DEPTH: u32 = 3;

pub struct Game {
    pub id: u64,
    context: Context,
    /// The number of the thread that has entered it; zero if there is none.
    inside: AtomicU64,
    /// The last number that was written to both variables.
    written: AtomicU64,
}

/// The number that a reader has last seen in each game.
#[derive(Default)]
pub struct Seen(HashMap<u64, u64>);

/// The number of games that a reader remembers: games are replaced all the time.
const REMEMBERED: usize = 1_000;

impl Seen {
    /// Records a number, and returns the previous one of that game.
    fn note(&mut self, game: u64, number: u64) -> Option<u64> {
        if self.0.len() >= REMEMBERED {
            self.0.clear();
        }
        self.0.insert(game, number)
    }
}

/// Records that a thread has entered a game, until dropped.
struct Inside<'a>(&'a Game, u64);

impl<'a> Inside<'a> {
    fn begin(game: &'a Game, worker: u64) -> Self {
        let other = game.inside.swap(worker, Ordering::SeqCst);
        check!(
            other == 0,
            "threads {other} and {worker} have entered one context"
        );
        Inside(game, worker)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let Inside(game, worker) = *self;
        let other = game.inside.swap(0, Ordering::SeqCst);
        check!(
            other == worker,
            "thread {other} has entered the context of thread {worker}"
        );
    }
}

impl Game {
    /// Begins a game in a context that is not shared yet.
    pub fn begin(world: &World, context: Context) -> Game {
        let id = world.number();
        let [a, b] = &world.pair;
        let ran = context.run(|| {
            for var in [b, a, &world.undone] {
                drop(var.set(Tracked::some(id, 0)));
            }
        });
        check!(ran.is_ok(), "a new context cannot be entered: {ran:?}");
        Game {
            id,
            context,
            inside: AtomicU64::new(0),
            written: AtomicU64::new(0),
        }
    }

    /// Plays, unless another thread does.
    pub fn play(self: &Arc<Self>, world: &World, worker: u64, depth: u32) {
        let stack = || with_thread(|thread| (thread.depth(), thread.context_version().get()));
        let (deep, version) = stack();
        let played = catch_those_on_purpose(|| {
            self.context.run(|| {
                let _inside = Inside::begin(self, worker);
                for _ in 0..fastrand::u8(1..6) {
                    self.play_once(world, worker, depth);
                }
            })
        });
        let left = stack();
        check!(left.0 == deep, "a run has left {} contexts", left.0);
        match played {
            Some(Ok(())) => world.tally().count(Event::Run),
            Some(Err(error)) => {
                let message = error.to_string();
                check!(message.contains("already entered"), "refused: {message}");
                check!(left.1 == version, "a refused run has counted a switch");
                world.tally().count(Event::Refused);
            }
            None => world.tally().count(Event::Panicked),
        }
    }

    fn play_once(self: &Arc<Self>, world: &World, worker: u64, depth: u32) {
        match fastrand::u8(..16) {
            0..6 => self.write(world),
            6..9 => Undo::offer(world, self),
            9..12 => {
                if let Some(undo) = world.undos.pick() {
                    undo.try_it(world, self);
                }
            }
            12 => {
                world.games.put(Game::begin(world, copy_context()));
                world.tally().count(Event::Copied);
            }
            13 => {
                let again = self.context.run(|| ());
                check!(again.is_err(), "a context is entered twice");
                if let Some(other) = world.games.pick().filter(|_| depth < DEPTH) {
                    other.play(world, worker, depth + 1);
                }
            }
            14 => call_back(),
            _ if fastrand::u8(..8) == 0 => panic_on_purpose(),
            _ => self.read_inside(world),
        }
    }

    fn write(&self, world: &World) {
        let number = self.written.load(Ordering::Relaxed) + 1;
        let [a, b] = &world.pair;
        for var in [b, a] {
            drop(var.set(Tracked::some(self.id, number)));
            let set = var.get().map(|value| self.number(&value));
            check!(
                set.ok() == Some(number),
                "a read does not return the value that was set"
            );
        }
        self.written.store(number, Ordering::Release);
    }

    fn read_inside(&self, world: &World) {
        let number = self.written.load(Ordering::Relaxed);
        for var in &world.pair {
            let read = var.with(|value| value.map(|value| self.number(value)));
            check!(read == Some(number), "read {read:?}, but {number} was set");
        }
    }

    /// Reads the game's context, from any thread.
    pub fn read(&self, world: &World, seen: &mut Seen) {
        let written = self.written.load(Ordering::Acquire);
        let copy = self.context.copy();
        let number = |var: &ContextVar| match copy.get(var) {
            Some(value) => self.number(&value),
            None => fail(format!("a variable of {} is unset", self.id)),
        };
        let [a, b] = [number(&world.pair[0]), number(&world.pair[1])];
        check!(a == b || a + 1 == b, "torn: {a} and {b}");
        check!(a >= written, "{a} is read after {written} was written");
        let last = seen.note(self.id, a);
        check!(last.is_none_or(|last| last <= a), "back to {a}: {last:?}");
        let bindings = self.context.iter();
        check!(bindings.len() == bindings.count(), "a torn iteration");
        if fastrand::u8(..4) == 0 {
            let same = copy.equals(&copy.copy());
            check!(
                same.is_ok_and(|same| same),
                "a copy is not equal to its original"
            );
            let text = format!("{:?}", copy.get(&world.undone));
            check!(text.contains("of"), "a repr is {text}");
        }
        world.tally().count(Event::Read);
    }

    /// Returns the number of a value, which must belong to this game.
    pub fn number(&self, value: &Value) -> u64 {
        let Tracked { owner, number, .. } = *Tracked::of(value);
        check!(owner == self.id, "{} has a value of {owner}", self.id);
        number
    }
}
