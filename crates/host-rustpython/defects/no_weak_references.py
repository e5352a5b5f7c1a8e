"""A context supports weak references."""

import weakref
from contextvars import Context

context = Context()
reference = weakref.ref(context)
assert reference() is context
del context
assert reference() is None
