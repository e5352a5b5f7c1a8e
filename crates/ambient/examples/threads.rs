//! Plain threads, each of which serves several clients in turn, in the client's context.
//!
//! `cargo run --release -p contextvars-ambient --example threads`

use ambient::{Context, Var};
use std::process::ExitCode;
use std::sync::mpsc::channel;

/// The id of the current client.
static CLIENT: Var<u64> = Var::new("client");

/// Sends each client's context to a thread, which works in it. Returns how often a thread saw
/// another client's id.
pub fn run(clients: u64) -> usize {
    const THREADS: usize = 4;
    let is_other = |client| usize::from(CLIENT.get() != Some(client));
    std::thread::scope(|scope| {
        let (senders, receivers): (Vec<_>, Vec<_>) =
            (0..THREADS).map(|_| channel::<(u64, Context)>()).unzip();
        let threads: Vec<_> = receivers
            .into_iter()
            .map(|work| {
                let each = move |(client, mut context): (u64, Context)| {
                    context.run(|| {
                        // A new thread, which inherits.
                        let child = ambient::thread::spawn(|| CLIENT.get());
                        let other = usize::from(child.join().ok() != Some(Some(client)));
                        other + is_other(client)
                    })
                };
                ambient::thread::spawn_scoped(scope, move || {
                    work.into_iter().map(each).sum::<usize>()
                })
            })
            .collect();
        for client in 0..clients {
            let context = Context::new().with_value(&CLIENT, client);
            let sender = &senders[client as usize % THREADS];
            if sender.send((client, context)).is_err() {
                break;
            }
        }
        drop(senders);
        let found = threads.into_iter().map(|thread| thread.join().unwrap_or(1));
        found.sum()
    })
}

fn main() -> ExitCode {
    let wrong = run(1_000);
    println!("clients 1000, wrong values {wrong}");
    ExitCode::from(u8::from(wrong > 0))
}
