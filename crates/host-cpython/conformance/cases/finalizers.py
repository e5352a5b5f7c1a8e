"""Values whose finalizers change variables while these are being changed."""

import sys
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("finalizer")
case = section.case
CASES = section.cases


class Ends:
    """A value whose finalizer calls a function."""

    def __init__(self, function):
        self.function = function

    def __del__(self):
        self.function()


def watched(see, function):
    """Calls a function, and records what is passed to `sys.unraisablehook`."""
    before = sys.unraisablehook
    sys.unraisablehook = lambda report: see.text(f"unraisable {report.exc_value!r}")
    try:
        return function()
    finally:
        sys.unraisablehook = before


@case
def a_replaced_value_ends_when_its_token_is_dropped(see):
    v = ContextVar("v")
    v.set(Ends(lambda: see.text("ends")))
    token = v.set(1)
    see.text("replaced")
    del token
    see.text("token gone")


@case
def a_value_without_other_references_ends_in_set(see):
    v = ContextVar("v")
    v.set(Ends(lambda: see.text("ends")))
    v.set(1)
    see.that(v.get())


@case
def a_finalizer_reads_the_new_value(see):
    v = ContextVar("v")
    v.set(Ends(lambda: see.text(f"ends, finds {v.get()}")))
    v.set(1)
    see.that(v.get())


@case
def a_finalizer_that_sets_wins_over_set(see):
    v = ContextVar("v")
    v.set(Ends(lambda: v.set("finalizer")))
    v.set("set")
    see.that((v.get(), copy_context()[v]))


@case
def a_finalizer_that_sets_wins_over_reset(see):
    v = ContextVar("v")
    token = v.set(Ends(lambda: v.set("finalizer")))
    v.reset(token)
    see.that(v.get("unset"))
    see.that(copy_context().get(v, "unset"))


@case
def a_finalizer_that_sets_wins_over_a_reset_to_a_value(see):
    v = ContextVar("v")
    v.set("first")
    token = v.set(Ends(lambda: v.set("finalizer")))
    v.reset(token)
    see.that((v.get("unset"), copy_context().get(v, "unset")))


@case
def a_finalizer_reads_during_reset(see):
    v = ContextVar("v")
    token = v.set(Ends(lambda: see.text(f"finds {v.get('unset')}")))
    v.reset(token)
    see.that(v.get("unset"))


@case
def a_finalizer_resets_with_the_token_in_use(see):
    v = ContextVar("v")
    token = None
    token = v.set(Ends(lambda: see(v.reset, token)))
    v.reset(token)
    see.that((v.get("unset"), token))


@case
def a_finalizer_resets_another_token(see):
    v = ContextVar("v")
    first = v.set(1)
    second = v.set(Ends(lambda: see(v.reset, first)))
    v.reset(second)
    see.that((v.get("unset"), first, second))


@case
def a_finalizer_sets_another_variable(see):
    v, w = ContextVar("v"), ContextVar("w")
    v.set(Ends(lambda: w.set("finalizer")))
    v.set(1)
    see.that((v.get(), w.get("unset"), len(copy_context())))


@case
def a_finalizer_sets_many_variables(see):
    v = ContextVar("v")
    others = [ContextVar(f"n{number}") for number in range(200)]
    v.set(Ends(lambda: [other.set(1) for other in others]))
    v.set("set")
    see.that((v.get(), len(copy_context()), sum(other.get() for other in others)))


@case
def a_finalizer_copies_the_context(see):
    v = ContextVar("v")
    copies = []
    v.set(Ends(lambda: copies.append(copy_context())))
    v.set("set")
    see.that((copies[0][v], v.get()))


@case
def a_finalizer_runs_in_contexts(see):
    v = ContextVar("v")
    context = Context()

    def ends():
        see(context.run, v.get, "unset")
        see(Context().run, v.set, "elsewhere")

    def inside():
        v.set(Ends(ends))
        v.set("set")
        return v.get()

    see.that(context.run(inside))
    see.that(context[v])


@case
def a_finalizer_replaces_its_successor_again(see):
    v = ContextVar("v")
    v.set(Ends(lambda: v.set(Ends(lambda: see.text("second ends")))))
    v.set("set")
    see.that(type(v.get()).__name__)
    v.set(None)
    see.that(v.get())


@case
def a_finalizer_that_raises(see):
    v = ContextVar("v")

    def act():
        token = v.set(Ends(lambda: 1 / 0))
        v.set(1)
        see.that(v.get())
        v.reset(token)

    watched(see, act)
    see.that(v.get("unset"))


@case
def a_finalizer_that_raises_during_reset(see):
    v = ContextVar("v")

    def act():
        token = v.set(Ends(lambda: 1 / 0))
        see(v.reset, token)

    watched(see, act)
    see.that(v.get("unset"))


@case
def values_end_with_their_context(see):
    v = ContextVar("v")
    context = Context()
    context.run(v.set, Ends(lambda: see.text("ends")))
    copy = context.copy()
    del context
    see.text("first gone")
    del copy
    see.text("second gone")


@case
def a_default_ends_with_its_variable(see):
    v = ContextVar("v", default=Ends(lambda: see.text("ends")))
    v.get()
    see.text("used")
    del v
    see.text("variable gone")


@case
def a_name_ends_with_its_variable(see):
    class Name(str):
        def __del__(self):
            see.text("ends")

    v = ContextVar(Name("v"))
    token = v.set(1)
    del v
    see.text("variable gone from here")
    token.var.reset(token)
    del token
    see.text("token gone")


@case
def a_get_keeps_no_value_alive(see):
    v = ContextVar("v")
    context = Context()
    context.run(v.set, Ends(lambda: see.text("ends")))
    for _ in range(3):
        context.run(v.get)
    del context
    see.text("context gone")
    see.that(v.get("unset"))


@case
def a_finalizer_in_a_context_that_is_dropped(see):
    v = ContextVar("v")
    context = Context()
    context.run(v.set, Ends(lambda: see.text(f"ends, finds {v.get('unset')}")))
    v.set("outside")
    del context
    see.that(v.get())


@case
def a_finalizer_that_ends_in_the_exit(see):
    v = ContextVar("v")

    def inside():
        v.set(Ends(lambda: see.text(f"ends, finds {v.get('unset')}")))

    v.set("outside")
    Context().run(inside)
    see.that(v.get())


@case
def a_token_that_ends_with_the_old_value(see):
    v = ContextVar("v")
    v.set(Ends(lambda: v.set("finalizer")))
    token = v.set("set")
    del token
    see.that(v.get())
