//! The lines that a request's tasks write.

use super::variables::{
    ATTEMPT, CACHE, CLIENT, DEADLINE, METHOD, PATH, REPORT, REQUEST, SPAN, USER,
};
use contextvars::{Context, ContextVar, Exception, Value};
use pyobj::std_host::{Object, Type};
use std::sync::{LazyLock, Mutex, PoisonError};

/// A request's report: an object in the variable `report`, which all tasks of
/// the request share.
#[derive(Default)]
pub struct Report(Mutex<Vec<String>>);

impl Object for Report {
    fn class(&self) -> &Type {
        static CLASS: LazyLock<Type> = LazyLock::new(|| Type::new("Report").build());
        &CLASS
    }
}

impl Report {
    /// Calls `change` with the lines. A poisoned lock is ignored.
    fn edit<R>(&self, change: impl FnOnce(&mut Vec<String>) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Writes a line to the current request's report. The report, and all of the line
/// except `text`, comes from the variables.
pub fn write(text: &str) -> Result<(), Exception> {
    let line = line(|variable| variable.get().ok(), text);
    let report = REPORT.get()?;
    match report.downcast_ref::<Report>() {
        Some(report) => report.edit(|lines| lines.push(line)),
        None => return Err(Exception::type_error("the report is none")),
    }
    Ok(())
}

/// Takes the lines out of the report in a task's context.
pub fn take(context: &Context) -> Vec<String> {
    let report = context.get(&REPORT);
    let report = report.as_ref().and_then(Value::downcast_ref::<Report>);
    report.map_or_else(Vec::new, |report| report.edit(std::mem::take))
}

/// Returns a report line, with the values of the variables from `read`.
pub fn line(read: impl Fn(&ContextVar) -> Option<Value>, text: &str) -> String {
    let shown = |variable: &ContextVar| match read(variable) {
        Some(value) => value.str().unwrap_or_else(|error| error.to_string()),
        None => "-".to_owned(),
    };
    format!(
        "{} {} {} {} {} due {}, {} {}, cache {}: {text}",
        shown(&REQUEST),
        shown(&CLIENT),
        shown(&USER),
        shown(&METHOD),
        shown(&PATH),
        shown(&DEADLINE),
        shown(&SPAN),
        shown(&ATTEMPT),
        shown(&CACHE),
    )
}
