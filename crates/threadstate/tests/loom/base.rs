//! A thread makes a context its base and removes it, while another enters it.

use crate::stack::{Context, on_two_threads};
use std::sync::Arc;
use threadstate::Holder;

/// One thread at a time holds it, and the later one sees all that the earlier one did.
#[test]
fn base_against_enter() {
    loom::model(|| {
        let shared = Context::new();
        let threads = on_two_threads({
            let shared = Arc::clone(&shared);
            move |thread, number| {
                let got = match number {
                    0 => thread.install_base(Arc::clone(&shared)).is_ok(),
                    _ => thread.enter(number, Arc::clone(&shared)).is_ok(),
                };
                if !got {
                    assert!(
                        thread.context(number).is_none(),
                        "a refused thread has a context"
                    );
                    return false;
                }
                let holder = match number {
                    0 => Holder::BaseOf(thread.id()),
                    _ => Holder::EnteredBy(thread.id()),
                };
                assert_eq!(
                    shared.claim.holder(),
                    holder,
                    "two threads hold the context"
                );
                shared.run();
                match number {
                    0 => drop(thread.replace_context(number, None)),
                    _ => thread.exit(number, &shared).unwrap(),
                }
                true
            }
        });
        let got = threads.iter().filter(|(_, got)| *got).count() as u64;
        assert!(got >= 1, "no thread got the context");
        assert_eq!(shared.runs(), got, "a run was lost");
        assert_eq!(shared.claim.holder(), Holder::Free);
    });
}
