//! What the methods do: each calls a cell with its arguments and raises what that refuses.

use super::Outcome;
use contextvars::host::{ContextCell, ContextHost, Error, Thread, TokenCell, VarCell};
use pyobj::{DirectHandle, ExceptionKind, Failure, Handle};

/// Allocates an object around a cell.
fn allocate<H: ContextHost, T: Handle<H>>(vm: H::Vm<'_>, cell: T::Payload) -> Outcome<H> {
    match T::allocate(vm, cell) {
        Ok(handle) => Ok(handle.into_value(vm)),
        Err(refused) => Err(refused.error),
    }
}

/// Raises an exception with a text.
fn refuse<H: ContextHost>(
    vm: H::Vm<'_>,
    kind: ExceptionKind,
    text: impl Into<String>,
) -> Outcome<H> {
    Err(H::raise(vm, Failure::text(kind, text)))
}

pub(super) mod context {
    use super::*;

    /// `Context()`: CPython 3.14's `context_tp_new`.
    pub fn new<H: ContextHost>(
        vm: H::Vm<'_>,
        positional: &[H::Value],
        keywords: &[(&str, &H::Value)],
    ) -> Outcome<H> {
        if positional.is_empty() && keywords.is_empty() {
            return allocate::<H, H::Context>(vm, ContextCell::new());
        }
        let text = "Context() does not accept any arguments";
        refuse::<H>(vm, ExceptionKind::TypeError, text)
    }

    /// `copy_context()`
    pub fn copy_current<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        _: &[H::Value],
    ) -> Outcome<H> {
        Ok(ContextCell::copy_current(vm, thread)?.into_value(vm))
    }

    /// `context.run(callable, *args, **kwargs)`: CPython 3.14's `context_run`.
    pub fn run<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        this: &H::Context,
        call: Option<(&H::Value, H::Args<'_>)>,
    ) -> Outcome<H> {
        let Some((callable, arguments)) = call else {
            let text = "run() missing 1 required positional argument";
            return refuse::<H>(vm, ExceptionKind::TypeError, text);
        };
        ContextCell::call(vm, thread, this, callable, arguments).map_err(|error| error.raise(vm))
    }

    /// `context.get(key, default=None, /)`: CPython 3.14's `_contextvars_Context_get`.
    pub fn get<H: ContextHost>(
        vm: H::Vm<'_>,
        _: &Thread<H>,
        this: &H::Context,
        arguments: &[H::Value],
    ) -> Outcome<H> {
        let value = this.payload().get(vm, &arguments[0]);
        let value = value.map_err(|error| error.raise(vm))?;
        Ok(value.unwrap_or_else(|| match arguments.get(1) {
            Some(default) => H::clone_value(vm, default),
            None => H::none(vm),
        }))
    }

    /// `context.copy()`: CPython 3.14's `_contextvars_Context_copy`.
    pub fn copy<H: ContextHost>(
        vm: H::Vm<'_>,
        _: &Thread<H>,
        this: &H::Context,
        _: &[H::Value],
    ) -> Outcome<H> {
        allocate::<H, H::Context>(vm, this.payload().copy())
    }
}

pub(super) mod var {
    use super::*;

    /// `ContextVar(name, *, default=...)`: CPython 3.14's `contextvar_tp_new`, with
    /// the errors of its `PyArg_ParseTupleAndKeywords`.
    pub fn new<H: ContextHost>(
        vm: H::Vm<'_>,
        positional: &[H::Value],
        keywords: &[(&str, &H::Value)],
    ) -> Outcome<H> {
        let (default, rest) = match keywords {
            [("default", default)] => (Some(H::clone_value(vm, default)), None),
            [] => (None, None),
            [(first, _), ..] => (None, Some(first)),
        };
        let (given, total) = (positional.len(), positional.len() + keywords.len());
        let text = match (positional, rest) {
            _ if total > 2 => {
                let keyword = if given == 0 { "keyword " } else { "" };
                format!("takes at most 2 {keyword}arguments ({total} given)")
            }
            ([], _) => format!("takes exactly 1 positional argument ({given} given)"),
            ([name], None) => {
                let cell = VarCell::new(vm, H::clone_value(vm, name), default);
                return allocate::<H, H::Var>(vm, cell.map_err(|error| error.raise(vm))?);
            }
            ([_], Some(unknown)) => format!("got an unexpected keyword argument '{unknown}'"),
            _ => format!("takes at most 1 positional argument ({given} given)"),
        };
        refuse::<H>(vm, ExceptionKind::TypeError, format!("ContextVar() {text}"))
    }

    /// `var.get(default, /)`: CPython 3.14's `_contextvars_ContextVar_get`.
    pub fn get<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        this: &H::Var,
        arguments: &[H::Value],
    ) -> Outcome<H> {
        let default = arguments.first().map(|value| H::clone_value(vm, value));
        VarCell::get(vm, thread, this, default).map_err(|error| error.raise(vm))
    }

    /// `var.set(value, /)`: CPython 3.14's `_contextvars_ContextVar_set`.
    pub fn set<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        this: &H::Var,
        arguments: &[H::Value],
    ) -> Outcome<H> {
        let value = H::clone_value(vm, &arguments[0]);
        match VarCell::set(vm, thread, this, value) {
            Ok(token) => Ok(token.into_value(vm)),
            Err(error) => Err(error.raise(vm)),
        }
    }

    /// `var.reset(token, /)`: CPython 3.14's `_contextvars_ContextVar_reset`.
    pub fn reset<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        this: &H::Var,
        arguments: &[H::Value],
    ) -> Outcome<H> {
        let outcome = match H::Token::from_value(vm, &arguments[0]) {
            Some(token) => VarCell::reset(vm, thread, this, &token),
            None => Err(Error::TokenExpected(H::clone_value(vm, &arguments[0]))),
        };
        match outcome {
            Ok(()) => Ok(H::none(vm)),
            Err(error) => Err(error.raise(vm)),
        }
    }

    /// `var.name`
    pub fn name<H: ContextHost>(vm: H::Vm<'_>, this: &H::Var) -> H::Value {
        this.with_payload(|cell| H::clone_value(vm, cell.name()))
    }
}

pub(super) mod token {
    use super::*;

    /// `Token()`: CPython 3.14's `token_tp_new`.
    pub fn new<H: ContextHost>(
        vm: H::Vm<'_>,
        _: &[H::Value],
        _: &[(&str, &H::Value)],
    ) -> Outcome<H> {
        let text = "Tokens can only be created by ContextVars";
        refuse::<H>(vm, ExceptionKind::RuntimeError, text)
    }

    /// `token.__enter__()`: CPython 3.14's `token_enter`.
    pub fn enter<H: ContextHost>(
        vm: H::Vm<'_>,
        _: &Thread<H>,
        this: &H::Token,
        _: &[H::Value],
    ) -> Outcome<H> {
        Ok(this.to_value(vm))
    }

    /// `token.__exit__(type, val, tb, /)`: CPython 3.14's `token_exit`. The caller raises what
    /// the block raised, which the arguments say, in any case.
    pub fn exit<H: ContextHost>(
        vm: H::Vm<'_>,
        thread: &Thread<H>,
        this: &H::Token,
        _: &[H::Value],
    ) -> Outcome<H> {
        match TokenCell::exit(vm, thread, this) {
            Ok(()) => Ok(H::none(vm)),
            Err(error) => Err(error.raise(vm)),
        }
    }

    /// `token.var`
    pub fn var<H: ContextHost>(vm: H::Vm<'_>, this: &H::Token) -> H::Value {
        this.with_payload(|cell| cell.var().to_value(vm))
    }

    /// `token.old_value`
    pub fn old_value<H: ContextHost>(vm: H::Vm<'_>, this: &H::Token) -> H::Value {
        this.with_payload(|cell| cell.old_value(vm))
    }
}
