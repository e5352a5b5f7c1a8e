"""Context managers and generators that set and reset."""

import contextlib
from contextvars import ContextVar, copy_context

stack = ContextVar("stack", default=())


@contextlib.contextmanager
def pushed(item):
    token = stack.set((*stack.get(), item))
    try:
        yield stack.get()
    finally:
        stack.reset(token)


with pushed(1) as one, pushed(2) as two:
    print(one, two, stack.get())
print(stack.get())

with contextlib.ExitStack() as exits:
    for item in "abc":
        print(exits.enter_context(pushed(item)))
    try:
        with pushed("d"):
            raise ValueError("on the way")
    except ValueError as error:
        print(error, stack.get())
print(stack.get())


def generator():
    with pushed("generator"):
        yield stack.get()
        yield stack.get()


running = generator()
print(next(running), stack.get())
with pushed("outside"):
    print(next(running), stack.get())
running.close()
print(copy_context().run(lambda: (stack.set(("copy",)), stack.get())[1]), stack.get())
