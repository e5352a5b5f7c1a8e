//! `Token`.

use super::{Body, Class, Constant, Contextvars, Getter, Row, alias, refuse};
use contextvars::host::{ContextHost, TokenCell};
use pyobj::{Arity, ExceptionKind, Handle};

impl<H: ContextHost> Contextvars<H> {
    pub(super) const TOKEN: Class<H, H::Token> = Class {
        name: "Token",
        // CPython 3.14's `token_tp_new`
        new: |vm, _, _| {
            let text = "Tokens can only be created by ContextVars";
            refuse::<H>(vm, ExceptionKind::RuntimeError, text)
        },
        constants: &[Constant {
            name: "MISSING",
            get: H::missing,
        }],
        getters: &[
            Getter {
                name: "var",
                stored: false,
                get: |vm, this| this.with_payload(|cell| cell.var().to_value(vm)),
            },
            Getter {
                name: "old_value",
                stored: false,
                get: |vm, this| this.with_payload(|cell| cell.old_value(vm)),
            },
        ],
        methods: &[
            Row {
                name: "__enter__",
                arity: Arity::None,
                doc: "__enter__($self, /)\n--\n\nReturn the token.",
                // CPython 3.14's `token_enter`
                body: Body::Positional(|vm, _, this, _| Ok(this.to_value(vm))),
            },
            Row {
                name: "__exit__",
                arity: Arity::Positional { min: 3, max: 3 },
                doc: "__exit__($self, type, val, tb, /)\n--\n\nReset the variable.",
                // CPython 3.14's `token_exit`. The arguments are not used: returning None lets
                // an exception of the `with` block propagate.
                body: Body::Positional(|vm, thread, this, _| {
                    TokenCell::exit(vm, thread, this).map_err(|error| error.raise(vm))?;
                    Ok(H::none(vm))
                }),
            },
            alias(),
        ],
    };
}
