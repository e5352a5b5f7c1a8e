//! Tokens: resetting a variable, and the error of another context.

use ambient::testing::fresh;
use ambient::{Context, ContextExt, StackSnapshot, Var};
use futures::executor::block_on;

static VAR: Var<u64> = Var::new("user");

#[test]
fn a_token_restores_the_old_value() {
    fresh(|| {
        let first = VAR.set(1);
        let second = VAR.set(2);
        assert_eq!((first.old(), second.old()), (None, Some(&1)));
        second.reset().unwrap();
        assert_eq!(VAR.get(), Some(1));
        first.reset().unwrap();
        assert_eq!(VAR.get(), None);
    })
}

#[test]
fn a_token_of_another_context_is_refused_and_both_are_named() {
    fresh(|| {
        let token = VAR.set(1);
        let mut other = Context::inherited();
        let error = other.run(|| {
            VAR.set(2);
            token.reset().unwrap_err()
        });
        assert_eq!(error.current(), Some(other.id()));
        assert_eq!(Some(error.set_in()), StackSnapshot::here().levels()[0].id());
        let (set_in, current) = (error.set_in(), other.id());
        assert_eq!(
            error.to_string(),
            format!("`user` was set in {set_in} and cannot be reset in {current}")
        );
        // Neither context has changed.
        assert_eq!((VAR.get(), other.get(&VAR)), (Some(1), Some(2)));
        error.into_token().reset().unwrap();
        assert_eq!(VAR.get(), None);
    })
}

#[test]
fn the_error_names_a_thread_without_a_context() {
    fresh(|| {
        let token = VAR.set(1);
        let error = std::thread::spawn(|| token.reset().unwrap_err());
        let error = error.join().unwrap();
        assert_eq!(error.current(), None);
        assert!(
            error
                .to_string()
                .ends_with("in no context: none is current")
        );
    })
}

#[test]
fn reset_if_current_restores_only_in_its_context() {
    fresh(|| {
        let token = VAR.set(1);
        let token = Context::inherited().run(|| {
            let mine = VAR.set(2);
            assert!(mine.reset_if_current());
            token
        });
        assert!(token.reset_if_current());
        let token = VAR.set(3);
        assert!(!Context::inherited().run(|| token.reset_if_current()));
        assert_eq!(VAR.get(), Some(3));
    })
}

#[test]
fn a_token_can_be_kept_across_polls() {
    let task = async {
        let token = VAR.set(5);
        let mut polled = false;
        std::future::poll_fn(|waker| {
            waker.waker().wake_by_ref();
            match std::mem::replace(&mut polled, true) {
                true => std::task::Poll::Ready(()),
                false => std::task::Poll::Pending,
            }
        })
        .await;
        assert_eq!(VAR.get(), Some(5));
        token.reset().unwrap();
        VAR.get()
    };
    assert_eq!(block_on(task.inherit()), None);
}
