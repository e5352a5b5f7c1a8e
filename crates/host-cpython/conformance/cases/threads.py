"""Threads: each has its own stack of contexts."""

import _thread
import threading
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("thread")
case = section.case
CASES = section.cases


def on_a_thread(function):
    """Calls the function on a new thread, which has no context from `threading`, and waits for it."""
    done = threading.Event()

    def body():
        try:
            function()
        finally:
            done.set()

    _thread.start_new_thread(body, ())
    done.wait()


@case
def a_new_thread_has_no_values(see):
    v = ContextVar("v", default="default")
    v.set("here")
    on_a_thread(lambda: see.that((v.get(), len(copy_context()))))
    see.that(v.get())


@case
def get_does_not_make_a_context(see):
    v = ContextVar("v")
    on_a_thread(lambda: see(v.get) or see.that(v.get("argument")))


@case
def set_makes_a_context(see):
    v = ContextVar("v")

    def body():
        token = see(v.set, 1)
        see.that((v.get(), len(copy_context()), copy_context() is copy_context()))
        see(v.reset, token)
        see.that(v.get("unset"))

    on_a_thread(body)
    see.that(v.get("unset"))


@case
def reset_on_a_fresh_thread(see):
    v = ContextVar("v")
    token = v.set(1)
    on_a_thread(lambda: see(v.reset, token))
    see.that(token)


@case
def reset_of_a_used_token_on_a_fresh_thread(see):
    v = ContextVar("v")
    token = v.set(1)
    v.reset(token)
    on_a_thread(lambda: see(v.reset, token))
    on_a_thread(lambda: see(ContextVar("w").reset, token))


@case
def copy_context_on_a_fresh_thread(see):
    def body():
        one, two = copy_context(), copy_context()
        see.that((len(one), one == two, one is two))

    on_a_thread(body)


@case
def a_run_on_a_fresh_thread(see):
    v = ContextVar("v")
    context = Context()

    def body():
        see(context.run, v.set, 1)
        see.that((v.get("unset"), context[v]))

    on_a_thread(body)
    see.that(context[v])


@case
def a_base_context_is_under_the_runs(see):
    v = ContextVar("v")

    def body():
        v.set("base")
        see.that((Context().run(v.get, "unset"), copy_context().run(v.get), v.get()))

    on_a_thread(body)


@case
def a_context_entered_by_another_thread(see):
    context, v = Context(), ContextVar("v")

    def inside():
        v.set(1)
        on_a_thread(lambda: see(context.run, print))
        on_a_thread(lambda: see.that((context[v], len(context), list(context.values()), context.copy() == context)))
        see.that(v.get())

    context.run(inside)
    on_a_thread(lambda: see(context.run, v.get))


@case
def threads_with_copies_of_one_context(see):
    v, results = ContextVar("v"), []
    v.set("parent")

    def body(number):
        before = v.get()
        v.set(number)
        results.append((before, v.get()))

    for number in range(8):
        context = copy_context()
        on_a_thread(lambda: context.run(body, number))
    see.that(results)
    see.that(v.get())


@case
def one_context_on_many_threads_in_turn(see):
    context, v = Context(), ContextVar("v", default=0)
    for _ in range(8):
        on_a_thread(lambda: context.run(lambda: v.set(v.get() + 1)))
    see.that((context[v], v.get()))


@case
def a_cached_value_is_not_seen_after_another_threads_run(see):
    context, v = Context(), ContextVar("v")
    context.run(v.set, "here")
    see.that(context.run(v.get))
    on_a_thread(lambda: context.run(v.set, "there"))
    see.that((context.run(v.get), context[v]))


@case
def values_end_with_their_thread(see):
    class Ends:
        def __del__(self):
            ended.set()

    ended, v = threading.Event(), ContextVar("v")
    on_a_thread(lambda: v.set(Ends()) and None)
    see.that(ended.wait(10))


@case
def values_that_use_variables_when_their_thread_ends(see):
    class Ends:
        def __del__(self):
            found.append(v.get("unset") if not isinstance(v.get("unset"), Ends) else "itself")
            v.set("late")
            copy_context()
            ended.set()

    found, ended, v = [], threading.Event(), ContextVar("v")
    on_a_thread(lambda: v.set(Ends()) and None)
    see.that(ended.wait(10))


@case
def a_token_of_a_thread_that_has_ended(see):
    v, tokens = ContextVar("v"), []
    on_a_thread(lambda: tokens.append(v.set(1)))
    see.that(tokens[0])
    see(v.reset, tokens[0])


@case
def an_exception_on_another_thread_leaves_its_context(see):
    context = Context()
    on_a_thread(lambda: see(context.run, lambda: 1 / 0))
    see(context.run, int)


@case
def thread_objects_start_without_values(see):
    v = ContextVar("v", default="default")
    v.set("here")
    thread = threading.Thread(target=lambda: see.that(v.get()))
    thread.start()
    thread.join()


@case
def sets_on_two_threads_are_independent(see):
    v, barrier, found = ContextVar("v"), threading.Barrier(2), []

    def body(number):
        for step in range(50):
            v.set((number, step))
            barrier.wait()
            if v.get() != (number, step):
                found.append(v.get())

    threads = [threading.Thread(target=body, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    see.that(found)
