//! Variables as fields on each event of `tracing`.

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

/// Variables that events are to have as fields.
///
/// Wraps any layer of `tracing`, be it text, JSON or an exporter; events reach it with the
/// variables' current values as extra fields. A variable that is not set is left out, or
/// has its default. Numbers and booleans are written as such. The value of a variable that
/// is not [shown](crate::Var::shown) is `…`. Where an event has a field of the same name
/// itself, that one is kept.
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
/// What is kept for each callsite is kept for good.
pub struct Fields {
    vars: Vec<&'static dyn AnyVar>,
}

impl Fields {
    /// Chooses variables.
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

/// A layer whose events have variables as fields: from [`Fields::on`].
pub struct WithFields<L> {
    layer: L,
    vars: Vec<&'static dyn AnyVar>,
    sites: Sites,
}

/// Passes everything on, and events with further fields.
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

    // What looks for the layer inside, as tracing-opentelemetry does, finds it.
    #[expect(unsafe_code, reason = "the form of the trait")]
    unsafe fn downcast_raw(&self, id: TypeId) -> Option<*const ()> {
        if id == TypeId::of::<Self>() {
            return Some(ptr::from_ref(self).cast());
        }
        // SAFETY: the caller's word; the layer inside lives as long as this one.
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
