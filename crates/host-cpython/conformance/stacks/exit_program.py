"""The interpreter ends while threads are inside `Context.run` and use contexts.

Without an argument it runs itself with each of the names in `WAYS`, over the same
module and several times: what goes wrong at the end of a process may do so now and then.
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
    """Standard output that is slow to flush, which the interpreter does as it ends."""

    def write(self, text):
        pass

    def flush(self, sleep=time.sleep):
        sleep(0.1)


def asleep():
    """Threads that are inside nested runs as the interpreter ends, and come to their end there.

    The memory of such large stacks goes back to the system as the threads end.
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
    """Uses contexts as it goes, which is after most of the interpreter has."""

    def __init__(self):
        self.run, self.context, self.set = Context().run, copy_context, var.set

    def __del__(self):
        self.run(self.set, self.context())


def busy():
    """Threads that use contexts, inside of `run` and outside, all the time."""

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
    """Returns how often the process ended in which way, and what it said last."""
    # The module that the parent has, by the same script.
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
