//! Many threads perform random operations on a few shared contexts, variables, tokens and
//! watchers, with values that call back. Every result is checked.
//!
//! ```text
//! cargo run --release --example stress -- [--seconds N] [--threads N] [--seed N]
//! ```
//!
//! What is checked, and where:
//!
//! | claim | file |
//! | --- | --- |
//! | one thread at a time enters a context; a refused run leaves its thread's stack unchanged | `game.rs` |
//! | a reader sees whole versions, never an older one, and no other context's values | `game.rs` |
//! | a token restores once, in its own context | `undo.rs` |
//! | a base context is never entered while its thread lives | `base.rs` |
//! | a context that one thread uses is exact, also after failures and panics | `private.rs` |
//! | a watcher misses no switch after it is added, and sees none after it is cleared | `watch.rs` |
//! | a thread of another interpreter leaves its contexts when it is dropped | `elsewhere.rs` |
//! | no value is left at the end | `value.rs` |
//!
//! The seed determines the operations of each thread; their interleaving depends on the machine.
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
    // Dropped values call back and set variables on the dropping thread. So they are dropped on a
    // thread that ends.
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
