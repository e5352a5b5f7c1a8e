//! Many threads do at random all that can be done to a few contexts, variables, tokens and
//! watchers that they share, with values that call back, and check every result against what is
//! allowed.
//!
//! ```text
//! cargo run --release --example stress -- [--seconds N] [--threads N] [--seed N]
//! ```
//!
//! What is checked, and where:
//!
//! | claim | file |
//! | --- | --- |
//! | one thread at a time is in a context; who is refused has its stack as it was | `game.rs` |
//! | a reader sees whole versions, which never go back, and no other context's values | `game.rs` |
//! | a token restores once, in its own context | `undo.rs` |
//! | a base context is never entered while its thread lives | `base.rs` |
//! | what a thread has for itself is exact, whatever fails or panics | `private.rs` |
//! | a watcher misses no switch after it is added, and sees none after it is cleared | `watch.rs` |
//! | a thread of another interpreter leaves its contexts when it goes | `elsewhere.rs` |
//! | no value is left at the end | `value.rs` |
//!
//! The seed decides what each thread does; in which order the threads come is the machine's.
#![forbid(unsafe_code)]

mod arguments;
mod base;
mod callback;
mod elsewhere;
mod failure;
mod game;
mod pool;
mod private;
mod progress;
mod tally;
mod undo;
mod value;
mod watch;
mod worker;
mod world;

use arguments::Arguments;
use clap::Parser;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;
use std::time::Instant;
use world::World;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    failure::keep_those_on_purpose_quiet();
    let started = Instant::now();
    let world = Arc::new(World::new());
    let workers: Vec<_> = (0..arguments.threads())
        .map(|number| {
            let (world, seed) = (Arc::clone(&world), arguments.seed);
            thread::spawn(move || worker::work(&world, seed, number))
        })
        .collect();
    progress::watch(&world, arguments.time());
    world.stop();
    let all = workers.len();
    let ended = workers.into_iter().map(|worker| worker.join().is_ok());
    let well = ended.filter(|well| *well).count();
    // Values that call back leave something in the context of the thread that drops them: so on
    // one that goes.
    let clearing = Arc::clone(&world);
    let cleared = thread::spawn(move || clearing.clear()).join().is_ok();

    println!("{}", world.tally());
    let live = value::live();
    let (steps, seconds) = (world.tally().steps(), started.elapsed().as_secs());
    println!(
        "{steps} steps by {all} threads in {seconds} s, seed {}, {live} values left",
        arguments.seed
    );
    if let Some(failure) = failure::first() {
        eprintln!("error: {failure}");
    } else if well < all || !cleared {
        eprintln!("error: {} of {all} threads panicked", all - well);
    } else if live > 0 {
        eprintln!("error: {live} values are kept alive");
    } else {
        return ExitCode::SUCCESS;
    }
    ExitCode::FAILURE
}
