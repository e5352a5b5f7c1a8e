"""Plays random programs on the built-in module and on others, in one process.

    python fuzz_modules.py [--seconds N] [--seed S] [--programs N]

The others are our extension, the file that the environment variable CONTEXTVARS_EXTENSION
names, and, if CONTEXTVARS_EMBEDDED names its file, the embedded host. What all come to must
be the same, statement by statement. A program that tells one apart is made as short as it
gets and printed with both outcomes; the script then ends with status 1.
"""

import _contextvars
import argparse
import ctypes
import itertools
import os
import random
import sys
import time

from fuzz.generate import program
from fuzz.play import Limits, Player, Subject
from fuzz.shrink import shrink

import with_ours

# The C API has watchers from 3.14 on; before, there is nothing to compare others' with.
HAS_WATCHERS = hasattr(ctypes.pythonapi, "PyContext_AddWatcher")

# What shows the embedded host.
EMBEDDED = None
if path := os.environ.get("CONTEXTVARS_EMBEDDED"):
    EMBEDDED = with_ours.load(path, "_contextvars_embedded")


def no_watching(callback):
    return lambda: None


def watching_by(library, prefix):
    """The `watch` of a subject whose watchers are added in C, by functions of a library."""
    if not (HAS_WATCHERS and EMBEDDED):
        return no_watching
    add, clear = library[f"{prefix}_AddWatcher"], library[f"{prefix}_ClearWatcher"]
    add.argtypes = [ctypes.c_void_p]

    def watch(callback):
        def called(event, context):
            assert event == 1, f"no event is {event}"
            callback(context)

        number = add(EMBEDDED.watcher_that_calls(called))

        def unwatch():
            assert clear(number) == 0

        return unwatch

    return watch


BUILT_IN = Subject(
    "built-in", _contextvars, watch=watching_by(ctypes.pythonapi, "PyContext")
)



class SetsAtItsEnd:
    def __init__(self, var):
        self.var = var

    def __del__(self):
        self.var.set("at the end")


def forgets_what_is_set_at_the_end():
    """Whether the built-in module's cache keeps the value that a reset restores, where a
    finalizer that ran meanwhile has set another (known_differences.toml)."""
    var = _contextvars.ContextVar("v")

    def body():
        var.set("before")
        var.reset(var.set(SetsAtItsEnd(var)))
        return var.get() != "at the end"

    return _contextvars.Context().run(body)


LIMITS = Limits(
    sets_at_the_end=not forgets_what_is_set_at_the_end(),
    tokens_in_with=hasattr(_contextvars.Token, "__enter__"),
)


def others():
    """What is compared with the built-in module."""
    ours = with_ours.load_from_environment()
    yield Subject("ours", ours, watch=watching_by(ctypes.PyDLL(ours.__file__), "contextvars"))
    if host := EMBEDDED:

        def watch(callback):
            number = host.add_watcher(callback)
            return lambda: host.clear_watcher(number)

        yield Subject(
            "embedded",
            host.import_module("_contextvars"),
            host.address,
            host.weak_reference,
            host.derive,
            host.end_thread,
            watch if HAS_WATCHERS else no_watching,
        )


def outcomes(subject, played):
    player = Player(subject, LIMITS)
    try:
        said = player.play_all(played)
    except RecursionError:
        # Where it comes is each one's own affair.
        return None, player
    return said, player


def differ(subject, played):
    """The first outcomes that differ, or None."""
    built_in, _ = outcomes(BUILT_IN, played)
    found, _ = outcomes(subject, played)
    if built_in is None or found is None or built_in == found:
        return None
    pairs = itertools.zip_longest(built_in, found, fillvalue="nothing")
    return next(pair for pair in pairs if pair[0] != pair[1])


def show(subject, played):
    """Prints a program as Python, with what the last statements came to."""
    built_in, player = outcomes(BUILT_IN, played)
    found, _ = outcomes(subject, played)
    print("# Made by fuzz_modules.py: every name is that of the object made so.")
    print("from contextvars import Context, ContextVar, Token, copy_context")
    print("\n".join(player.code))
    print()
    for number, (one, other) in enumerate(zip(built_in, found)):
        mark = "   " if one == other else "-> "
        print(f"{mark}{number:3} built-in: {one}")
        if one != other:
            print(f"       {subject.name + ':':9} {other}")
    for said, whose in ((built_in, "built-in"), (found, subject.name)):
        for line in said[min(len(built_in), len(found)) :]:
            print(f"->     only {whose}: {line}")
    print(f"\nthe program: {played!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--programs", type=int, default=sys.maxsize)
    arguments = parser.parse_args()
    subjects = list(others())
    end = time.monotonic() + arguments.seconds
    told = time.monotonic()
    tried = statements = 0
    while tried < arguments.programs and time.monotonic() < end:
        number = arguments.seed + tried
        made = program(random.Random(number))
        tried += 1
        for subject in subjects:
            if pair := differ(subject, made):
                print(f"program {tried}, of seed {number}, tells them apart; making it shorter")
                print("built-in: {}\n{}: {}".format(pair[0], subject.name, pair[1]))
                show(subject, shrink(made, lambda smaller: differ(subject, smaller)))
                print(f"fuzz: FAILED after {tried} programs")
                sys.exit(1)
        if time.monotonic() > told + 2:
            told = time.monotonic()
            left = max(0, round(end - told))
            print(f"{tried} programs, {left} s left", flush=True)
    names = " and ".join(subject.name for subject in subjects)
    print(f"fuzz: ok; {tried} programs from seed {arguments.seed} on, none tells {names} apart")


if __name__ == "__main__":
    main()
