//! `Context`.

use super::{Body, Class, Contextvars, Method, Row, allocate, refuse};
use contextvars::host::{ContextCell, ContextHost, IterCell, IterKind};
use pyobj::{Arity, DirectHandle, ExceptionKind};

impl<H: ContextHost> Contextvars<H> {
    pub(super) const CONTEXT: Class<H, H::Context> = Class {
        name: "Context",
        // CPython 3.14's `context_tp_new`
        new: |vm, positional, keywords| {
            if positional.is_empty() && keywords.is_empty() {
                return allocate::<H, H::Context>(vm, ContextCell::new());
            }
            let text = "Context() does not accept any arguments";
            refuse::<H>(vm, ExceptionKind::TypeError, text)
        },
        constants: &[],
        getters: &[],
        methods: &[
            Row {
                name: "run",
                arity: Arity::Variadic,
                doc: "",
                // CPython 3.14's `context_run`
                body: Body::Call(|vm, thread, this, call| {
                    let Some((callable, arguments)) = call else {
                        let text = "run() missing 1 required positional argument";
                        return refuse::<H>(vm, ExceptionKind::TypeError, text);
                    };
                    ContextCell::call(vm, thread, this, callable, arguments)
                        .map_err(|error| error.raise(vm))
                }),
            },
            Row {
                name: "get",
                arity: Arity::Positional { min: 1, max: 2 },
                doc: "get($self, key, default=None, /)\n--\n\n\
                      Return the variable's value in the context, else the default.\n\n\
                      The variable's own default is not used.",
                body: Body::Positional(|vm, _, this, given| {
                    let value = this.payload().get(vm, &given[0]);
                    let value = value.map_err(|error| error.raise(vm))?;
                    Ok(value.unwrap_or_else(|| match given.get(1) {
                        Some(default) => H::clone_value(vm, default),
                        None => H::none(vm),
                    }))
                }),
            },
            Row {
                name: "copy",
                arity: Arity::None,
                doc: "copy($self, /)\n--\n\n\
                      Return another context with the same bindings, in constant time.",
                body: Body::Positional(|vm, _, this, _| {
                    allocate::<H, H::Context>(vm, this.payload().copy())
                }),
            },
            iterator(
                "keys",
                "keys($self, /)\n--\n\n\
                 Iterate over the variables that the context binds.",
                |this: &H::Context| IterCell::new(IterKind::Keys, this.payload()),
            ),
            iterator(
                "values",
                "values($self, /)\n--\n\n\
                 Iterate over the values of the variables.",
                |this: &H::Context| IterCell::new(IterKind::Values, this.payload()),
            ),
            iterator(
                "items",
                "items($self, /)\n--\n\n\
                 Iterate over pairs of variables and their values.",
                |this: &H::Context| IterCell::new(IterKind::Items, this.payload()),
            ),
        ],
    };
}

const fn iterator<H: ContextHost>(
    name: &'static str,
    doc: &'static str,
    body: fn(&H::Context) -> IterCell<H>,
) -> Method<H, H::Context> {
    Row {
        name,
        arity: Arity::None,
        doc,
        body: Body::Iterate(body),
    }
}
