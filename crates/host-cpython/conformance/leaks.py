"""Counts leaked objects that refer to each other through contexts, in several shapes.

    python leaks.py [PART_OF_A_NAME]

Creates each shape a number of times, drops it, runs the collector, and prints how many of its values
are still alive: `0 of 200  a context and its copy`. Fails if a reachable value was freed.
"""

import _thread
import asyncio
import gc
import sys
import time
import weakref
from contextvars import Context, ContextVar

MADE = 200

SHAPES = []


class Value:
    """An object that is counted by `report`, and that refers to the given objects."""

    def __init__(self, *held):
        self.held = list(held)


def shape(function):
    SHAPES.append((function.__name__.replace("_", " "), function))
    return function


def binding(value, var=None):
    """Returns a context that binds a variable to a value."""
    context = Context()
    context.run((var or ContextVar("v")).set, value)
    return context


@shape
def a_context():
    value = Value()
    value.held.append(binding(value))
    return value


@shape
def a_context_that_binds_itself():
    value = Value()
    context = binding(value)
    context.run(ContextVar("w").set, context)
    return value


@shape
def a_context_and_its_copy():
    value = Value()
    context = binding(value)
    value.held += [context, context.copy()]
    return value


@shape
def a_copy_whose_original_is_gone():
    value = Value()
    value.held.append(binding(value).copy())
    return value


@shape
def a_value_copied_twice_and_then_another_variable_set():
    value = Value()
    context = binding(value)
    for copy in (context.copy(), context.copy()):
        copy.run(ContextVar("w").set, value)
        value.held.append(copy)
    return value


@shape
def twenty_versions():
    value, context = Value(), Context()
    for number in range(20):
        context.run(ContextVar(f"v{number}").set, value)
        value.held.append(context.copy())
    return value


@shape
def copies_of_a_large_context():
    value, variables = Value(), [ContextVar(f"v{number}") for number in range(100)]
    context = Context()
    for var in variables:
        context.run(var.set, value)
    for var in variables[::10]:
        copy = context.copy()
        copy.run(var.set, copy)
        value.held.append(copy)
    return value


@shape
def nested_contexts():
    value = Value()
    outer = binding(value)
    inner = outer.copy()
    inner.run(ContextVar("w").set, Value(outer))
    value.held.append(inner)
    return value


@shape
def contexts_that_bind_each_other():
    value = Value()
    one, other = binding(value), binding(value)
    one.run(ContextVar("w").set, other)
    other.run(ContextVar("w").set, one.copy())
    return value


@shape
def the_old_value_of_a_token_and_a_copy():
    value, var = Value(), ContextVar("v")
    context = binding(value, var)
    copy = context.copy()
    value.held += [context.run(var.set, None), copy]
    return value


@shape
def two_tokens_of_one_old_value():
    value, var = Value(), ContextVar("v")
    context = binding(value, var)
    copy = context.copy()
    value.held += [context.run(var.set, None), copy.run(var.set, None)]
    return value


@shape
def a_token_that_was_used():
    value, var = Value(), ContextVar("v")
    context = binding(value, var)
    token = context.run(var.set, None)
    context.run(var.reset, token)
    value.held += [token, context]
    return value


@shape
def a_token_in_the_default_of_its_variable():
    value = Value()
    var = ContextVar("v", default=value)
    context = Context()
    token = context.run(var.set, None)
    context.run(var.reset, token)
    value.held.append(token)
    return value


@shape
def the_state_of_a_thread_and_its_base_context():
    """The state is an object that only the collector returns, over `host-cpython` alone."""

    def states():
        return {id(it): it for it in gc.get_objects() if type(it).__name__ == "_Thread"}

    def run():
        # From 3.14 on, `threading` runs a thread in another context than its base.
        ContextVar("v").set(value)
        value.held += [it for key, it in states().items() if key not in before]
        done.append(True)

    value, done = Value(), []
    if hasattr(gc, "get_objects"):
        before, running = states(), len(sys._current_frames())
        _thread.start_new_thread(run, ())
        while not done or len(sys._current_frames()) > running:
            time.sleep(0.0001)
    return value


@shape
def an_iterator():
    value = Value()
    context = binding(value)
    value.held += [iter(context.items()), context]
    next(value.held[0])
    return value


@shape
def a_variable_in_its_default_and_its_value():
    value = Value()
    var = ContextVar("v", default=value)
    value.held += [var, binding(value, var), binding(var, var)]
    return value


@shape
def a_generator_that_is_suspended_between_set_and_reset():
    def steps(var):
        token = var.set(value)
        yield
        var.reset(token)

    value, context = Value(), Context()
    generator = steps(ContextVar("v"))
    context.run(next, generator)
    value.held += [generator, context, context.copy()]
    return value


def within_a_loop(make):
    """Runs a coroutine that creates the value, in a loop that is closed afterwards."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(make())
    finally:
        loop.close()


@shape
def two_tasks_of_a_request():
    async def request():
        value = Value()
        REQUEST.set(value)
        value.held += [asyncio.ensure_future(nothing()) for _ in range(2)]
        await asyncio.gather(*value.held)
        REQUEST.set(None)
        return value

    return within_a_loop(request)


@shape
def a_task_and_its_child():
    async def parent(value):
        value.held.append(asyncio.ensure_future(nothing()))
        await value.held[-1]

    async def request():
        value = Value()
        REQUEST.set(value)
        value.held.append(asyncio.ensure_future(parent(value)))
        await value.held[0]
        REQUEST.set(None)
        return value

    return within_a_loop(request)


@shape
def two_calls_later():
    async def request():
        value, loop = Value(), asyncio.get_running_loop()
        REQUEST.set(value)
        value.held += [loop.call_later(1000, nothing) for _ in range(2)]
        for handle in value.held:
            handle.cancel()
        REQUEST.set(None)
        return value

    return within_a_loop(request)


REQUEST = ContextVar("request")


async def nothing():
    await asyncio.sleep(0)


class Random:
    """A generator of the same random numbers in every interpreter."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % bound


def random_heap(seed, steps=400):
    """Changes a few contexts at random, and compares their bindings with dicts. Returns the number
    of created values."""
    random = Random(seed)
    variables = [ContextVar(f"v{number}") for number in range(40)]
    contexts, models = [Context() for _ in range(5)], [{} for _ in range(5)]
    tokens, made = [], 0
    for step in range(steps):
        one, other = random.below(5), random.below(5)
        what = random.below(10)
        if what < 5:
            value = Value(*(contexts[random.below(5)].copy() for _ in range(random.below(3))))
            var = variables[random.below(40)]
            made += 1
            token = contexts[one].run(var.set, value)
            models[one][var] = weakref.ref(value)
            if random.below(4) == 0:
                value.held.append(token)
                tokens = (tokens + [token])[-3:]
        elif what < 7:
            contexts[one], models[one] = contexts[other].copy(), dict(models[other])
        elif what == 7:
            contexts[one], models[one] = Context(), {}
        elif what == 8:
            for var in list(models[one])[:1]:
                contexts[one].run(var.set, contexts[other])
                models[one][var] = weakref.ref(contexts[other])
                # Replaced, so that a later change of it does not change the bound one.
                contexts[other] = contexts[other].copy()
        else:
            gc.collect(random.below(3))
        if step % 20 == 0:
            for context, model in zip(contexts, models):
                assert len(context) == len(model)
                for var, value in model.items():
                    assert value() is not None and context[var] is value()
    return made


def report(name, made):
    """Prints how many of the created values are alive. It counts objects, since the collector clears
    weak references to unreachable values even if these are not freed."""
    gc.collect()
    gc.collect()
    alive = sum(isinstance(it, Value) for it in gc.get_objects())
    print(f"{alive} of {made}  {name}", flush=True)


def main(wanted=""):
    for name, make in SHAPES:
        if wanted in name:
            for _ in range(MADE):
                make()
            report(name, MADE)
    if wanted in "random heaps":
        report("random heaps", sum(random_heap(seed) for seed in range(20)))


if __name__ == "__main__":
    main(*sys.argv[1:])
