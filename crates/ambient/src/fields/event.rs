//! Copies an event of `tracing` and adds the current values of variables as fields.

use super::site::Site;
use crate::any_var::{AnyVar, Described};
use crate::meta::Meta;
use crate::value::AnyValue;
use std::error::Error;
use std::fmt;
use tracing_core::Event;
use tracing_core::field::{Field, Value, Visit, display};

/// Calls `f` with a copy of `event` that has the current values of the site's variables as
/// additional fields.
pub(super) fn with_fields(event: &Event<'_>, site: &'static Site, f: impl FnOnce(&Event<'_>)) {
    let own = event.metadata().fields().len();
    let mut values = Values(Vec::with_capacity(own + site.vars.len()));
    values.0.resize_with(own, || None);
    event.record(&mut values);
    values.0.extend(site.vars.iter().map(|var| current(*var)));
    let values: Vec<Option<&dyn Value>> = values.0.iter().map(Option::as_deref).collect();
    let values = site.metadata.fields().value_set_all(&values);
    let event = match event.parent() {
        Some(parent) => Event::new_child_of(parent.clone(), &site.metadata, &values),
        None if event.is_root() => Event::new_child_of(None, &site.metadata, &values),
        None => Event::new(&site.metadata, &values),
    };
    f(&event);
}

/// Returns the current value of a variable as a field, or its default. Returns `None` if it
/// has neither.
fn current(var: &'static dyn AnyVar) -> Option<Box<dyn Value>> {
    let Described(meta) = var.meta();
    let mut field = None;
    var.read_any(&mut |value| field = value.map(|value| as_field(meta, value)));
    field
}

/// Returns a value as a field. Numbers, booleans and strings that are shown by `Debug` keep
/// their type; any other value is the text that it is shown as.
fn as_field(meta: &Meta, value: &AnyValue) -> Box<dyn Value> {
    macro_rules! first_of {
        ($($ty:ty)*) => {
            $(if let Some(value) = value.downcast_ref::<$ty>() {
                return Box::new(value.clone());
            })*
        };
    }
    if meta.show.is_some() {
        first_of!(u64 u32 u16 u8 usize i64 i32 i16 i8 isize u128 i128 f64 f32 bool);
    }
    if meta.shows_debug {
        first_of!(&'static str String);
    }
    Box::new(display(Shown(meta, value).to_string()))
}

struct Shown<'a>(&'a Meta, &'a AnyValue);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.show(self.1, f)
    }
}

/// The values of an event's own fields, by the index of the field.
struct Values(Vec<Option<Box<dyn Value>>>);

impl Values {
    fn put(&mut self, field: &Field, value: impl Value + 'static) {
        if let Some(slot) = self.0.get_mut(field.index()) {
            *slot = Some(Box::new(value));
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
