//! The wrappers of rayon's scopes, pools and parallel iterators.

use ambient::on_rayon::{self, ParallelIteratorExt};
use ambient::{StackSnapshot, Var};
use rayon::prelude::*;
use std::sync::Mutex;

static VAR: Var<u64> = Var::new("var");

/// Sets the variable and returns its old value.
fn swap(value: u64) -> Option<u64> {
    let before = VAR.get();
    VAR.set(value);
    assert_eq!(VAR.get(), Some(value));
    before
}

#[test]
fn jobs_of_scopes_inherit_and_are_isolated() {
    let seen = Mutex::new(Vec::new());
    VAR.scoped(7, || {
        let note = || seen.lock().unwrap().push(swap(1));
        let body = on_rayon::scope(|scope| {
            for _ in 0..50 {
                scope.spawn(|scope| {
                    note();
                    // It inherits from the job, which has set the variable to 1.
                    scope.spawn(|_| assert_eq!(swap(2), Some(1)));
                });
            }
            VAR.get()
        });
        let in_place = on_rayon::in_place_scope(|scope| {
            scope.spawn(|_| note());
            VAR.get()
        });
        assert_eq!((body, in_place, VAR.get()), (Some(7), Some(7), Some(7)));
    });
    assert_eq!(seen.into_inner().unwrap(), [Some(7); 51]);
}

#[test]
fn what_is_installed_in_a_pool_inherits() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap();
    VAR.scoped(7, || {
        let depth = || (swap(8), StackSnapshot::here().levels().len());
        assert_eq!(on_rayon::install(&pool, depth), (Some(7), 1));
        assert_eq!(pool.install(depth_without), (None, 0));
        assert_eq!(VAR.get(), Some(7));
    });
}

fn depth_without() -> (Option<u64>, usize) {
    (VAR.get(), StackSnapshot::here().levels().len())
}

#[test]
fn every_closure_after_inherit_each_runs_in_a_context() {
    const ITEMS: u64 = 1_000;
    let seen = |value| assert_eq!(swap(value), Some(7));
    VAR.scoped(7, || {
        let each = || (0..ITEMS).into_par_iter().inherit_each();
        each().for_each(seen);
        assert_eq!(
            each()
                .filter(|n| {
                    seen(*n);
                    n % 2 == 0
                })
                .count(),
            500
        );
        let mapped: Vec<u64> = each()
            .map(|n| {
                seen(n);
                n
            })
            .collect();
        assert_eq!(mapped, (0..ITEMS).collect::<Vec<_>>());
        let largest = each().reduce(
            || {
                seen(1);
                0
            },
            |a, b| {
                seen(2);
                a.max(b)
            },
        );
        assert_eq!(largest, ITEMS - 1);
        let sums = each().fold(
            || {
                seen(3);
                0
            },
            |sum, n| {
                seen(4);
                sum + n
            },
        );
        assert_eq!(sums.sum::<u64>(), ITEMS * (ITEMS - 1) / 2);
        assert!(each().any(|n| {
            seen(n);
            n == 17
        }));
        assert_eq!(
            each().find_first(|n| {
                seen(*n);
                *n >= 17
            }),
            Some(17)
        );
        let failed: Result<Vec<u64>, u64> = each()
            .map(|n| {
                seen(n);
                Err(n)
            })
            .collect();
        assert!(failed.is_err());
        // An item's closures share its context.
        let both = each()
            .map(|n| {
                seen(n);
                n
            })
            .filter(|n| VAR.get() == Some(*n));
        assert_eq!(both.count(), ITEMS as usize);
        let nested = each().flat_map(|n| 0..n % 3).inherit_each();
        nested.for_each(seen);
        let indexed = (0..3_u32).into_par_iter().enumerate().inherit_each();
        indexed.for_each(|(index, n)| {
            seen(n.into());
            assert_eq!(index, n as usize)
        });
        assert_eq!(VAR.get(), Some(7));
    });
    // The workers have left all contexts.
    let depths = (0..100)
        .into_par_iter()
        .map(|_| StackSnapshot::here().levels().len());
    assert_eq!(depths.sum::<usize>(), 0);
}
