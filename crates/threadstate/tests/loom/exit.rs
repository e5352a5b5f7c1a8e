//! A thread enters a context that another one leaves.

use crate::stack::{Context, on_two_threads};
use std::sync::Arc;
use threadstate::Holder;

/// A thread that enters after the other's exit sees all that the other did.
#[test]
fn exit_against_enter() {
    loom::model(|| {
        let shared = Context::new();
        let threads = on_two_threads({
            let shared = Arc::clone(&shared);
            move |thread, number| {
                let won = thread.enter(number, Arc::clone(&shared)).is_ok();
                if won {
                    shared.run();
                    thread.exit(number, &shared).unwrap();
                }
                won
            }
        });
        let wins = threads.iter().filter(|(_, won)| *won).count() as u64;
        assert!(wins >= 1, "no thread entered");
        assert_eq!(shared.runs(), wins, "a run was lost");
        assert_eq!(shared.claim.holder(), Holder::Free);
    });
}
