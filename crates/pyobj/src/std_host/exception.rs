//! Exceptions, the hook for those that no code can catch, and the `with` statement.

use super::nesting::release;
use super::{Object, ObjectRef, Result, Shared, Std, Tuple, Type, Value, attribute, types};
use crate::ExceptionKind;
use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// An exception: a counted handle to its type, its arguments and the exception
/// that was being handled when it was raised.
///
/// Prints the last line of a traceback; [`chain`](Exception::chain) prints the
/// exceptions that led to it as well.
///
/// # Examples
///
/// ```
/// use pyobj::ExceptionKind;
/// use pyobj::std_host::Exception;
///
/// let error = Exception::text(ExceptionKind::KeyError, "user");
/// assert!(error.is_a(ExceptionKind::LookupError));
/// assert_eq!(error.to_string(), "KeyError: 'user'");
/// ```
#[derive(Clone)]
pub struct Exception(Shared<Raised>);

struct Raised {
    class: Type,
    args: Tuple,
    context: Mutex<Option<Exception>>,
}

impl Drop for Raised {
    fn drop(&mut self) {
        let context = self
            .context
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        release(context.take().into_iter().map(Exception::into_value));
    }
}

impl Exception {
    /// Creates an exception.
    pub fn new<V: Into<Value>>(
        class: impl Into<Type>,
        args: impl IntoIterator<Item = V>,
    ) -> Exception {
        Exception(Shared::new(Raised {
            class: class.into(),
            args: args.into_iter().map(Into::into).collect(),
            context: Mutex::default(),
        }))
    }

    /// Creates an exception whose argument is a text.
    pub fn text(class: impl Into<Type>, message: impl Into<String>) -> Exception {
        Exception::new(class, [message.into()])
    }

    /// Creates a `TypeError`.
    pub fn type_error(message: impl Into<String>) -> Exception {
        Exception::text(ExceptionKind::TypeError, message)
    }

    /// Returns the exception's type.
    pub fn class(&self) -> &Type {
        &self.0.class
    }

    /// Returns `true` if `except class` would catch the exception.
    pub fn is_a(&self, class: impl Into<Type>) -> bool {
        self.0.class.derives_from(&class.into())
    }

    /// Returns the arguments, `args`.
    pub fn args(&self) -> &[Value] {
        &self.0.args
    }

    /// Returns `str(exception)`.
    ///
    /// # Errors
    ///
    /// Whatever an argument's `__str__` or `__repr__` raises.
    pub fn message(&self) -> Result<String> {
        match self.args() {
            [] => Ok(String::new()),
            [only] if self.is_a(ExceptionKind::KeyError) => only.repr(),
            [only] => only.str(),
            _ => Value::Tuple(self.0.args.clone()).repr(),
        }
    }

    /// Returns `true` if both are the same object.
    pub fn is(&self, other: &Exception) -> bool {
        self.0.ptr_eq(&other.0)
    }

    /// Returns the exception that was being handled when this one was raised,
    /// `__context__`.
    pub fn context(&self) -> Option<Exception> {
        self.0
            .context
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Sets `__context__`. If the chain of `context` contains this exception, the
    /// chain is cut there, as CPython 3.14's `PyErr_SetObject` does. An exception
    /// is never its own context.
    pub fn set_context(&self, context: Option<Exception>) {
        if let Some(context) = &context {
            if context.is(self) {
                return;
            }
            for link in context.links() {
                if link.context().is_some_and(|next| next.is(self)) {
                    link.replace_context(None);
                }
            }
        }
        self.replace_context(context);
    }

    /// Records that the exception was raised while `handled` was being handled:
    /// `handled` becomes the context of the last exception in the chain.
    #[must_use]
    pub fn while_handling(self, handled: &Exception) -> Exception {
        let mut last = self.clone();
        for link in self.links() {
            if link.is(handled) {
                return self;
            }
            last = link;
        }
        last.set_context(Some(handled.clone()));
        self
    }

    fn replace_context(&self, context: Option<Exception>) {
        let replaced = {
            let mut place = self
                .0
                .context
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, context)
        };
        drop(replaced);
    }

    /// Returns the exception and the contexts in its chain, each once.
    fn links(&self) -> Vec<Exception> {
        // Addresses of exceptions that `links` keeps alive.
        let mut seen = HashSet::from([self.0.address()]);
        let mut links = vec![self.clone()];
        while let Some(next) = links.last().and_then(Exception::context) {
            // Two threads may have created a cycle together.
            if !seen.insert(next.0.address()) {
                break;
            }
            links.push(next);
        }
        links
    }

    /// Returns the text of the chain, with this exception last, as at the end of
    /// a traceback. Without a final line feed.
    pub fn chain(&self) -> String {
        let lines: Vec<String> = self
            .links()
            .iter()
            .rev()
            .map(Exception::to_string)
            .collect();
        lines.join("\n\nDuring handling of the above exception, another exception occurred:\n\n")
    }

    /// Returns `value` as an exception, if it is one.
    pub fn from_value(value: &Value) -> Option<Exception> {
        value.downcast().map(Exception)
    }

    /// Returns the exception as an object.
    pub fn into_value(self) -> Value {
        Value::Object(self.0.into())
    }
}

/// Prints the last line of a traceback.
impl fmt::Display for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.class.full_name())?;
        match self.message() {
            Ok(message) if message.is_empty() => Ok(()),
            Ok(message) => write!(f, ": {message}"),
            Err(_) => f.write_str(": <exception str() failed>"),
        }
    }
}

impl fmt::Debug for Exception {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Has no [`source`](std::error::Error::source): the context can be replaced
/// at any time, so it cannot be borrowed. See [`context`](Exception::context).
impl std::error::Error for Exception {}

impl Object for Raised {
    fn class(&self) -> &Type {
        &self.class
    }

    fn repr(&self, _this: &ObjectRef) -> Result<String> {
        let name = self.class.name();
        Ok(match &*self.args {
            [only] => format!("{name}({})", only.repr()?),
            _ => format!("{name}{}", Value::Tuple(self.args.clone()).repr()?),
        })
    }

    fn str(&self, this: &ObjectRef) -> Result<String> {
        match Exception::from_value(&Value::Object(this.clone())) {
            Some(exception) => exception.message(),
            None => self.repr(this),
        }
    }

    fn get_attr(&self, this: &ObjectRef, name: &str) -> Result {
        match name {
            "args" => Ok(self.args.clone().into()),
            "__context__" => {
                let context = self.context.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(context.clone().map_or(Value::None, Value::from))
            }
            _ => attribute::generic_get(&Value::Object(this.clone()), name),
        }
    }

    fn set_attr(&self, this: &ObjectRef, name: &str, value: Value) -> Result<()> {
        let Some(exception) = Exception::from_value(&Value::Object(this.clone())) else {
            return Err(attribute::refuse_change(&self.class, name));
        };
        match (name, &value) {
            ("__context__", Value::None) => exception.set_context(None),
            ("__context__", _) => match Exception::from_value(&value) {
                Some(context) => exception.set_context(Some(context)),
                None => {
                    return Err(Exception::type_error(
                        "exception context must be None or derive from BaseException",
                    ));
                }
            },
            _ => return Err(attribute::refuse_change(&self.class, name)),
        }
        Ok(())
    }
}

impl From<ExceptionKind> for Type {
    fn from(kind: ExceptionKind) -> Type {
        match kind {
            ExceptionKind::AttributeError => types::ATTRIBUTE_ERROR.clone(),
            ExceptionKind::ImportError => types::IMPORT_ERROR.clone(),
            ExceptionKind::KeyError => types::KEY_ERROR.clone(),
            ExceptionKind::LookupError => types::LOOKUP_ERROR.clone(),
            ExceptionKind::ModuleNotFoundError => types::MODULE_NOT_FOUND_ERROR.clone(),
            ExceptionKind::RuntimeError => types::RUNTIME_ERROR.clone(),
            ExceptionKind::TypeError => types::TYPE_ERROR.clone(),
            ExceptionKind::ValueError => types::VALUE_ERROR.clone(),
        }
    }
}

impl From<&Type> for Type {
    fn from(class: &Type) -> Type {
        class.clone()
    }
}

type Hook = Arc<dyn Fn(&str, &Exception) + Send + Sync>;

static HOOK: RwLock<Option<Hook>> = RwLock::new(None);

impl Std {
    /// Sets the hook that reports unraisable exceptions in this process. It is
    /// called with the report's first line and the exception. Without a hook,
    /// reports go to standard error in CPython's form.
    ///
    /// The hook runs on the thread that ignored the exception, with no lock
    /// held.
    pub fn set_unraisable_hook(hook: impl Fn(&str, &Exception) + Send + Sync + 'static) {
        Std::replace_hook(Some(Arc::new(hook)));
    }

    /// Removes the hook, so that reports go to standard error.
    pub fn reset_unraisable_hook() {
        Std::replace_hook(None);
    }

    fn replace_hook(hook: Option<Hook>) {
        let replaced = {
            let mut place = HOOK.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *place, hook)
        };
        drop(replaced);
    }

    pub(super) fn report(message: &str, exception: &Exception) {
        let hook = HOOK.read().unwrap_or_else(PoisonError::into_inner).clone();
        match hook {
            Some(hook) => hook(message, exception),
            None => eprintln!("{message}:\n{}", exception.chain()),
        }
    }
}

/// Runs `body` as the block of a `with` statement: `with manager as value`.
///
/// Returns the result of `body`, or `None` if it raised an exception that the
/// manager's `__exit__` suppressed.
///
/// A panic in `body` also calls `__exit__`, as after a normal end, since there
/// is no exception to pass; then the panic continues. An exception that
/// `__exit__` raises in that case is reported as unraisable.
///
/// # Errors
///
/// Whatever `__enter__`, `body` or `__exit__` raises; `TypeError` if `manager`
/// is not a context manager.
pub fn run_with<R>(manager: &Value, body: impl FnOnce(Value) -> Result<R>) -> Result<Option<R>> {
    let method = |name| match manager.special_method(name) {
        Some(method) => method,
        None => Err(manager.class().refuses(&format!(
            "does not support the context manager protocol (missed {name} method)"
        ))),
    };
    // CPython 3.14 looks up both before it calls either, `__exit__` first.
    let exit = method("__exit__")?;
    let value = method("__enter__")?.call(())?;
    match catch_unwind(AssertUnwindSafe(|| body(value))) {
        Ok(Ok(result)) => {
            exit.call(no_exception())?;
            Ok(Some(result))
        }
        Ok(Err(error)) => {
            let shown = [error.class().into(), error.clone().into(), Value::None];
            match exit.call(shown).and_then(|result| result.truth()) {
                Ok(true) => Ok(None),
                Ok(false) => Err(error),
                Err(newer) => Err(newer.while_handling(&error)),
            }
        }
        Err(panic) => {
            if let Err(error) = exit.call(no_exception()) {
                Std::report("Exception ignored in __exit__ during a panic", &error);
            }
            resume_unwind(panic)
        }
    }
}

fn no_exception() -> [Value; 3] {
    [Value::None, Value::None, Value::None]
}
