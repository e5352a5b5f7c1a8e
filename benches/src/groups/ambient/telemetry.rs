//! `opentelemetry::Context`.

use std::future::Future;

use opentelemetry::Context;
use opentelemetry::context::FutureExt;

use super::contestant::Library;
use super::field;
use super::kinds::Kind;
use crate::report::Entrant;

/// OpenTelemetry's contexts.
#[derive(Clone, Copy)]
pub struct Telemetry;

/// What a context finds by its type.
struct Kept<V>(V);
struct Second<V>(V);
struct Third<V>(V);

impl<V: Kind> Library<V> for Telemetry {
    type Captured = Context;

    fn entrant(&self) -> Entrant {
        Entrant {
            name: "opentelemetry::Context",
            field: field::TELEMETRY,
        }
    }

    fn within(&self, value: V, body: impl FnOnce()) {
        let _attached = Context::current_with_value(Kept(value)).attach();
        body();
    }

    #[inline]
    fn get(&self) -> V {
        let read = |context: &Context| context.get::<Kept<V>>().map(|kept| kept.0.clone());
        Context::map_current(read).expect("it is set")
    }

    #[inline]
    fn scoped(&self, value: &V) -> u64 {
        let _attached = Context::current_with_value(Kept(value.clone())).attach();
        let read = |context: &Context| context.get::<Kept<V>>().map(|kept| kept.0.word());
        Context::map_current(read).expect("it is set")
    }

    #[inline]
    fn capture(&self) -> Context {
        Context::current()
    }

    #[inline]
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future.with_current_context()
    }

    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        let context = Context::current_with_value(Second(V::of(2)));
        future.with_context(context.with_value(Third(V::of(3))))
    }
}
