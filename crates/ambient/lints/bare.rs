//! One call of each method that `clippy.toml` in this folder forbids. The tests `lints::*` compare
//! clippy's report with these lines. It is compiled but not run.

#![deny(clippy::disallowed_methods)]

use rayon::ThreadPool;
use std::thread;
use tokio::runtime::{Handle, Runtime};
use tokio::task::{self, JoinSet};
use tokio_util::task::TaskTracker;

async fn nothing() {}

fn threads() {
    _ = thread::spawn(|| ()); // forbidden
    _ = thread::Builder::new().spawn(|| ()); // forbidden
    thread::scope(|scope| _ = scope.spawn(|| ())); // forbidden
}

fn tasks(mut set: JoinSet<()>, tracker: TaskTracker, runtime: Runtime, handle: Handle) {
    _ = tokio::spawn(nothing()); // forbidden
    _ = task::spawn_local(nothing()); // forbidden
    _ = task::spawn_blocking(|| ()); // forbidden
    set.spawn(nothing()); // forbidden
    set.spawn_local(nothing()); // forbidden
    set.spawn_blocking(|| ()); // forbidden
    _ = tracker.spawn(nothing()); // forbidden
    _ = tracker.spawn_local(nothing()); // forbidden
    _ = tracker.spawn_blocking(|| ()); // forbidden
    _ = runtime.spawn(nothing()); // forbidden
    _ = runtime.spawn_blocking(|| ()); // forbidden
    _ = handle.spawn(nothing()); // forbidden
    _ = handle.spawn_blocking(|| ()); // forbidden
}

fn jobs(pool: ThreadPool) {
    rayon::spawn(|| ()); // forbidden
    rayon::spawn_fifo(|| ()); // forbidden
    rayon::join(|| (), || ()); // forbidden
    rayon::scope(|_| ()); // forbidden
    rayon::in_place_scope(|_| ()); // forbidden
    pool.install(|| ()); // forbidden
    pool.spawn(|| ()); // forbidden
    pool.join(|| (), || ()); // forbidden
    pool.scope(|scope| scope.spawn(|_| ())); // forbidden twice
}

fn main() {
    _ = (threads as fn(), tasks as fn(_, _, _, _), jobs as fn(_));
}
