//! The methods of `Context`.

#![forbid(unsafe_code)]

use crate::cells::Context;
use crate::ffi::{Arguments, Class, Comparison, Constructor, Method, Object, Raised, check_count};
use crate::host::CPython;
use crate::{iter, thread, types};
use contextvars::host::{ContextCell, IterKind};
use pyo3::Python;
use pyobj::ExceptionKind::TypeError;
use pyobj::Handle;

/// Returns the definition of the type.
pub fn class() -> Class<ContextCell<CPython>> {
    Class::<ContextCell<CPython>>::new(c"_contextvars.Context")
        .constructor(new)
        .unhashable()
        .len(|_, this| Ok(this.payload().len() as isize))
        .item(item)
        .contains(contains)
        .iter(|py, this| iter::over(py, this, IterKind::Keys))
        .compare(compare)
        .method(Method::any(c"run", run))
        .method(Method::without(c"copy", copy).doc(
            c"copy($self, /)\n--\n\n\
              Return another context with the same bindings, in constant time.",
        ))
        .method(Method::positional(c"get", get).doc(
            c"get($self, key, default=None, /)\n--\n\n\
              Return the variable's value in the context, else the default.\n\n\
              The variable's own default is not used.",
        ))
        .method(
            Method::without(c"keys", |py, this| iter::over(py, this, IterKind::Keys)).doc(
                c"keys($self, /)\n--\n\n\
                  Iterate over the variables that the context binds.",
            ),
        )
        .method(
            Method::without(c"values", |py, this| iter::over(py, this, IterKind::Values)).doc(
                c"values($self, /)\n--\n\n\
                  Iterate over the values of the variables.",
            ),
        )
        .method(
            Method::without(c"items", |py, this| iter::over(py, this, IterKind::Items)).doc(
                c"items($self, /)\n--\n\n\
                  Iterate over pairs of variables and their values.",
            ),
        )
}

fn new(py: Python<'_>, arguments: Constructor) -> Result<Object, Raised> {
    if !arguments.is_empty(py) {
        let text = "Context() does not accept any arguments";
        return Err(Raised::text(py, TypeError, text));
    }
    make(py, ContextCell::new())
}

fn make(py: Python<'_>, cell: ContextCell<CPython>) -> Result<Object, Raised> {
    Ok(<Context as Handle<CPython>>::allocate(py, cell)?.into_object())
}

fn item(py: Python<'_>, this: &Context, key: &Object) -> Result<Object, Raised> {
    let value = this.payload().get_item(py, key);
    value.map_err(|error| error.raise(py))
}

fn contains(py: Python<'_>, this: &Context, key: &Object) -> Result<bool, Raised> {
    let found = this.payload().contains(py, key);
    found.map_err(|error| error.raise(py))
}

fn compare(
    py: Python<'_>,
    this: &Context,
    other: &Object,
    operator: Comparison,
) -> Result<Object, Raised> {
    let other = types::get(py)?.context.cast(other);
    let (Some(other), Comparison::Equal | Comparison::NotEqual) = (other, operator) else {
        return Ok(Object::not_implemented(py));
    };
    let equal = this.payload().eq(py, other.payload())?;
    Ok(Object::from_bool(
        py,
        equal == (operator == Comparison::Equal),
    ))
}

fn run(py: Python<'_>, this: &Context, arguments: Arguments<'_>) -> Result<Object, Raised> {
    let Some((callable, arguments)) = arguments.split_first() else {
        let text = "run() missing 1 required positional argument";
        return Err(Raised::text(py, TypeError, text));
    };
    thread::with(py, |thread| {
        ContextCell::call(py, thread, this, callable, arguments)
    })?
    .map_err(|error| error.raise(py))
}

fn copy(py: Python<'_>, this: &Context) -> Result<Object, Raised> {
    make(py, this.payload().copy())
}

fn get(py: Python<'_>, this: &Context, arguments: &[Object]) -> Result<Object, Raised> {
    check_count(py, c"get", arguments, 1, 2)?;
    let value = this.payload().get(py, &arguments[0]);
    let value = value.map_err(|error| error.raise(py))?;
    Ok(value.unwrap_or_else(|| match arguments.get(1) {
        Some(default) => default.clone_ref(py),
        None => Object::none(py),
    }))
}
