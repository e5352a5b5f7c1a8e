"""A variable and its default are freed when no reference is left. This holds for a variable
that a function creates, and for a module-level one that only its own thread has read."""

import gc
import threading
import weakref
from contextvars import ContextVar


class Default:
    pass


def on_another_thread(body):
    thread = threading.Thread(target=body)
    thread.start()
    thread.join()


def of_a_function():
    default = Default()
    var = ContextVar("of a function", default=default)
    var.get()
    on_another_thread(var.get)
    return weakref.ref(default)


of_the_module = ContextVar("of the module", default=Default())
default = weakref.ref(of_the_module.get())
del of_the_module

for name, gone in (("of a function", of_a_function()), ("of the module", default)):
    gc.collect()
    print(f"the default of a variable {name}: {'there' if gone() else 'gone'}")

read_by_two = ContextVar("read by two", default=1)
seen = []
on_another_thread(lambda: seen.append(read_by_two.get()))
print(seen, read_by_two.get())
