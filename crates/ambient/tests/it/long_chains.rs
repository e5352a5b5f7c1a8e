//! Chains of contexts in contexts, a hundred thousand deep, dropped on a small stack.

use ambient::{Context, Token, Var};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

const LINKS: usize = if cfg!(miri) { 70 } else { 100_000 };
/// The size of the stack, in bytes.
const STACK: usize = 256 << 10;

/// A value that holds a context, in which the next link is set.
struct Link {
    _inner: Inner,
    panics: bool,
    live: Arc<AtomicUsize>,
}

enum Inner {
    Nothing,
    Context {
        _context: Context,
    },
    Locked {
        _context: Arc<Mutex<Option<Context>>>,
    },
    Token {
        _token: Mutex<Token<Link>>,
    },
}

static LINK: Var<Link> = Var::new("link");

impl Drop for Link {
    fn drop(&mut self) {
        self.live.fetch_sub(1, Ordering::SeqCst);
        assert!(!self.panics, "on purpose");
    }
}

const KINDS: [fn(Link) -> Inner; 3] = [
    |link| Inner::Context {
        _context: Context::new().with_value(&LINK, link),
    },
    |link| Inner::Locked {
        _context: Arc::new(Mutex::new(Some(Context::new().with_value(&LINK, link)))),
    },
    |link| {
        let _token = Context::new().with_value(&LINK, link).run(|| {
            LINK.set(Link {
                _inner: Inner::Nothing,
                panics: false,
                live: Arc::new(AtomicUsize::new(1)),
            })
        });
        Inner::Token {
            _token: Mutex::new(_token),
        }
    },
];

fn chain(kind: fn(Link) -> Inner, live: &Arc<AtomicUsize>, panics: Option<usize>) -> Link {
    live.store(LINKS, Ordering::SeqCst);
    (0..LINKS)
        .fold(None, |inner, number| {
            Some(Link {
                _inner: inner.map_or(Inner::Nothing, kind),
                panics: panics == Some(number),
                live: Arc::clone(live),
            })
        })
        .unwrap()
}

/// Drops chains of each kind on a thread with a small stack.
fn drop_chains(panics: Option<usize>) {
    for kind in KINDS {
        let small = thread::Builder::new().stack_size(STACK);
        let thread = small.spawn(move || {
            for _ in 0..2 {
                let live = Arc::default();
                let chain = chain(kind, &live, panics);
                let dropped = catch_unwind(AssertUnwindSafe(|| drop(chain)));
                assert_eq!(dropped.is_err(), panics.is_some());
                assert_eq!(live.load(Ordering::SeqCst), 0);
            }
        });
        assert!(thread.unwrap().join().is_ok());
    }
}

#[test]
fn are_dropped_at_once_and_need_no_deep_stack() {
    drop_chains(None);
}

#[test]
fn are_dropped_to_the_end_if_one_value_panics() {
    drop_chains(Some(LINKS / 2));
}
