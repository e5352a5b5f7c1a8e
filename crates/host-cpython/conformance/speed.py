"""Compares the speed of Python code with our module and with the interpreter's built-in one.

Both modules are loaded, and measured in turns on one processor. The lowest time of many rounds is
used, minus that of the empty loop. Prints the ratios of ours to the built-in module, with one
variable bound and with 64: `speed: ok; get 1.10 to 1.12, ...`. Without a global lock, also prints
how much two threads read in the time of one.
"""

import importlib.util
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from timeit import Timer

ROUNDS = 30
TIMES = 40_000

OPERATIONS = {
    "get": "get()",
    "set": "set(value)",
    "copy": "copy()",
    "copy + set of each": "copy().run(set_each)",
    "run": "run(nothing)",
}


def load(spec):
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def names(module, bound):
    """Returns a context with `bound` variables, and the names that the operations use."""
    context = module.Context()
    variables = [module.ContextVar(f"v{number}") for number in range(bound)]
    setters = [var.set for var in variables]
    value = [1]

    def set_each():
        for setter in setters:
            setter(value)

    context.run(set_each)
    return context, {
        "get": variables[0].get,
        "set": variables[0].set,
        "set_each": set_each,
        "copy": module.copy_context,
        "run": module.Context().run,
        "value": value,
        "nothing": int,
    }


def least(timers, times):
    """Runs timers in turns, each in its context. Returns the lowest time of each."""
    found = [float("inf")] * len(timers)
    for _ in range(ROUNDS):
        for index, (context, timer) in enumerate(timers):
            found[index] = min(found[index], context.run(timer.timeit, times))
    return found


def ratio(operation, modules, bound):
    timers = []
    for module in modules:
        context, used = names(module, bound)
        for code in ("nothing", OPERATIONS[operation]):
            timer = Timer(code, timer=time.process_time, globals=used)
            timers.append((context, timer))
    times = TIMES // bound if "each" in operation else TIMES
    empty, built_in, other, ours = least(timers, times)
    return (ours - other) / (built_in - empty)


def two_threads(module):
    """Returns how many times as much two threads read of one variable as one thread does. The value
    is immortal: threads contend for the count of any other, whichever the module."""
    var, context = module.ContextVar("v"), module.Context()
    context.run(var.set, True)

    def read(context):
        # A loop and a bound method for each thread: only the variable is shared.
        timer = Timer(OPERATIONS["get"], globals={"get": var.get})
        return context.run(timer.timeit, 20 * TIMES)

    found = {1: float("inf"), 2: float("inf")}
    with ThreadPoolExecutor(2) as pool:
        for _ in range(ROUNDS):
            for threads in found:
                copies = [context.copy() for _ in range(threads)]
                found[threads] = min(found[threads], max(pool.map(read, copies)))
    return 2 * found[1] / found[2]


def main():
    # `_contextvars` is ours here. It is loaded again from its file, and the built-in module is
    # created again.
    import _contextvars
    from importlib.machinery import BuiltinImporter, PathFinder

    # The interpreter's own module may be an extension of its standard library.
    name = "_contextvars"
    built_in = load(BuiltinImporter.find_spec(name) or PathFinder.find_spec(name))
    ours = load(importlib.util.spec_from_file_location(name, _contextvars.__file__))
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    said = []
    for operation in OPERATIONS:
        ratios = [ratio(operation, (built_in, ours), bound) for bound in (1, 64)]
        said.append(f"{operation} {min(ratios):.2f} to {max(ratios):.2f}")
    text = f"speed: ok; {', '.join(said)} of the built-in module's time"
    if not getattr(sys, "_is_gil_enabled", lambda: True)():
        os.sched_setaffinity(0, processors)
        text += f"; two threads read {two_threads(ours):.2f} times as much as one"
    print(text)


if __name__ == "__main__":
    main()
