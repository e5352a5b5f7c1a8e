//! `ContextVar`.

use super::{Body, Class, Contextvars, Getter, Outcome, Row, alias, allocate, refuse};
use contextvars::host::{ContextHost, Error, VarCell};
use pyobj::{Arity, ExceptionKind, Handle};

impl<H: ContextHost> Contextvars<H> {
    pub(super) const CONTEXT_VAR: Class<H, H::Var> = Class {
        name: "ContextVar",
        new: construct::<H>,
        constants: &[],
        getters: &[Getter {
            name: "name",
            stored: true,
            get: |vm, this| this.with_payload(|cell| H::clone_value(vm, cell.name())),
        }],
        methods: &[
            Row {
                name: "get",
                arity: Arity::Positional { min: 0, max: 1 },
                // As in CPython: the default has no Python expression, so
                // `inspect.signature` raises `ValueError`.
                doc: "get($self, default=<unrepresentable>, /)\n--\n\n\
                      Return the value in the current context.\n\n\
                      If the variable has none there, return the given default, else the\n\
                      variable's own, else raise LookupError.",
                body: Body::Positional(|vm, thread, this, given| {
                    let default = given.first().map(|value| H::clone_value(vm, value));
                    VarCell::get(vm, thread, this, default).map_err(|error| error.raise(vm))
                }),
            },
            Row {
                name: "set",
                arity: Arity::One,
                doc: "set($self, value, /)\n--\n\n\
                      Set the value in the current context.\n\n\
                      Return a token, with which reset() restores the previous value.",
                body: Body::Positional(|vm, thread, this, given| {
                    let value = H::clone_value(vm, &given[0]);
                    let token = VarCell::set(vm, thread, this, value);
                    Ok(token.map_err(|error| error.raise(vm))?.into_value(vm))
                }),
            },
            Row {
                name: "reset",
                arity: Arity::One,
                doc: "reset($self, token, /)\n--\n\n\
                      Restore the value from before the set() that returned the token.",
                body: Body::Positional(|vm, thread, this, given| {
                    let outcome = match H::Token::from_value(vm, &given[0]) {
                        Some(token) => VarCell::reset(vm, thread, this, &token),
                        None => Err(Error::TokenExpected(H::clone_value(vm, &given[0]))),
                    };
                    outcome.map_err(|error| error.raise(vm))?;
                    Ok(H::none(vm))
                }),
            },
            alias(),
        ],
    };
}

/// `ContextVar(name, *, default=...)`: CPython 3.14's `contextvar_tp_new`, with
/// the errors of its `PyArg_ParseTupleAndKeywords`.
fn construct<H: ContextHost>(
    vm: H::Vm<'_>,
    positional: &[H::Value],
    keywords: &[(&str, &H::Value)],
) -> Outcome<H> {
    let (given, total) = (positional.len(), positional.len() + keywords.len());
    let (default, unknown) = match keywords {
        [] => (None, None),
        [("default", default)] => (Some(H::clone_value(vm, default)), None),
        [(unknown, _), ..] => (None, Some(unknown)),
    };
    let text = match (positional, unknown) {
        _ if total > 2 => {
            let keyword = if given == 0 { "keyword " } else { "" };
            format!("takes at most 2 {keyword}arguments ({total} given)")
        }
        ([name], None) => {
            let cell = VarCell::new(vm, H::clone_value(vm, name), default);
            return allocate::<H, H::Var>(vm, cell.map_err(|error| error.raise(vm))?);
        }
        ([_], Some(unknown)) => format!("got an unexpected keyword argument '{unknown}'"),
        ([], _) => "takes exactly 1 positional argument (0 given)".to_owned(),
        _ => format!("takes at most 1 positional argument ({given} given)"),
    };
    refuse::<H>(vm, ExceptionKind::TypeError, format!("ContextVar() {text}"))
}
