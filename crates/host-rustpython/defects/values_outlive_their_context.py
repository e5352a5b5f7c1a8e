"""A value is freed with the last context that binds it."""

import gc
import weakref
from contextvars import Context, ContextVar


class Value:
    pass


var = ContextVar("var")
context = Context()
value = Value()
gone = weakref.ref(value)
context.run(var.set, value)
context.run(var.get)
del value
assert gone() is not None
del context
gc.collect()
assert gone() is None, "the value is alive"
