"""What is timed from Python code: the same loops over any module of the shape of `_contextvars`.

Each function does one thing for each round. This file is run anew for everybody who takes part, so
that what the interpreter learns of a loop belongs to one of them.
"""

from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import repeat


def load(path):
    """Loads an extension without a place among the modules, so that there can be several."""
    name = "_contextvars"
    spec = spec_from_file_location(name, path, loader=ExtensionFileLoader(name, path))
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def nothing(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        pass


def get(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        variable.get()


def set(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        variable.set(value)


def with_set(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        with variable.set(value):
            pass


def copy(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        copy_context()


def run(rounds, variable, context, copy_context, function, value):
    for _ in rounds:
        context.run(function)


def rounds(count):
    """Gives something to loop over that costs as little as can be."""
    return repeat(None, count)


def bind(module, size):
    """Makes so many variables that are bound in the current context."""
    variables = [module.ContextVar("request") for _ in range(size)]
    for variable in variables:
        variable.set(object())
    return variables


def prepare(module, size, function):
    """Gives, by name, functions that do a loop for some rounds in a context of so many variables.

    A loop that the module has nothing for is left out.
    """
    own = module.Context()
    variables = own.run(lambda: bind(module, size))
    other = own.run(lambda: module.copy_context())
    arguments = (variables[size // 2], other, module.copy_context, function, object())
    loops = [nothing, get, set, copy, run]
    if hasattr(module.Token, "__enter__"):
        loops.append(with_set)

    def inside(loop):
        return lambda rounds: own.run(lambda: loop(rounds, *arguments))

    return {loop.__name__: inside(loop) for loop in loops}
