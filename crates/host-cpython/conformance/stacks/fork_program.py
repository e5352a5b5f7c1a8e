"""Forks while other threads are inside `Context.run`; the child uses contexts."""

import gc
import os
import signal
import sys
import threading
import warnings
from contextvars import Context, ContextVar, copy_context

# From 3.12 on, a fork with threads warns of locks that these may hold.
warnings.simplefilter("ignore", DeprecationWarning)

var = ContextVar("var", default="default")


def deep(depth):
    """Calls itself through native code, which overwrites the unused stack."""
    return depth and [*map(deep, [depth - 1])]


def use_contexts():
    deep(60)
    gc.collect()
    context = copy_context()
    with_value = context.run(lambda: (var.set("child"), deep(20), var.get())[2])
    assert (with_value, context[var]) == ("child", "child")
    token = var.set([context])
    deep(60)
    gc.collect()
    var.reset(token)


def child(exit):
    """Runs in every child: uses contexts, also in several threads."""
    signal.alarm(60)
    use_contexts()
    for _ in range(3):
        threads = [threading.Thread(target=use_contexts) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    gc.collect()
    exit(0)


def forked(exit):
    """Returns the exit code of a child, negative for a signal."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            child(exit)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def end(code):
    """Ends the child like a program: ends its threads and runs the collector."""
    threading._shutdown()
    sys.stdout.flush()
    gc.collect()
    os._exit(code)


def inside(entered, leave):
    """Stays inside several contexts until `leave` is set."""

    def nest(depth):
        var.set(depth)
        if depth:
            return copy_context().run(nest, depth - 1)
        entered.release()
        leave.wait(60)

    Context().run(nest, 5)


entered, leave = threading.Semaphore(0), threading.Event()
others = [threading.Thread(target=inside, args=(entered, leave)) for _ in range(4)]
for other in others:
    other.start()
for _ in others:
    entered.acquire()

print("outside of a context:", [forked(exit) for exit in (os._exit, end)])
print("inside of one:", Context().run(forked, os._exit), Context().run(forked, end))
codes = []
thread = threading.Thread(target=lambda: codes.append(Context().run(forked, os._exit)))
thread.start()
thread.join()
print("in another thread:", codes)
leave.set()
for other in others:
    other.join()
use_contexts()
print("afterwards:", var.get(), forked(end))
