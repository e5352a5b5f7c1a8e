"""Measures the bytes of native stack of a nested `Context.run`.

Prints a line for each way to call it: its name and the number.
"""

import os
import sys
import threading
from contextvars import copy_context

# More nested runs are too deep for 3.12.
FEW, MANY = 100, 700
KIB = 1 << 10
LEAST, MOST = 32, 4096


def with_argument(depth):
    return depth and copy_context().run(with_argument, depth - 1)


def without(depth):
    def nest():
        nonlocal depth
        depth -= 1
        return depth and copy_context().run(nest)

    return nest()


def survives(kib, nest, depth):
    """Returns True if nested runs succeed on a thread with a stack of this size.

    In a separate process, which crashes if the stack overflows.
    """
    pid = os.fork()
    if pid == 0:
        os.close(2)
        done = []
        threading.stack_size(kib * KIB)
        thread = threading.Thread(target=lambda: (nest(depth), done.append(True)))
        thread.start()
        thread.join()
        os._exit(0 if done else 1)
    return os.waitpid(pid, 0)[1] == 0


def needed(nest, depth):
    """Returns the smallest stack that suffices, in KiB."""
    too_small, enough = LEAST, MOST
    assert survives(enough, nest, depth)
    while enough - too_small > 4:
        middle = (too_small + enough) // 8 * 4
        if survives(middle, nest, depth):
            enough = middle
        else:
            too_small = middle
    return enough


sys.setrecursionlimit(10 * MANY)
for nest in with_argument, without:
    kib = needed(nest, MANY) - needed(nest, FEW)
    print(nest.__name__, kib * KIB // (MANY - FEW))
