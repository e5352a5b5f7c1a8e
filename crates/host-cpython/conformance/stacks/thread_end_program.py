"""Finalizers that use contexts when a thread ends."""

import _thread
import decimal
import threading
from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default="default")
other = ContextVar("other")
local = threading.local()
ends = []


class Last:
    """Calls `use` in its finalizer, and records the result or the exception."""

    def __init__(self, use):
        self.use = use

    def __del__(self):
        try:
            found = self.use()
        except Exception as error:
            found = type(error).__name__
        ends.append(f"{self.use.__name__}: {found}")


def sets_inside():
    def inside():
        before = var.get()
        token = var.set("set")
        in_copy = copy_context().run(lambda: (var.get(), var.set("copy") and var.get()))
        found = before, in_copy, var.get()
        var.reset(token)
        return found, var.get(), len(copy_context())

    return Context().run(inside)


def enters_twice():
    context = Context()
    return context.run(context.run, int)


def nests():
    def nest(depth):
        var.set(depth)
        return [var.get(), *(copy_context().run(nest, depth - 1) if depth else ()), var.get()]

    return Context().run(nest, 20)


def raises_inside():
    context = Context()
    try:
        context.run(lambda: (var.set(1), 1 / 0))
    except ZeroDivisionError:
        return context[var], context.run(var.get)


def decimals():
    def inside():
        with decimal.localcontext() as context:
            context.prec = 3
            return str(decimal.Decimal(1) / 7)

    return Context().run(inside)


def frees_another_inside():
    return Context().run(lambda: (var.set(Last(sets_inside)) and var.set(0)) and var.get())


def thread_inside():
    found = []
    context = Context()
    context.run(var.set, "given")
    # Not `threading.Thread`: `threading` no longer knows the ending thread.
    ended = _thread.allocate_lock()
    ended.acquire()
    work = lambda: (found.append(var.get()), ended.release())
    _thread.start_new_thread(context.run, (work,))
    ended.acquire()
    return found


USES = [
    sets_inside, enters_twice, nests, raises_inside, decimals, frees_another_inside, thread_inside
]


def in_variable(use):
    var.set(Last(use))


def in_variables(use):
    other.set(Last(use))
    var.set(Last(sets_inside))


def in_context_of_run(use):
    copy_context().run(in_variable, use)
    var.set(copy_context().run(lambda: Last(use)))


def before_in_local(use):
    local.last = Last(use)
    var.set(1)


def after_in_local(use):
    var.set(1)
    local.last = Last(use)


for bind in in_variable, in_variables, in_context_of_run, before_in_local, after_in_local:
    print(bind.__name__)
    for use in USES:
        thread = threading.Thread(target=bind, args=(use,))
        thread.start()
        thread.join()
        # The order in which a context drops its values is unspecified.
        print(" ", ", ".join(sorted(ends)))
        ends.clear()
