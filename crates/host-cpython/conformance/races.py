"""Concurrent operations that must not disturb each other, for a number of seconds.

    python races.py [SECONDS]

Prints `races: ok; ROUNDS rounds of RACES races`. For interpreters without a global lock; with one,
threads take turns.
"""

import gc
import sys
import threading
import time
import weakref
from contextvars import Context, ContextVar, copy_context

THREADS = 4
RACES = []
VARIABLES = [ContextVar(f"v{number}", default=None) for number in range(70)]


class Value:
    def __init__(self, number):
        self.number = number


def race(function):
    RACES.append(function)
    return function


def together(*bodies):
    """Calls each body in a separate thread, concurrently. Returns their results."""
    barrier, outcomes = threading.Barrier(len(bodies)), [None] * len(bodies)

    def run(index, body):
        barrier.wait()
        try:
            outcomes[index] = body()
        except BaseException as error:
            outcomes[index] = error

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(bodies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes


def filled(count=len(VARIABLES)):
    context = Context()
    for number, var in enumerate(VARIABLES[:count]):
        context.run(var.set, Value(number))
    return context


@race
def one_iterator():
    """Each binding is returned to exactly one of the threads that advance an iterator."""
    context = filled()
    iterator = iter(context.items())
    outcomes = together(*[lambda: list(iterator)] * THREADS)
    given = [var for outcome in outcomes for var, _ in outcome]
    assert len(given) == len(set(given)) == len(VARIABLES), len(given)


@race
def looks_while_another_sets():
    """`copy`, `len`, `==` and lookups see a consistent version while another thread sets."""
    context = filled(40)
    done = threading.Event()

    def change():
        for step in range(3000):
            var = VARIABLES[step % 70]
            token = context.run(var.set, Value(step))
            if step % 3 == 0:
                context.run(var.reset, token)
        done.set()

    def look():
        while not done.is_set():
            copy = context.copy()
            items = dict(copy.items())
            assert len(items) == len(copy) and 40 <= len(copy) <= 70
            assert all(copy[var] is value for var, value in items.items())
            assert copy == copy.copy()
            assert isinstance(context == copy, bool)
            assert VARIABLES[0] in context and context.get(VARIABLES[0]).number >= 0

    together(change, *[look] * (THREADS - 1))


@race
def one_context():
    """If threads enter a context concurrently, only one at a time is in it."""
    context, inside = filled(3), []

    def enter():
        entered = 0
        for number in range(10_000):
            try:
                context.run(body if number % 10 else body_that_sets)
                entered += 1
            except RuntimeError as error:
                assert "already entered" in str(error)
        return entered

    def body():
        inside.append(1)
        assert len(inside) == 1
        inside.pop()

    def body_that_sets():
        VARIABLES[0].set(Value(1))
        body()

    assert sum(together(*[enter] * THREADS)) > 0


@race
def one_variable():
    """Threads set and reset one variable, each in its own context."""

    def run():
        for step in range(2000):
            value = Value(step)
            token = VARIABLES[5].set(value)
            assert VARIABLES[5].get() is value
            VARIABLES[5].reset(token)
            assert VARIABLES[5].get() is None

    together(*[lambda: Context().run(run)] * THREADS)


@race
def collections():
    """Cycles are collected while other threads copy and set."""
    shared, refs = filled(), []

    def cycles():
        for step in range(60):
            value, context = Value(step), shared.copy()
            context.run(VARIABLES[step].set, value)
            value.contexts = [context, context.copy()]
            refs.append(weakref.ref(value))

    def collect():
        for generation in (0, 1, 2):
            gc.collect(generation)
            for node in gc.get_referents(shared):
                gc.get_referents(node)

    together(cycles, cycles, collect, collect)
    gc.collect()
    gc.collect()
    assert [ref() for ref in refs if ref() is not None] == []
    assert len(shared) == len(VARIABLES)


@race
def values_of_threads_that_end():
    """A thread's values are freed after its end, and after the last copy of its context."""
    refs, copies = [], []

    def bind():
        value = Value(0)
        VARIABLES[1].set(value)
        refs.append(weakref.ref(value))
        copies.append(copy_context())

    together(*[bind] * THREADS)
    assert all(ref() is not None for ref in refs)
    copies.clear()
    gc.collect()
    assert all(ref() is None for ref in refs)


def watchers():
    """Watchers are added and cleared while other threads switch; only with our module."""
    import _contextvars
    import ctypes

    library = ctypes.PyDLL(_contextvars.__file__)
    callback = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.py_object)
    add, clear = library["contextvars_AddWatcher"], library["contextvars_ClearWatcher"]
    events = []
    pointer = callback(lambda event, context: events.append(event) or 0)

    def add_and_clear():
        for _ in range(50):
            clear(add(pointer))

    def switch():
        for _ in range(200):
            Context().run(int)

    together(add_and_clear, add_and_clear, switch, switch)
    number = add(pointer)
    del events[:]
    Context().run(int)
    clear(number)
    assert events == [1, 1], events


def main(seconds="10"):
    import _contextvars

    if hasattr(_contextvars, "__file__"):
        race(watchers)
    end, rounds = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        for function in RACES:
            function()
        rounds += 1
    print(f"races: ok; {rounds} rounds of {len(RACES)} races")


if __name__ == "__main__":
    main(*sys.argv[1:])
