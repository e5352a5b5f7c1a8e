"""Threads start without bindings, unless they run in a copy."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default="unset")
var.set("main")
seen = []


def note(label):
    seen.append((label, var.get()))
    var.set(label)


threads = [threading.Thread(target=Context().run, args=(note, f"thread {n}")) for n in range(5)]
for thread in threads:
    thread.start()
    thread.join()
copy = copy_context()
thread = threading.Thread(target=copy.run, args=(note, "copy"))
thread.start()
thread.join()
print(seen)
print(var.get(), copy[var])

with ThreadPoolExecutor(4) as pool:
    print(sorted(pool.map(lambda n: copy_context().run(lambda: (var.set(n), var.get())[1]), range(50))))

# One context cannot be entered by two threads.
context, inside, leave = Context(), threading.Event(), threading.Event()


def stay():
    inside.set()
    leave.wait()


thread = threading.Thread(target=context.run, args=(stay,))
thread.start()
inside.wait()
try:
    context.run(print, "in")
except RuntimeError as error:
    print(str(error).split(":")[0], str(error).endswith("is already entered"))
leave.set()
thread.join()
context.run(print, "in now")
