"""CPython's `contextvars` over an engine in Rust.

    import contextvars_rs
    contextvars_rs.install()

From then on `import contextvars` gives the module made in Rust, with the
behaviour of Python 3.14 on every version from 3.11 on. Call it first: before
`asyncio`, `decimal` and, from Python 3.14 on, `threading` and `warnings` are
imported, since a module keeps what it has imported.

What is written in C talks to the interpreter's own contexts and not to any
module, and so bypasses this one without a word:

* `_asyncio`: tasks run in contexts of the interpreter. A task inherits nothing
  through variables of ours, and what it sets other tasks see. From Python 3.15 on,
  a task refuses a context of ours, and `asyncio.run` raises TypeError;
* `_decimal`: the decimal context stays in the interpreter's.

`install(without_accelerators=True)` has Python import the versions of the two
that are written in Python.
"""

import gc
import os
import sys

# From `importlib.machinery`, these would come with `warnings`, which from 3.14 on
# imports `_contextvars`.
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
_ABSENT = object()

# What the methods of a type are.
_DESCRIPTORS = (
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    WrapperDescriptorType,
)

# What stood in `sys.modules` before `install`, by name.
_before = None


def install(*, without_accelerators=False):
    """Put our module in place of `_contextvars` and `contextvars`.

    A second call does nothing. With `without_accelerators`, `asyncio` and
    `decimal` are imported without what they have in C.

    Raises RuntimeError if something already holds the built-in module, one of
    its names, or an object made with it: it would go on using that beside
    ours, and what one of the two binds the other does not see. The message
    names who, up to five.
    """
    global _before
    if _before is not None:
        return
    if holders := _holders():
        named = ", ".join(holders[:5])
        if len(holders) > 5:
            named += f" and {len(holders) - 5} more"
        raise RuntimeError(
            "contextvars_rs.install() comes too late: the built-in contextvars is held by "
            f"{named}; call install() before that is imported or made"
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
    _before = before


def uninstall():
    """Put back what `install` replaced, if anything.

    What has been imported in between, and has kept our module or its objects,
    goes on with them.
    """
    global _before
    if _before is None:
        return
    for name, module in _before.items():
        if module is _ABSENT:
            sys.modules.pop(name, None)
        else:
            sys.modules[name] = module
    _before = None


def installed():
    """Tell whether our module is in place."""
    return _before is not None


def _load():
    # Under the name of the built-in, which its texts show, and by hand, as
    # `importlib.util` imports what must come after `install`.
    here = os.path.dirname(__file__)
    file = next(name for name in os.listdir(here) if name.startswith(_NATIVE + "."))
    path = os.path.join(here, file)
    loader = ExtensionFileLoader(_NATIVE, path)
    spec = ModuleSpec(_NATIVE, loader, origin=path)
    module = loader.create_module(spec)
    module.__spec__, module.__loader__, module.__file__ = spec, loader, path
    loader.exec_module(module)
    return module


def _holders():
    """Name who holds the built-in module or anything of it.

    That is whatever the collector knows to refer to one of the modules, to one
    of the four names, or to a variable, context or token. These among
    themselves do not count, nor does what only a C module or its state leads
    to, since that bypasses us early or late: from 3.14 on, `_warnings` has a
    variable of its own.
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

    # What holds them by rights.
    rightful = held | {id(vars(module)) for module in modules}
    rightful |= {id(vars(module)) for module in list(sys.modules.values()) if _is_in_c(module)}
    rightful |= {id(kind.__mro__) for kind in kinds}
    rightful |= {id(it) for it in (sys.modules, modules, kinds)}
    # A variable without a default is not in this list, so look for who refers
    # to one, and not for those.
    named = set()
    for holder in gc.get_objects():
        kind = type(holder)
        if id(holder) in rightful or kind in kinds or kind in _DESCRIPTORS:
            continue
        # The inside of a context, and the state of a C module.
        if kind.__name__.startswith("hamt") or isinstance(holder, ModuleType):
            continue
        if kind is BuiltinFunctionType and id(holder.__self__) in held:
            continue
        if any(map(is_held, gc.get_referents(holder))):
            named.add(_name(holder))
    return sorted(named)


def _is_in_c(module):
    """Return whether a module is compiled into the interpreter."""
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
