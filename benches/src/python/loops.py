"""The timed loops, for any module with the interface of `_contextvars`.

Each function does one operation for each round. This file is executed again for each module, so that
the interpreter specializes each loop for one module.
"""

from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from itertools import repeat


def load(path):
    """Loads an extension without adding it to `sys.modules`, so that several can be loaded."""
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
    """Returns the cheapest iterator of a given length."""
    return repeat(None, count)


def bind(module, size):
    """Creates variables and sets them in the current context."""
    variables = [module.ContextVar("request") for _ in range(size)]
    for variable in variables:
        variable.set(object())
    return variables


def prepare(module, size, function):
    """Returns functions, by name, each of which runs a loop in a context with `size` variables.

    A loop that the module does not support is left out.
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
