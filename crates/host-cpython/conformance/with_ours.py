"""Runs a program with the built extension in place of `_contextvars`.

    python with_ours.py SCRIPT [ARGUMENT ...]
    python with_ours.py -m MODULE [ARGUMENT ...]
    python with_ours.py -c CODE [ARGUMENT ...]

The environment variable CONTEXTVARS_EXTENSION has the file of the extension. If it
is `built-in`, the interpreter's own module is used, and everything else is the
same. `asyncio` and `decimal` run without their C accelerators, which use the
interpreter's own contexts directly.

The script first checks that `contextvars`, `threading` and `asyncio` use the
module. If they do not, it ends with status 3 and one line: the run would prove
nothing.
"""

import os
import sys

# Not from `importlib.machinery`: from 3.14 on it imports modules that use
# `_contextvars`.
from _frozen_importlib import ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader

VARIABLE = "CONTEXTVARS_EXTENSION"
BUILT_IN = "built-in"


def refuse(reason):
    print(f"with_ours.py: {reason}", file=sys.stderr)
    sys.exit(3)


def load(path, name="_contextvars"):
    """Imports an extension under the name of its module."""
    if not os.path.isfile(path):
        refuse(f"no extension at {path!r}; build it and set {VARIABLE} to the file")
    loader = ExtensionFileLoader(name, path)
    # Without `importlib.util`, which imports modules that must come after ours.
    spec = ModuleSpec(name, loader, origin=path)
    try:
        module = loader.create_module(spec)
    except ImportError as error:
        refuse(f"the extension does not load here: {error}")
    module.__spec__, module.__loader__, module.__file__ = spec, loader, path
    module.__package__ = spec.parent
    loader.exec_module(module)
    return module


def load_from_environment():
    """Imports the extension that CONTEXTVARS_EXTENSION names."""
    return load(os.environ.get(VARIABLE, ""))


def put_in_place():
    """Makes every later import of `_contextvars` return the selected module."""
    # `threading` may be imported already: before 3.14 it does not use the module.
    early = {"_contextvars", "contextvars", "_asyncio", "_decimal"} & set(sys.modules)
    if early:
        refuse(f"imported before this script could replace it: {', '.join(sorted(early))}")
    if os.environ.get(VARIABLE) != BUILT_IN:
        sys.modules["_contextvars"] = load_from_environment()
    sys.modules["_asyncio"] = None
    sys.modules["_decimal"] = None
    import _contextvars

    return _contextvars


def check(module):
    """Checks that the standard library uses `module`."""
    import asyncio.events
    import contextvars
    import decimal
    import threading

    def same(where, context):
        if context is not module.Context:
            refuse(f"{where} is not of the selected module: {context!r}")

    same("contextvars.Context", contextvars.Context)
    same("asyncio.events.contextvars.Context", asyncio.events.contextvars.Context)
    # From 3.14 on, threading uses the module itself.
    used = getattr(threading, "_contextvars", module)
    same("threading._contextvars.Context", used.Context)
    if asyncio.Task.__module__ != "asyncio.tasks":
        refuse(f"asyncio.Task is accelerated: {asyncio.Task!r}")
    if decimal.Decimal.__module__ == "decimal" and "_pydecimal" not in sys.modules:
        refuse("decimal is accelerated")


def main(arguments):
    if sys.version_info < (3, 11):
        refuse(f"Python {sys.version.split()[0]} is too old; take 3.11 or later")
    if not arguments or arguments in (["-m"], ["-c"]):
        refuse("nothing to run: pass a script, -m and a module, or -c and code")
    check(put_in_place())

    import runpy

    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[0] = os.getcwd()
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(sys.argv[1:])
