//! A layer that adds variables as fields to each event of `tracing`.
//!
//! `event.rs` builds the event with the additional fields, `site.rs` caches its metadata for
//! each callsite.

mod event;
mod site;

use crate::any_var::AnyVar;
use site::Sites;
use std::any::TypeId;
use std::{fmt, ptr};
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::subscriber::{Interest, Subscriber};
use tracing_core::{Dispatch, Event, LevelFilter, Metadata};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

/// A list of variables to add to events as fields.
///
/// [`on`](Fields::on) wraps any layer of `tracing` (text, JSON, an exporter): events reach it
/// with the variables' current values as extra fields. A variable that is not set has no
/// field, or its default. Numbers and booleans keep their type. The value of a variable that
/// is not [shown](crate::Var::shown) is `…`. If an event has a field of the same name, the
/// event's own field is kept.
///
/// ```
/// use ambient::{Fields, Var};
/// use tracing_subscriber::prelude::*;
///
/// static REQUEST_ID: Var<u64> = Var::new("request_id").shown();
///
/// let lines = Fields::new(&[&REQUEST_ID]).on(tracing_subscriber::fmt::layer());
/// let subscriber = tracing_subscriber::registry().with(lines);
/// tracing::subscriber::with_default(subscriber, || {
///     REQUEST_ID.scoped(7, || tracing::info!(status = 200, "served"));
///     // … INFO example: served status=200 request_id=7
/// });
/// ```
///
/// The metadata of each callsite that logs an event is cached, and never freed.
pub struct Fields {
    vars: Vec<&'static dyn AnyVar>,
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.vars.iter().map(|var| var.name());
        f.debug_tuple("Fields")
            .field(&names.collect::<Vec<_>>())
            .finish()
    }
}

impl Fields {
    /// Creates a list of variables.
    pub fn new(vars: &[&'static dyn AnyVar]) -> Self {
        Fields {
            vars: vars.to_vec(),
        }
    }

    /// Wraps a layer.
    pub fn on<L>(self, layer: L) -> WithFields<L> {
        WithFields {
            layer,
            sites: Sites::new(),
            vars: self.vars,
        }
    }
}

/// A layer whose events have variables as fields. Returned by [`Fields::on`].
pub struct WithFields<L> {
    layer: L,
    vars: Vec<&'static dyn AnyVar>,
    sites: Sites,
}

/// Forwards every call to the inner layer; events have the additional fields.
impl<S, L> Layer<S> for WithFields<L>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    L: Layer<S>,
{
    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let site = self.sites.with_fields(event.metadata(), &self.vars);
        event::with_fields(event, site, |event| self.layer.on_event(event, context));
    }

    fn on_register_dispatch(&self, subscriber: &Dispatch) {
        self.layer.on_register_dispatch(subscriber);
    }

    fn on_layer(&mut self, subscriber: &mut S) {
        self.layer.on_layer(subscriber);
    }

    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        self.layer.register_callsite(metadata)
    }

    fn enabled(&self, metadata: &Metadata<'_>, context: Context<'_, S>) -> bool {
        self.layer.enabled(metadata, context)
    }

    fn event_enabled(&self, event: &Event<'_>, context: Context<'_, S>) -> bool {
        self.layer.event_enabled(event, context)
    }

    fn on_new_span(&self, span: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        self.layer.on_new_span(span, id, context);
    }

    fn on_record(&self, span: &Id, values: &Record<'_>, context: Context<'_, S>) {
        self.layer.on_record(span, values, context);
    }

    fn on_follows_from(&self, span: &Id, follows: &Id, context: Context<'_, S>) {
        self.layer.on_follows_from(span, follows, context);
    }

    fn on_enter(&self, span: &Id, context: Context<'_, S>) {
        self.layer.on_enter(span, context);
    }

    fn on_exit(&self, span: &Id, context: Context<'_, S>) {
        self.layer.on_exit(span, context);
    }

    fn on_close(&self, span: Id, context: Context<'_, S>) {
        self.layer.on_close(span, context);
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        self.layer.max_level_hint()
    }

    // Finds the inner layer, too: tracing-opentelemetry, for one, looks for its own.
    #[expect(unsafe_code, reason = "the trait's method is unsafe")]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(ptr::from_ref(self).cast());
        }
        // SAFETY: guaranteed by the caller; the inner layer lives as long as this one.
        unsafe { self.layer.downcast_raw(id) }
    }

    fn on_id_change(&self, old: &Id, new: &Id, context: Context<'_, S>) {
        self.layer.on_id_change(old, new, context);
    }
}

impl<L> fmt::Debug for WithFields<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.vars.iter().map(|var| var.name());
        f.debug_list().entries(names).finish()
    }
}
