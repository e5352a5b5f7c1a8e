//! Two threads enter one context.

use crate::stack::{Context, on_two_threads};
use std::sync::Arc;
use threadstate::Holder;

/// Exactly one succeeds, and the state of the other is unchanged.
#[test]
fn enter_against_enter() {
    loom::model(|| {
        let shared = Context::new();
        let threads = on_two_threads({
            let shared = Arc::clone(&shared);
            move |thread, number| {
                let before = thread.context_version();
                let won = thread.enter(number, Arc::clone(&shared)).is_ok();
                if !won {
                    assert!(thread.context(number).is_none());
                    assert_eq!(thread.context_version(), before);
                }
                won
            }
        });
        let winners: Vec<_> = threads.iter().filter(|(_, won)| *won).collect();
        assert_eq!(winners.len(), 1, "not exactly one thread entered");
        assert_eq!(
            shared.claim.holder(),
            Holder::EnteredBy(winners[0].0.id()),
            "the claim does not name the winner"
        );
    });
}
