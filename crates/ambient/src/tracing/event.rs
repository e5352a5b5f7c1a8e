//! Events with fields more.

use crate::any_var::{AnyVar, Described};
use crate::domain::with_thread;
use crate::meta::Meta;
use contextvars::engine;
use std::error::Error;
use std::fmt;
use tracing_core::field::{Field, Value, Visit, display};
use tracing_core::{Event, Metadata};

/// Calls `f` with an event that has the values of variables, as they are here, as
/// fields more, which the metadata has after the event's own.
pub(super) fn with_fields(
    event: &Event<'_>,
    metadata: &'static Metadata<'static>,
    vars: &[&'static dyn AnyVar],
    f: impl FnOnce(&Event<'_>),
) {
    let own = event.metadata().fields().len();
    let mut values = Values(Vec::new());
    values.0.resize_with(own, || None);
    event.record(&mut values);
    values.0.extend(vars.iter().map(|var| shown(*var)));
    let values: Vec<Option<&dyn Value>> = values.0.iter().map(Option::as_deref).collect();
    let values = metadata.fields().value_set_all(&values);
    let event = match event.parent() {
        Some(parent) => Event::new_child_of(parent.clone(), metadata, &values),
        None if event.is_root() => Event::new_child_of(None, metadata, &values),
        None => Event::new(metadata, &values),
    };
    f(&event);
}

/// The text of a variable's value here.
fn shown(var: &'static dyn AnyVar) -> Option<Box<dyn Value>> {
    let Described(meta) = var.meta();
    let shown = with_thread(|thread| {
        engine::lookup(thread, meta.key()?, |value| {
            value.map(|value| Shown(meta, value).to_string())
        })
    })?;
    Some(Box::new(display(shown)))
}

/// A value of a variable, as the variable says.
struct Shown<'a>(&'a Meta, &'a crate::value::Value);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shown(meta, value) = self;
        meta.show(value, f)
    }
}

/// The values of an event's own fields, by the place of the field.
struct Values(Vec<Option<Box<dyn Value>>>);

impl Values {
    fn put(&mut self, field: &Field, value: impl Value + 'static) {
        if let Some(place) = self.0.get_mut(field.index()) {
            *place = Some(Box::new(value));
        }
    }
}

impl Visit for Values {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put(field, value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, String::from(value));
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.put(field, display(value.to_string()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Formatted now: the value is borrowed for this call only.
        self.put(field, display(format!("{value:?}")));
    }
}
