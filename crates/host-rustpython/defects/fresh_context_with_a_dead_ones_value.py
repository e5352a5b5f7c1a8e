"""A new context must not show the value of a dead one."""

from contextvars import Context, ContextVar

var = ContextVar("var")


def set_and_read(value):
    var.set(value)
    return var.get()


def read():
    return var.get("unset")


for number in range(1000):
    # Each is freed before the next is created, which may get its address.
    assert Context().run(set_and_read, number) == number
    found = Context().run(read)
    assert found == "unset", f"a new context has {found}"
