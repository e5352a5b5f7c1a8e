"""A fresh context must not have the value of one that is gone."""

from contextvars import Context, ContextVar

var = ContextVar("var")


def set_and_read(value):
    var.set(value)
    return var.get()


def read():
    return var.get("unset")


for number in range(1000):
    # Each is gone before the next is made, and may be where the one before was.
    assert Context().run(set_and_read, number) == number
    found = Context().run(read)
    assert found == "unset", f"a fresh context has {found}"
