"""`keys`, `values` and `items` return iterators, each of its own type."""

from contextvars import Context, ContextVar

context = Context()
context.run(ContextVar("var").set, 1)
for name in ("keys", "values", "items"):
    found = getattr(context, name)()
    assert type(found).__name__ == name, type(found)
    assert iter(found) is found
    assert len(found) == 1
    next(found)
    assert next(found, "end") == "end"
    # Its length is the number of bindings, also after iteration.
    assert len(found) == 1
assert type(iter(context)).__name__ == "keys"
