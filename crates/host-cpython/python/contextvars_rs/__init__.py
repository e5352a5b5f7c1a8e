"""CPython's `contextvars` over an engine in Rust.

    import contextvars_rs
    contextvars_rs.install()

From then on `import contextvars` gives the module made in Rust, with the
behaviour of Python 3.14 on every version from 3.11 on. Call it first: before
`asyncio`, `decimal` and, from Python 3.14 on, `threading` and `warnings` are
imported, since a module keeps what it has imported.

`python -m contextvars_rs PROGRAM ARGUMENTS` starts a program with the module in place
and without the accelerators below.

What is written in C talks to the interpreter's own contexts and not to any
module, and so bypasses this one without a word:

* `_asyncio`: tasks run in contexts of the interpreter. A task inherits nothing
  through variables of ours, and what it sets other tasks see. From Python 3.15 on,
  a task refuses a context of ours, so `install` refuses to leave it in place;
* `_decimal`: the decimal context stays in the interpreter's.

`install(without_accelerators=True)` has Python import the versions of the two
that are written in Python.

greenlet, gevent and uvloop rest on the interpreter's own contexts as well, and have no
such version. `install` refuses if one of them is imported, and their import fails
while our module is in place.
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
_FOREIGN = ("greenlet", "gevent", "uvloop")
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

    Raises RuntimeError with one line, which names what is in the way and the way out:

    * greenlet, gevent or uvloop is imported. While ours is in place, importing one of them
      raises ImportError;
    * on Python 3.15 and later, `_asyncio` stays in place;
    * something already holds the built-in module, one of its names, or an object made with
      it: it would go on using that beside ours, and what one of the two binds the other
      does not see. The message names who, up to five;
    * the current context binds a variable that only code in C holds, other than `_decimal`.
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
    if _Foreign in sys.meta_path:
        sys.meta_path.remove(_Foreign)
    _before = None


def installed():
    """Tell whether our module is in place."""
    return _before is not None


class _Foreign:
    """A finder, in the words of `importlib`, that refuses packages which bypass our module."""

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

    Raises ImportError if it is for builds with the global lock, and this one has none.
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
    # Under the name of the built-in, which its texts show, and by hand, as
    # `importlib.util` imports what must come after `install`.
    path = _PATH
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


def _bound_in_c():
    """Name the variables which the current context binds and code in C holds.

    After `_holders` no other code holds one. So each that C does not hold has as many
    references from objects unknown to the collector as one that nothing holds.
    """
    absent = _NATIVE not in sys.modules
    native = __import__(_NATIVE)
    if absent:
        del sys.modules[_NATIVE]
    context = native.copy_context()
    context.run(native.ContextVar(__name__).set, None)
    unknown = {var.name: sys.getrefcount(var) - len(gc.get_referrers(var)) for var in context}
    least = unknown.pop(__name__)
    # It is bypassed in any case: the docs say so.
    unknown.pop("decimal_context", None)
    return sorted(name for name, count in unknown.items() if count > least)


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
