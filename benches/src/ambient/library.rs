//! The subject and its peers: where each keeps a value, and how each does an operation once.

use std::cell::RefCell;
use std::future::Future;
use std::sync::{Arc, Once};

use ambient::{FutureExt as _, Var};
use dcontext::{ContextKey, RegistryBuilder};
use opentelemetry::context::FutureExt as _;
use serde::{Serialize, de::DeserializeOwned};
use tokio::task::LocalKey;
use tracing::{Instrument, Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use super::Task;
use crate::workload::done;

/// A kind of values.
pub trait Kind:
    Clone + Default + Serialize + DeserializeOwned + Send + Sync + Unpin + 'static
{
    /// Makes the value of a number.
    fn of(number: u64) -> Self;

    /// What a reader reads of it.
    fn word(&self) -> u64;

    /// Our variables, tokio's and dcontext's: one that is used, and two more.
    fn vars() -> &'static [Var<Self>; 3];
    fn task_locals() -> [&'static LocalKey<Self>; 3];
    fn keys() -> &'static [ContextKey<Self>; 3];

    /// The standard library's.
    fn thread_local() -> &'static std::thread::LocalKey<RefCell<Option<Self>>>;
}

macro_rules! kind {
    ($kind:ty, $keys:expr, $word:expr) => {
        impl Kind for $kind {
            fn of(number: u64) -> Self {
                number.into()
            }

            fn word(&self) -> u64 {
                $word(self)
            }

            fn vars() -> &'static [Var<Self>; 3] {
                static VARS: [Var<$kind>; 3] =
                    [Var::new("first"), Var::new("second"), Var::new("third")];
                &VARS
            }

            fn task_locals() -> [&'static LocalKey<Self>; 3] {
                tokio::task_local! {
                    static FIRST: $kind;
                    static SECOND: $kind;
                    static THIRD: $kind;
                }
                [&FIRST, &SECOND, &THIRD]
            }

            fn keys() -> &'static [ContextKey<Self>; 3] {
                static KEYS: [ContextKey<$kind>; 3] = {
                    let [first, second, third] = $keys;
                    [
                        ContextKey::new(first),
                        ContextKey::new(second),
                        ContextKey::new(third),
                    ]
                };
                &KEYS
            }

            fn thread_local() -> &'static std::thread::LocalKey<RefCell<Option<Self>>> {
                thread_local! {
                    static LOCAL: RefCell<Option<$kind>> = const { RefCell::new(None) };
                }
                &LOCAL
            }
        }
    };
}

kind!(u64, ["number 1", "number 2", "number 3"], |word: &u64| {
    *word
});
kind!(
    Arc<u64>,
    ["counted 1", "counted 2", "counted 3"],
    |word: &Arc<u64>| **word
);

/// A future.
pub trait Work: Future<Output = ()> + 'static {}
impl<F: Future<Output = ()> + 'static> Work for F {}

/// A library that keeps a value for the work at hand, on the thread that measures.
pub trait Library<V: Kind> {
    /// Runs `body` where the value is kept.
    fn within(value: V, body: impl FnOnce());

    /// Reads the value, to keep.
    fn get() -> V;

    /// Binds another value for the length of a call, and reads it there.
    fn scoped(value: &V) -> u64;

    /// Takes what a task is to have with it, and lets it go.
    fn capture() -> u64;

    /// Gives a future what is here, and two values more for `three`.
    fn carry(future: impl Work, three: bool) -> Task;
}

/// Our variables.
pub struct Ours;

impl<V: Kind> Library<V> for Ours {
    fn within(value: V, body: impl FnOnce()) {
        V::vars()[0].scoped(value, body);
    }

    fn get() -> V {
        V::vars()[0].get().expect("it is set")
    }

    fn scoped(value: &V) -> u64 {
        let read = || V::vars()[0].with(|value| value.map_or(0, V::word));
        V::vars()[0].scoped(value.clone(), read)
    }

    fn capture() -> u64 {
        done(ambient::Context::inherited())
    }

    fn carry(future: impl Work, three: bool) -> Task {
        let [_, second, third] = V::vars();
        let context = || ambient::Context::inherited().with(second, V::of(2));
        match three {
            true => Box::pin(future.in_context(context().with(third, V::of(3)))),
            false => Box::pin(future.inherit()),
        }
    }
}

/// `tokio::task_local!`. There is no way to take all that is set: one names the variable.
pub struct TaskLocal;

impl<V: Kind> Library<V> for TaskLocal {
    fn within(value: V, body: impl FnOnce()) {
        V::task_locals()[0].sync_scope(value, body);
    }

    fn get() -> V {
        V::task_locals()[0].with(V::clone)
    }

    fn scoped(value: &V) -> u64 {
        let read = || V::task_locals()[0].with(V::word);
        V::task_locals()[0].sync_scope(value.clone(), read)
    }

    fn capture() -> u64 {
        done(<Self as Library<V>>::get())
    }

    fn carry(future: impl Work, three: bool) -> Task {
        let [first, second, third] = V::task_locals();
        let future = first.scope(<Self as Library<V>>::get(), future);
        match three {
            true => Box::pin(second.scope(V::of(2), third.scope(V::of(3), future))),
            false => Box::pin(future),
        }
    }
}

/// OpenTelemetry's contexts, which find a value by its type.
pub struct Telemetry;

struct Kept<V>(V);
struct Second<V>(V);
struct Third<V>(V);

/// Reads the value of the current context.
fn of_context<V: Kind, R>(f: impl Fn(&V) -> R) -> R {
    let read = |context: &opentelemetry::Context| context.get::<Kept<V>>().map(|kept| f(&kept.0));
    opentelemetry::Context::map_current(read).expect("it is set")
}

impl<V: Kind> Library<V> for Telemetry {
    fn within(value: V, body: impl FnOnce()) {
        let _attached = opentelemetry::Context::current_with_value(Kept(value)).attach();
        body();
    }

    fn get() -> V {
        of_context(V::clone)
    }

    fn scoped(value: &V) -> u64 {
        let context = opentelemetry::Context::current_with_value(Kept(value.clone()));
        let _attached = context.attach();
        of_context(V::word)
    }

    fn capture() -> u64 {
        done(opentelemetry::Context::current())
    }

    fn carry(future: impl Work, three: bool) -> Task {
        let context = || opentelemetry::Context::current_with_value(Second(V::of(2)));
        match three {
            true => Box::pin(future.with_context(context().with_value(Third(V::of(3))))),
            false => Box::pin(future.with_current_context()),
        }
    }
}

/// Spans of `tracing`. They carry no values of their own: theirs is in the extensions of the
/// registry, which is where layers keep such things. One span has them all.
pub struct Spans;

/// Makes a span with a value.
fn span<V: Kind>(value: V) -> Span {
    let span = info_span!("work");
    span.with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        registry.span(id)?.extensions_mut().insert(Kept(value));
        Some(())
    });
    span
}

/// Reads the value of the current span.
fn of_span<V: Kind, R>(f: impl FnOnce(&V) -> R) -> R {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let span = registry.span(id)?;
        let extensions = span.extensions();
        Some(f(&extensions.get::<Kept<V>>()?.0))
    });
    found.flatten().expect("it is set")
}

impl<V: Kind> Library<V> for Spans {
    fn within(value: V, body: impl FnOnce()) {
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || span(value).in_scope(body));
    }

    fn get() -> V {
        of_span(V::clone)
    }

    fn scoped(value: &V) -> u64 {
        span(value.clone()).in_scope(|| of_span(V::word))
    }

    fn capture() -> u64 {
        done(Span::current())
    }

    fn carry(future: impl Work, _: bool) -> Task {
        Box::pin(future.in_current_span())
    }
}

/// dcontext's variables, which can be serialized as well. Keys are registered once for the process.
/// Its extension trait is for anything, not just futures, so it is not imported.
pub struct Dcontext;

impl<V: Kind> Library<V> for Dcontext {
    fn within(value: V, body: impl FnOnce()) {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            let mut builder = RegistryBuilder::new();
            u64::keys()
                .iter()
                .for_each(|key| key.register_on(&mut builder));
            <Arc<u64>>::keys()
                .iter()
                .for_each(|key| key.register_on(&mut builder));
            dcontext::initialize(builder);
        });
        let _scope = dcontext::push_scope("within");
        V::keys()[0].set(value);
        body();
    }

    fn get() -> V {
        V::keys()[0].get().expect("it is set")
    }

    fn scoped(value: &V) -> u64 {
        let _scope = dcontext::push_scope("scoped");
        V::keys()[0].set(value.clone());
        V::keys()[0].get().expect("it is set").word()
    }

    fn capture() -> u64 {
        done(dcontext::capture())
    }

    fn carry(future: impl Work, three: bool) -> Task {
        let _scope = dcontext::push_scope("carry");
        for key in V::keys()[1..].iter().filter(|_| three) {
            key.set(V::of(2));
        }
        Box::pin(dcontext::ContextFutureExt::capture(future))
    }
}

/// `thread_local!`: follows nothing, and costs the least. A future is as it was.
pub struct ThreadLocal;

impl<V: Kind> Library<V> for ThreadLocal {
    fn within(value: V, body: impl FnOnce()) {
        V::thread_local().set(Some(value));
        body();
        V::thread_local().take();
    }

    fn get() -> V {
        let kept = V::thread_local().with_borrow(Option::clone);
        kept.expect("it is set")
    }

    fn scoped(value: &V) -> u64 {
        let old = V::thread_local().replace(Some(value.clone()));
        let read = |kept: &Option<V>| kept.as_ref().map_or(0, V::word);
        let word = V::thread_local().with_borrow(read);
        V::thread_local().set(old);
        word
    }

    fn capture() -> u64 {
        done(<Self as Library<V>>::get())
    }

    fn carry(future: impl Work, _: bool) -> Task {
        Box::pin(future)
    }
}
