//! The operations of the subject and its peers, one implementation of [`Library`] for each.

use std::cell::RefCell;
use std::future::Future;
use std::sync::{Arc, Once};

use ambient::{ContextExt as _, Var};
use dcontext::{ContextKey, RegistryBuilder};
use instructions::workload::{Value, done};
use opentelemetry::context::FutureExt as _;
use serde::{Serialize, de::DeserializeOwned};
use tokio::task::LocalKey;
use tracing::{Instrument, Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use super::Task;

/// A kind of values, with statics for each library that needs them: one that is used and two more.
pub trait Kind: Value + Default + Serialize + DeserializeOwned + Send + Sync + Unpin {
    fn vars() -> &'static [Var<Self>; 3];
    fn task_locals() -> [&'static LocalKey<Self>; 3];
    fn keys() -> &'static [ContextKey<Self>; 3];
    fn thread_local() -> &'static std::thread::LocalKey<RefCell<Option<Self>>>;
}

macro_rules! kind {
    ($kind:ty, $first:literal, $second:literal, $third:literal) => {
        impl Kind for $kind {
            fn vars() -> &'static [Var<Self>; 3] {
                static VARS: [Var<$kind>; 3] =
                    [Var::new($first), Var::new($second), Var::new($third)];
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
                static KEYS: [ContextKey<$kind>; 3] = [
                    ContextKey::new($first),
                    ContextKey::new($second),
                    ContextKey::new($third),
                ];
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

kind!(u64, "number 1", "number 2", "number 3");
kind!(Arc<u64>, "counted 1", "counted 2", "counted 3");

/// A future.
pub trait Work: Future<Output = ()> + 'static {}
impl<F: Future<Output = ()> + 'static> Work for F {}

/// A library that keeps a value for the current task, on the measuring thread.
pub trait Library<V: Kind> {
    /// Calls `body` with the value set.
    fn within(value: V, body: impl FnOnce());

    /// Returns a clone of the value.
    fn get() -> V;

    /// Sets another value during a call, and reads it there.
    fn scoped(value: V) -> u64;

    /// Captures the values for a task, and drops them.
    fn capture();

    /// Wraps a future with the current value, and with two more if `three`.
    fn carry(future: impl Work, three: bool) -> Task;
}

/// Implements [`Library`] from the expressions of its functions.
macro_rules! library {
    (
        $(#[$doc:meta])* $name:ident;
        within($value:pat, $body:ident) => $within:expr,
        get => $get:expr,
        scoped($scoped:ident) => $read:expr,
        capture => $capture:expr,
        carry($future:ident, $three:pat) => $carry:expr,
    ) => {
        $(#[$doc])*
        pub struct $name;

        impl<V: Kind> Library<V> for $name {
            fn within($value: V, $body: impl FnOnce()) {
                $within;
            }

            fn get() -> V {
                $get
            }

            fn scoped($scoped: V) -> u64 {
                $read
            }

            fn capture() {
                done($capture);
            }

            fn carry($future: impl Work, $three: bool) -> Task {
                $carry
            }
        }
    };
}

library! {
    /// `ambient`'s variables.
    Ours;
    within(value, body) => V::vars()[0].scoped(value, body),
    get => V::vars()[0].get().expect("it is set"),
    scoped(value) => V::vars()[0].scoped(value, || V::vars()[0].with(|value| value.map_or(0, V::word))),
    capture => ambient::Context::inherited(),
    carry(future, three) => {
        let [_, second, third] = V::vars();
        let context = || ambient::Context::inherited().with_value(second, V::of(2));
        match three {
            true => Box::pin(future.in_context(context().with_value(third, V::of(3)))),
            false => Box::pin(future.inherit()),
        }
    },
}

library! {
    /// `tokio::task_local!`. It cannot capture all values: each variable is named.
    TaskLocal;
    within(value, body) => V::task_locals()[0].sync_scope(value, body),
    get => V::task_locals()[0].with(V::clone),
    scoped(value) => V::task_locals()[0].sync_scope(value, || V::task_locals()[0].with(V::word)),
    capture => <Self as Library<V>>::get(),
    carry(future, three) => {
        let [first, second, third] = V::task_locals();
        let future = first.scope(<Self as Library<V>>::get(), future);
        match three {
            true => Box::pin(second.scope(V::of(2), third.scope(V::of(3), future))),
            false => Box::pin(future),
        }
    },
}

/// Values that OpenTelemetry's contexts and the extensions of spans look up by type.
struct Kept<V>(V);
struct Second<V>(V);
struct Third<V>(V);

/// Reads the value of OpenTelemetry's current context.
fn of_context<V: Kind, R>(f: impl Fn(&V) -> R) -> R {
    let read = |context: &opentelemetry::Context| context.get::<Kept<V>>().map(|kept| f(&kept.0));
    opentelemetry::Context::map_current(read).expect("it is set")
}

library! {
    /// OpenTelemetry's contexts.
    Telemetry;
    within(value, body) => {
        let _attached = opentelemetry::Context::current_with_value(Kept(value)).attach();
        body();
    },
    get => of_context(V::clone),
    scoped(value) => {
        let _attached = opentelemetry::Context::current_with_value(Kept(value)).attach();
        of_context(V::word)
    },
    capture => opentelemetry::Context::current(),
    carry(future, three) => {
        let context = || opentelemetry::Context::current_with_value(Second(V::of(2)));
        match three {
            true => Box::pin(future.with_context(context().with_value(Third(V::of(3))))),
            false => Box::pin(future.with_current_context()),
        }
    },
}

/// Creates a span with a value.
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
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        let extensions = span.extensions();
        Some(f(&extensions.get::<Kept<V>>()?.0))
    });
    found.flatten().expect("it is set")
}

library! {
    /// Spans of `tracing`. A span carries no typed values itself: the value is in the registry's
    /// extensions, where layers store theirs. One span has all values.
    Spans;
    within(value, body) => {
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || span(value).in_scope(body));
    },
    get => of_span(V::clone),
    scoped(value) => span(value).in_scope(|| of_span(V::word)),
    capture => Span::current(),
    carry(future, _) => Box::pin(future.in_current_span()),
}

library! {
    /// dcontext's variables, which can also be serialized. Keys are registered once for the process.
    /// Its extension trait is implemented for every type, so it is not imported.
    Dcontext;
    within(value, body) => {
        static REGISTERED: Once = Once::new();
        REGISTERED.call_once(|| {
            let mut builder = RegistryBuilder::new();
            u64::keys().iter().for_each(|key| key.register_on(&mut builder));
            <Arc<u64>>::keys().iter().for_each(|key| key.register_on(&mut builder));
            dcontext::initialize(builder);
        });
        let _scope = dcontext::push_scope("within");
        V::keys()[0].set(value);
        body();
    },
    get => V::keys()[0].get().expect("it is set"),
    scoped(value) => {
        let _scope = dcontext::push_scope("scoped");
        V::keys()[0].set(value);
        V::keys()[0].get().expect("it is set").word()
    },
    capture => dcontext::capture(),
    carry(future, three) => {
        let _scope = dcontext::push_scope("carry");
        V::keys()[1..].iter().filter(|_| three).for_each(|key| key.set(V::of(2)));
        Box::pin(dcontext::ContextFutureExt::capture(future))
    },
}

library! {
    /// `thread_local!`: follows no task, and costs the least. Futures are not wrapped.
    ThreadLocal;
    within(value, body) => {
        V::thread_local().set(Some(value));
        body();
        V::thread_local().take();
    },
    get => V::thread_local().with_borrow(Option::clone).expect("it is set"),
    scoped(value) => {
        let old = V::thread_local().replace(Some(value));
        let word = V::thread_local().with_borrow(|kept| kept.as_ref().map_or(0, V::word));
        V::thread_local().set(old);
        word
    },
    capture => <Self as Library<V>>::get(),
    carry(future, _) => Box::pin(future),
}
