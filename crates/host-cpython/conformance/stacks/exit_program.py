"""The interpreter ends while threads are inside `Context.run` and use contexts.

Without an argument it runs itself with each of the names in `WAYS`, with the same module.
Each is repeated, since errors at the end of a process may be rare.
"""

import os
import subprocess
import sys
import threading
import time
from contextvars import Context, ContextVar, copy_context

TIMES = 4

var = ContextVar("var", default=0)


class Late:
    """Standard output that is slow to flush; the interpreter flushes it at its end."""

    def write(self, text):
        pass

    def flush(self, sleep=time.sleep):
        sleep(0.1)


def asleep():
    """Threads are inside nested runs when the interpreter ends, and end there.

    Their stacks are so large that the memory is returned to the system when they end.
    """

    def nest(depth):
        if depth:
            copy_context().run(nest, depth - 1)
        while True:
            time.sleep(0.001)

    threading.stack_size(64 << 20)
    for depth in (0, 1, 20):
        threading.Thread(target=Context().run, args=(nest, depth), daemon=True).start()
    time.sleep(0.05)
    sys.stdout = Late()


class Last:
    """Uses contexts in its finalizer, which runs after most of the interpreter is gone."""

    def __init__(self):
        self.run, self.context, self.set = Context().run, copy_context, var.set

    def __del__(self):
        self.run(self.set, self.context())


def busy():
    """Threads use contexts all the time, inside `run` and outside."""

    def use():
        while True:
            context = copy_context()
            context.run(var.set, [context])
            token = var.set({})
            var.reset(token)
            list(context.items()), repr(var), context == copy_context()

    for _ in range(3):
        threading.Thread(target=use, daemon=True).start()
    for _ in range(3):
        threading.Thread(target=Context().run, args=(use,), daemon=True).start()
    var.set(Last())
    time.sleep(0.1)


WAYS = {"asleep": asleep, "busy": busy}


def ends(way):
    """Counts the results of the process: exit code and last line of the error output."""
    # The child gets the parent's module through the same script.
    with_ours = os.path.join(os.path.dirname(__file__), "..", "with_ours.py")
    command = [sys.executable, with_ours, __file__, way]
    counted = {}
    for _ in range(TIMES):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        said = done.stderr.strip().splitlines() if done.returncode else []
        end = " ".join([str(done.returncode), *said[-1:]])
        counted[end] = counted.get(end, 0) + 1
    return counted


if sys.argv[1:]:
    WAYS[sys.argv[1]]()
else:
    for way in WAYS:
        print(f"{way}: {ends(way)}")
