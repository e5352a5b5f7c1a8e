"""Running in contexts, copying them, and the values seen in each."""

import functools
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("run")
case = section.case
CASES = section.cases


@case
def sets_stay_in_the_context(see):
    v = ContextVar("v", default="default")
    context = Context()
    token = context.run(v.set, 1)
    see.that((v.get(), context[v], context.run(v.get), token.var is v))
    see.that((v in copy_context(), v in context))


@case
def a_run_starts_from_the_context_and_not_from_the_caller(see):
    v = ContextVar("v")
    v.set("caller")
    see.that((Context().run(v.get, "unset"), copy_context().run(v.get)))


@case
def the_context_sees_sets_while_it_runs(see):
    v = ContextVar("v")
    context = Context()

    def inside():
        see(lambda: context[v])
        token = v.set(1)
        see.that((context[v], len(context)))
        v.set(2)
        see.that(context[v])
        v.reset(token)
        see.that((v in context, len(context)))

    context.run(inside)


@case
def a_cached_value_is_not_seen_after_a_switch(see):
    v = ContextVar("v")
    one, two = Context(), Context()
    v.set("base")
    for _ in range(3):
        see.that(v.get())
        see.that(one.run(v.get, "unset"))
        one.run(v.set, "one")
        see.that(v.get())
        see.that((one.run(v.get), two.run(v.get, "unset")))
        two.run(v.set, "two")
        see.that((one.run(v.get), two.run(v.get), v.get()))
        v.set("base again")
        see.that((one.run(v.get), v.get()))


@case
def a_cached_value_is_not_seen_after_nested_runs(see):
    v = ContextVar("v")

    def outer():
        v.set("outer")
        v.get()
        see.that(inner_context.run(inner))
        see.that(v.get())

    def inner():
        before = v.get("unset")
        v.set("inner")
        return before, v.get()

    inner_context = Context()
    Context().run(outer)
    see.that((v.get("unset"), inner_context[v]))


@case
def entering_twice(see):
    context = Context()

    def inside():
        see(context.run, print)
        see.that("still inside")

    context.run(inside)
    see(context.run, lambda: "free again")


@case
def entering_twice_through_another(see):
    one, two = Context(), Context()
    v = ContextVar("v")

    def inside():
        v.set("two")
        see(one.run, print)
        see.that(v.get())

    one.run(two.run, inside)
    see.that((v in one, two[v]))


@case
def a_refused_run_does_not_call(see):
    context = Context()
    called = []
    see(context.run, context.run, called.append, 1)
    see.that(called)


@case
def an_exception_leaves_the_context(see):
    v = ContextVar("v", default="default")
    context = Context()

    def inside():
        v.set(1)
        raise ZeroDivisionError("inside")

    see(context.run, inside)
    see.that((v.get(), context[v], context.run(v.get)))


@case
def an_exception_through_many_contexts(see):
    contexts = [Context() for _ in range(20)]
    function = functools.reduce(lambda f, c: functools.partial(c.run, f), contexts, lambda: 1 / 0)
    see(function)
    see.that([context.run(int) for context in contexts] == [0] * 20)


@case
def base_exceptions_pass_through(see):
    def leave(error):
        raise error

    see(Context().run, leave, KeyboardInterrupt("k"))
    see(Context().run, leave, SystemExit(3))
    see(Context().run, leave, GeneratorExit())


@case
def the_exception_is_the_very_object(see):
    error = ValueError("mine")

    def leave():
        raise error

    try:
        Context().run(leave)
    except ValueError as caught:
        see.that((caught is error, caught.__context__))


@case
def the_result_is_the_very_object(see):
    result = object()
    see.that(Context().run(lambda: result) is result)


@case
def arguments_are_the_very_objects(see):
    one, two = object(), object()
    see.that(Context().run(lambda *a, **k: (a[0] is one, k["x"] is two), one, x=two))
    arguments = {"x": 1}
    Context().run(lambda **k: k.clear(), **arguments)
    see.that(arguments)


@case
def a_hundred_deep(see):
    v = ContextVar("v", default=0)

    def deeper(depth):
        v.set(v.get() + 1)
        return v.get() if depth == 0 else copy_context().run(deeper, depth - 1)

    see.that((Context().run(deeper, 100), v.get()))


@case
def callables_of_all_kinds(see):
    class Callable:
        def __call__(self, *args):
            return "called", args

        def method(self):
            return "method"

        @classmethod
        def of_class(cls):
            return "class method"

        @staticmethod
        def of_none():
            return "static method"

    context, one = Context(), Callable()
    see.that((context.run(one), context.run(one, 1), context.run(one.method), context.run(Callable.of_class)))
    see.that((context.run(Callable.of_none), context.run(dict, a=1), context.run(functools.partial(int, "7"))))
    see(context.run, Callable.method)
    see(context.run, (lambda a, *, b: 0), 1)
    see(context.run, len, [1, 2])
    see(context.run, (lambda a: a), a=1, b=2)


@case
def generators_do_not_keep_a_context(see):
    v = ContextVar("v", default="outside")

    def steps():
        while True:
            yield v.get()

    generator = steps()
    context = Context()
    context.run(v.set, "inside")
    see.that((next(generator), context.run(next, generator), next(generator)))


@case
def a_generator_that_sets(see):
    v = ContextVar("v", default=0)

    def steps():
        token = v.set(1)
        yield v.get()
        v.reset(token)
        yield v.get()

    generator = steps()
    see.that((next(generator), v.get(), next(generator), v.get()))
    generator = steps()
    next(generator)
    see(Context().run, next, generator)


@case
def run_as_a_decorator_and_through_the_type(see):
    context = Context()
    see.that(Context.run(context, lambda: 1))
    see.that(functools.partial(context.run, lambda x: x)(2))
    see(map(context.run, [int, str]).__next__)


@case
def the_context_dropped_while_it_runs(see):
    v = ContextVar("v")

    def inside():
        v.set([1])
        return v.get()

    see.that(Context().run(inside))


@case
def copy_does_not_copy_the_entered_state(see):
    context = Context()

    def inside():
        copy = context.copy()
        see.that(copy.run(lambda: "ran"))
        see(context.run, print)
        see.that(copy_context().run(copy_context) == context)

    context.run(inside)


@case
def a_copy_is_independent_both_ways(see):
    v = ContextVar("v")
    one = Context()
    one.run(v.set, 1)
    two = one.copy()
    one.run(v.set, "one")
    two.run(v.set, "two")
    three = two.copy()
    two.run(ContextVar("w").set, 1)
    see.that((one[v], two[v], three[v], len(one), len(two), len(three)))


@case
def copies_of_copies(see):
    variables = [ContextVar(f"n{number}") for number in range(50)]
    contexts = [Context()]
    for number, variable in enumerate(variables):
        contexts.append(contexts[-1].copy())
        contexts[-1].run(variable.set, number)
    see.that([len(context) for context in contexts] == list(range(51)))
    see.that(all(sorted(context.values()) == list(range(size)) for size, context in enumerate(contexts)))


@case
def copy_context_of_an_entered_context(see):
    v = ContextVar("v")
    context = Context()

    def inside():
        v.set(1)
        copy = copy_context()
        v.set(2)
        see.that((copy is context, copy[v], context[v], type(copy)))
        copy.run(v.set, 3)
        see.that((copy[v], v.get()))

    context.run(inside)


@case
def a_context_bound_to_a_variable_of_itself(see):
    v = ContextVar("v")
    context = Context()
    context.run(v.set, context)
    see.that((context[v] is context, context == context, context == context.copy()))
    context.run(v.set, None)


@case
def a_context_that_binds_itself_compares_with_its_twin(see):
    v = ContextVar("v")
    one, two = Context(), Context()
    one.run(v.set, one)
    two.run(v.set, two)
    try:
        see.text(str(one == two))
    except RecursionError as error:
        see.text(f"raises {type(error).__name__}")
    one.run(v.set, None)
    two.run(v.set, None)


@case
def running_without_end(see):
    def deeper():
        return Context().run(deeper)

    try:
        deeper()
    except RecursionError as error:
        see.text(f"raises {type(error).__name__}")
    v = ContextVar("v", default="default")
    see.that((v.get(), Context().run(v.get)))
