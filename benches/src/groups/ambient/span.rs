//! Spans of `tracing`, with the value in their extensions.

use std::future::Future;

use tracing::{Instrument, Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use super::contestant::Library;
use super::field;
use super::kinds::Kind;
use crate::report::Entrant;

/// Spans.
#[derive(Clone, Copy)]
pub struct Spans;

struct Kept<V>(V);

/// Makes a span with a value.
#[inline]
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
#[inline]
fn read<V: Kind, R>(f: impl FnOnce(&V) -> R) -> R {
    let found = Span::current().with_subscriber(|(id, dispatch)| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let span = registry.span(id)?;
        let extensions = span.extensions();
        Some(f(&extensions.get::<Kept<V>>()?.0))
    });
    found.flatten().expect("it is set")
}

impl<V: Kind> Library<V> for Spans {
    type Captured = Span;

    fn entrant(&self) -> Entrant {
        Entrant {
            name: "tracing::Span",
            field: field::SPAN,
        }
    }

    fn within(&self, value: V, body: impl FnOnce()) {
        let subscriber = tracing_subscriber::registry();
        tracing::subscriber::with_default(subscriber, || span(value).in_scope(body));
    }

    #[inline]
    fn get(&self) -> V {
        read(V::clone)
    }

    #[inline]
    fn scoped(&self, value: &V) -> u64 {
        span(value.clone()).in_scope(|| read(V::word))
    }

    #[inline]
    fn capture(&self) -> Span {
        Span::current()
    }

    #[inline]
    fn carry<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future.in_current_span()
    }

    /// One span has them all.
    fn carry_three<F: Future<Output = ()> + 'static>(
        &self,
        future: F,
    ) -> impl Future<Output = ()> + 'static {
        future.in_current_span()
    }
}
