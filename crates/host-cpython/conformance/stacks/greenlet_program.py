"""Greenlets, whose native stacks are moved away and back, switch inside `Context.run`.

Only with the built-in module does each greenlet have its own contexts; otherwise it may see
those of others on its thread. The output must be the same in both cases.
"""

import gc
import random
import threading
from contextvars import Context, ContextVar, copy_context

from greenlet import getcurrent, greenlet

NUMBER, STEPS = 12, 400

var = ContextVar("var", default="default")
refused = set()


def deep(depth):
    """Calls itself through native code, which overwrites the unused stack."""
    return depth and [*map(deep, [depth - 1])]


def look(allowed):
    """Reads the variable and a copy of the context, and checks the values."""
    assert var.get() in allowed, var.get()
    context = copy_context()
    assert set(context.values()) <= allowed, dict(context)
    assert context.get(var, var.get()) == var.get()


def run(context, body):
    """Runs in a context. Entering or leaving may fail because of other greenlets' contexts."""
    try:
        return context.run(body)
    except RuntimeError as error:
        text = str(error)
        for known in "is already entered", "references a different", "has not been entered":
            if known in text:
                refused.add(known)
                return None
        raise


def play(choose):
    """Greenlets switch in random order, inside their own contexts and a shared one."""
    main = getcurrent()
    allowed = {"default", *range(NUMBER)}
    shared = Context()
    alive = []

    def body(number, depth):
        for _ in range(3):
            var.set(number)
            look(allowed)
            choose(alive + [main]).switch()
            deep(choose([0, 5, 30]))
            look(allowed)
            if depth:
                context = choose([Context(), copy_context(), shared])
                run(context, lambda: body(number, depth - 1))
        main.switch()

    def start(number):
        def begin():
            run(Context(), lambda: body(number, 3))
            alive.remove(getcurrent())

        return greenlet(begin)

    alive += map(start, range(NUMBER))
    for step in range(STEPS):
        if alive:
            choose(alive).switch()
        deep(choose([0, 5, 30]))
        look(allowed)
        if step % 40 == 0:
            gc.collect()
        if step % 100 == 99 and alive:
            # Ends a greenlet that is inside a context, by an exception.
            alive.pop(choose(range(len(alive)))).throw()
    alive.clear()
    gc.collect()
    look(allowed)


for seed in range(10):
    Context().run(play, random.Random(seed).choice)
threads = [
    threading.Thread(target=Context().run, args=(play, random.Random(seed).choice))
    for seed in range(100, 104)
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("played")

# A greenlet stays inside a context, below the code that follows.
inside = greenlet(lambda: Context().run(lambda: (var.set(0), getcurrent().parent.switch())))
inside.switch()
deep(60)
gc.collect()
look({"default", 0})
for _ in range(20):
    token = var.set(1)
    copy_context().run(deep, 10)
    var.reset(token)
inside.switch()
deep(60)
gc.collect()
print("ended:", inside.dead)
