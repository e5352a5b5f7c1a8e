"""Compares the speed of Python code with our module and with the interpreter's built-in one.

Both modules are loaded, and measured in turns on one processor. The lowest time of many rounds is
used, minus that of the empty loop. Prints the ratios of ours to the built-in module, with one
variable bound and with 64: `speed: ok; get 1.10 to 1.12, ...`.
"""

import importlib.util
import os
import time
from timeit import Timer

ROUNDS = 30
TIMES = 40_000

OPERATIONS = {
    "get": "get()",
    "set": "set(value)",
    "copy": "copy()",
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
    for var in variables:
        context.run(var.set, [var.name])
    return context, {
        "get": variables[0].get,
        "set": variables[0].set,
        "copy": module.copy_context,
        "run": module.Context().run,
        "value": [1],
        "nothing": int,
    }


def least(timers):
    """Runs timers in turns, each in its context. Returns the lowest time of each."""
    found = [float("inf")] * len(timers)
    for _ in range(ROUNDS):
        for index, (context, timer) in enumerate(timers):
            found[index] = min(found[index], context.run(timer.timeit, TIMES))
    return found


def ratio(operation, modules, bound):
    timers = []
    for module in modules:
        context, used = names(module, bound)
        for code in ("nothing", OPERATIONS[operation]):
            timer = Timer(code, timer=time.process_time, globals=used)
            timers.append((context, timer))
    empty, built_in, other, ours = least(timers)
    return (ours - other) / (built_in - empty)


def main():
    # `_contextvars` is ours here. It is loaded again from its file, and the built-in module is
    # created again.
    import _contextvars
    from importlib.machinery import BuiltinImporter, PathFinder

    # The interpreter's own module may be an extension of its standard library.
    name = "_contextvars"
    built_in = load(BuiltinImporter.find_spec(name) or PathFinder.find_spec(name))
    ours = load(importlib.util.spec_from_file_location(name, _contextvars.__file__))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    said = []
    for operation in OPERATIONS:
        ratios = sorted(ratio(operation, (built_in, ours), bound) for bound in (1, 64))
        said.append(f"{operation} {ratios[0]:.2f} to {ratios[1]:.2f}")
    print(f"speed: ok; {', '.join(said)} of the built-in module's time")


if __name__ == "__main__":
    main()
