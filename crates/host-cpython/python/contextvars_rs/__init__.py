"""CPython's `contextvars` over an engine in Rust.

    import contextvars_rs
    contextvars_rs.install()

After this, `import contextvars` returns the module in Rust, with the behaviour of
Python 3.14 on every version from 3.11 on. Call `install` before `asyncio`, `decimal`
and, from Python 3.14 on, `threading` and `warnings` are imported: a module keeps the
names that it has imported.

`python -m contextvars_rs PROGRAM ARGUMENTS` starts a program with the module installed
and without the accelerators below.

Code in C uses the interpreter's own contexts, not a module, and so bypasses this one
without an error:

* `_asyncio`: tasks run in contexts of the interpreter. A task does not inherit our
  variables, and other tasks see the values that it sets. From Python 3.15 on, a task
  refuses our contexts, so `install` raises RuntimeError unless `_asyncio` is left out;
* `_decimal`: the decimal context stays in the interpreter's contexts.

After `install(without_accelerators=True)`, Python imports the versions of the two
modules that are written in Python.

greenlet, gevent and uvloop use the interpreter's own contexts as well, and have no such
version. `install` raises RuntimeError if one of them is imported, and importing them
raises ImportError while our module is installed.
"""

import gc
import os
import sys

# Not from `importlib.machinery`: it imports `warnings`, which from 3.14 on imports
# `_contextvars`.
from _frozen_importlib import BuiltinImporter, ModuleSpec
from _frozen_importlib_external import ExtensionFileLoader
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)

__all__ = ("install", "installed", "uninstall")

_NATIVE = "_contextvars"
_MODULES = (_NATIVE, "contextvars")
_ACCELERATORS = ("_asyncio", "_decimal")
_FOREIGN = ("greenlet", "gevent", "uvloop")
_ABSENT = object()

# The types of methods and attributes in the namespace of a type.
_DESCRIPTORS = (
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)

# The modules in `sys.modules` before `install`, by name.
_before = None


def install(*, without_accelerators=False):
    """Replace `_contextvars` and `contextvars` by our module.

    A second call does nothing. With `without_accelerators`, `asyncio` and `decimal` are
    imported without their parts in C.

    Raises RuntimeError with one line, which names the cause and a way out:

    * greenlet, gevent or uvloop is imported. While our module is installed, importing one
      of them raises ImportError;
    * on Python 3.15 and later, if `_asyncio` is not left out;
    * an object refers to the built-in module, one of its names, or an object of its types.
      It would keep using the built-in module, and neither module sees the values of the
      other. The message names up to five such objects;
    * the current context binds a variable that only code in C refers to, other than that
      of `_decimal`.
    """
    global _before
    if _before is not None:
        return
    for name in _FOREIGN:
        if name in sys.modules:
            raise RuntimeError(_conflict(name))
    if holders := _holders():
        named = ", ".join(holders[:5])
        if len(holders) > 5:
            named += f" and {len(holders) - 5} more"
        raise RuntimeError(
            "contextvars_rs.install() comes too late: the built-in contextvars is held by "
            f"{named}; call install() before that is imported or made"
        )
    if bound := _bound_in_c():
        raise RuntimeError(
            "contextvars_rs.install() comes too late: the built-in contextvars binds "
            f"{', '.join(bound)} for code in C; call install() before that is bound"
        )
    if sys.version_info >= (3, 15) and not without_accelerators:
        raise RuntimeError(
            "contextvars_rs.install() cannot work with _asyncio, which from Python 3.15 on "
            "refuses other contexts; call install(without_accelerators=True)"
        )
    names = _MODULES
    if without_accelerators:
        if early := [name for name in _ACCELERATORS if sys.modules.get(name)]:
            raise RuntimeError(
                "contextvars_rs.install(without_accelerators=True) comes too late: "
                f"{', '.join(early)} is imported already; call install() before that"
            )
        names += _ACCELERATORS
    ours = _load()
    before = {name: sys.modules.pop(name, _ABSENT) for name in names}
    sys.modules[_NATIVE] = ours
    if without_accelerators:
        sys.modules.update(dict.fromkeys(_ACCELERATORS))
    sys.meta_path.insert(0, _Foreign)
    _before = before


def uninstall():
    """Restore the modules that `install` replaced, if it was called.

    Modules that were imported since then, and refer to our module or its objects, keep
    using them.
    """
    global _before
    if _before is None:
        return
    for name, module in _before.items():
        if module is _ABSENT:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
    if _Foreign in sys.meta_path:
        sys.meta_path.remove(_Foreign)
    _before = None


def installed():
    """Return whether our module is installed."""
    return _before is not None


class _Foreign:
    """A finder of `importlib` that refuses packages which bypass our module."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in _FOREIGN:
            raise ImportError(_conflict(name), name=name)
        return None


def _conflict(package):
    return (
        f"contextvars_rs.install() and {package} exclude each other: {package} uses the "
        f"interpreter's own contexts; leave out one of the two"
    )


def _file():
    """Return the path of the extension.

    Raises ImportError if it is for builds with the global lock, and this Python has none.
    """
    here = os.path.dirname(__file__)
    file = next(name for name in os.listdir(here) if name.startswith(_NATIVE + "."))
    if "free-threading" in sys.version and f"3{sys.version_info[1]}t" not in file:
        raise ImportError(
            "this wheel of contextvars_rs does not serve free-threaded builds of Python; "
            "install it for a build with the global lock"
        )
    return os.path.join(here, file)


_PATH = _file()


def _load():
    # With the name of the built-in module, which messages show. Not by `importlib.util`, which
    # imports modules that must be imported after `install`.
    path = _PATH
    loader = ExtensionFileLoader(_NATIVE, path)
    spec = ModuleSpec(_NATIVE, loader, origin=path)
    module = loader.create_module(spec)
    module.__spec__, module.__loader__, module.__file__ = spec, loader, path
    loader.exec_module(module)
    return module


def _holders():
    """Name the objects that refer to the built-in module or to objects of it.

    These are the objects, known to the collector, that refer to one of the modules, to one
    of the four names, or to a variable, context or token. References among those do not
    count. Neither do those of a C module or its state, which bypasses our module in any
    case: from 3.14 on, `_warnings` has a variable.
    """
    native = sys.modules.get(_NATIVE)
    if native is None:
        return []
    gc.collect()
    modules = [sys.modules[name] for name in _MODULES if name in sys.modules]
    kinds = (native.Context, native.ContextVar, native.Token)
    held = {id(it) for it in (*modules, *kinds, native.copy_context)}

    def is_held(it):
        return id(it) in held or type(it) in kinds

    # The objects that may refer to them.
    rightful = held | {id(vars(module)) for module in modules}
    rightful |= {id(vars(module)) for module in list(sys.modules.values()) if _is_in_c(module)}
    rightful |= {id(kind.__mro__) for kind in kinds}
    rightful |= {id(it) for it in (sys.modules, modules, kinds)}
    # The collector's list lacks variables without a default, so search it for objects that refer
    # to a variable.
    named = set()
    for holder in gc.get_objects():
        kind = type(holder)
        if id(holder) in rightful or kind in kinds or kind in _DESCRIPTORS:
            continue
        # The nodes of a context, and the state of a C module.
        if kind.__name__.startswith("hamt") or isinstance(holder, ModuleType):
            continue
        if kind is BuiltinFunctionType and id(holder.__self__) in held:
            continue
        if any(map(is_held, gc.get_referents(holder))):
            named.add(_name(holder))
    return sorted(named)


def _bound_in_c():
    """Name the variables that the current context binds and that code in C refers to.

    After `_holders`, no other code refers to one. So a variable that C code does not refer to
    has the same number of references unknown to the collector as one without other references.
    """
    absent = _NATIVE not in sys.modules
    native = __import__(_NATIVE)
    if absent:
        del sys.modules[_NATIVE]
    context = native.copy_context()
    context.run(native.ContextVar(__name__).set, None)
    unknown = {var.name: sys.getrefcount(var) - len(gc.get_referrers(var)) for var in context}
    least = unknown.pop(__name__)
    # The documentation says that this one is bypassed.
    unknown.pop("decimal_context", None)
    return sorted(name for name, count in unknown.items() if count > least)


def _is_in_c(module):
    """Return whether a module is built into the interpreter."""
    spec = getattr(module, "__spec__", None)
    return isinstance(module, ModuleType) and getattr(spec, "loader", None) is BuiltinImporter


def _name(holder):
    """Describe an object that refers to the built-in."""
    for name, module in sys.modules.items():
        if isinstance(module, ModuleType) and vars(module) is holder:
            return f"module {name}"
    if isinstance(holder, FunctionType):
        return f"function {holder.__module__}.{holder.__qualname__}"
    if isinstance(holder, dict):
        for owner in gc.get_referrers(holder):
            if isinstance(owner, type):
                return f"class {owner.__module__}.{owner.__qualname__}"
    kind = type(holder)
    return f"an object of type {kind.__module__}.{kind.__qualname__}"
