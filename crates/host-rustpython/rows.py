"""Measures one row of `cargo xtask bench rustpython`. Prints nanoseconds for one operation.

    python rows.py ROW

The loop's own time is measured, too; it is the same on both modules.
"""

import asyncio
import sys
import threading
import time
from contextvars import Context, ContextVar, copy_context

var = ContextVar("var", default=0)
var.set(1)


def timed(operations, body):
    """Returns the lowest of several times: disturbances only add time."""
    best = float("inf")
    for _ in range(7):
        begin = time.perf_counter_ns()
        body(range(operations))
        best = min(best, time.perf_counter_ns() - begin)
    return best / operations


def get(numbers):
    get = var.get
    for _ in numbers:
        get()


def set_(numbers):
    set = var.set
    for number in numbers:
        set(number)


def set_reset(numbers):
    set, reset = var.set, var.reset
    for number in numbers:
        reset(set(number))


def copies_of(bindings):
    context = Context()
    for number in range(bindings):
        context.run(ContextVar(f"v{number}").set, number)

    def copies(numbers):
        copy = context.copy
        for _ in numbers:
            copy()

    return copies


def run(numbers):
    run = Context().run
    for _ in numbers:
        run(nothing)


def nothing():
    pass


def gather(numbers):
    async def task(number):
        var.set(number)
        await asyncio.sleep(0)
        return var.get()

    async def main():
        return await asyncio.gather(*(task(number) for number in numbers))

    assert asyncio.run(main()) == list(numbers)


def apart(numbers):
    """Shares nothing: shows how threads of this machine and interpreter scale."""
    # Not constants: both threads would change the reference counts of those.
    sum, half = float("1.5"), float("0.5")
    for _ in numbers:
        sum = sum * half + sum


def threads(count, row):
    """Runs a row on `count` threads, each with the same number of operations."""

    def body(numbers):
        bodies = [copy_context() for _ in range(count)]
        running = [threading.Thread(target=body.run, args=(row, numbers)) for body in bodies]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()

    return body


ROWS = {
    "get": (200_000, get),
    "set": (100_000, set_),
    "set + reset": (100_000, set_reset),
    "copy of 10": (20_000, copies_of(10)),
    "copy of 1,000": (1_000, copies_of(1_000)),
    "copy of 10,000": (100, copies_of(10_000)),
    "run": (100_000, run),
    "gather, a task": (10_000, gather),
    "get, one thread": (400_000, threads(1, get)),
    "get, two threads": (400_000, threads(2, get)),
    "nothing shared, one thread": (400_000, threads(1, apart)),
    "nothing shared, two threads": (400_000, threads(2, apart)),
}

print(timed(*ROWS[sys.argv[1]]))
