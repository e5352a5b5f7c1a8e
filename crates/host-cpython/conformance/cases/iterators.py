"""Iterators over a context: single pass, over a snapshot from the time of the call."""

import gc
import operator
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("iterator")
case = section.case
CASES = section.cases


def bound(count):
    """Returns `count` variables, each set to its number."""
    variables = [ContextVar(f"n{number}") for number in range(count)]
    for number, variable in enumerate(variables):
        variable.set(number)
    return variables


@case
def the_size_stays_after_next_and_when_exhausted(see):
    kept = bound(3)
    context = copy_context()
    for view in (iter(context), context.keys(), context.values(), context.items()):
        sizes = [(len(view), operator.length_hint(view), bool(view))]
        for _ in view:
            sizes.append((len(view), operator.length_hint(view), bool(view)))
        see.that(sizes)
    see.kept.append(kept)


@case
def a_second_pass_finds_nothing(see):
    kept = bound(3)
    context = copy_context()
    for view in (iter(context), context.keys(), context.values(), context.items()):
        see.that((len(list(view)), list(view)))
        see(next, view)
        see(next, view)
    see.kept.append(kept)


@case
def membership_consumes(see):
    bound(3)
    values = copy_context().values()
    see.that(99 in values)
    see.that(list(values))


@case
def membership_stops_where_it_finds(see):
    bound(5)
    values = copy_context().values()
    first = next(values)
    see.that((first in values, len(list(values))))


@case
def a_size_does_not_consume(see):
    bound(3)
    values = copy_context().values()
    for _ in range(3):
        len(values), operator.length_hint(values)
    see.that(sorted(values))


@case
def two_iterators_are_independent(see):
    bound(3)
    context = copy_context()
    one, two = context.values(), context.values()
    next(one)
    see.that((len(list(one)), len(list(two)), one is two))


@case
def all_have_the_same_order(see):
    bound(100)
    context = copy_context()
    see.that(list(context) == list(context.keys()))
    see.that(list(zip(context.keys(), context.values())) == list(context.items()))
    see.that([context[variable] for variable in context] == list(context.values()))
    see.that(list(context) == list(context.copy()))


@case
def keys_are_the_very_variables(see):
    variables = bound(3)
    context = copy_context()
    see.that({id(key) for key in context} == {id(variable) for variable in variables})
    see.that({id(key) for key, _ in context.items()} == {id(variable) for variable in variables})


@case
def items_are_fresh_tuples(see):
    bound(1)
    context = copy_context()
    one, two = next(context.items()), next(context.items())
    see.that((type(one), len(one), one == two, one is two))


@case
def later_sets_do_not_disturb_a_running_one(see):
    variables = bound(40)
    context = Context()

    def inside():
        for variable in variables:
            variable.set("old")
        views = [context.values(), context.values()]
        next(views[0])
        for variable in variables[::2]:
            variable.set("new")
        extra = [ContextVar("extra") for _ in range(100)]
        for variable in extra:
            variable.set("extra")
        see.that([(len(view), set(view)) for view in views])
        see.that(len(context))

    context.run(inside)


@case
def resets_do_not_disturb_a_running_one(see):
    context = Context()

    def inside():
        variables = [ContextVar(f"n{number}") for number in range(40)]
        tokens = [variable.set(0) for variable in variables]
        view = context.keys()
        next(view)
        for token in tokens:
            token.var.reset(token)
        see.that((len(list(view)), len(context)))

    context.run(inside)


@case
def an_iterator_outlives_its_context(see):
    variables = bound(10)
    view = copy_context().items()
    gc.collect()
    see.that(sorted(number for _, number in view))
    see.kept.append(variables)


@case
def an_iterator_keeps_the_values_of_its_snapshot(see):
    class Value:
        def __del__(self):
            see.text("dropped")

    variable = ContextVar("n")
    variable.set(Value())
    view = copy_context().values()
    variable.set(None)
    see.text("replaced")
    del view
    see.text("iterator gone")


@case
def set_while_iterating_over_a_copy(see):
    variables = bound(5)
    for variable in copy_context():
        variable.set("new")
    see.that([variable.get() for variable in variables])


@case
def unpacking_and_sorting(see):
    bound(4)
    context = copy_context()
    see.that(sorted(context.values(), reverse=True))
    see.that(sorted(variable.name for variable in context))
    see.that(sum(context.values()))
    first, *rest = context.values()
    see.that(len(rest))


@case
def a_context_matches_a_mapping_pattern(see):
    match Context():
        case {}:
            see.text("a mapping")
        case _:
            see.text("no mapping")


@case
def dict_update_and_union(see):
    (variable,) = bound(1)
    context = copy_context()
    target = {}
    see(target.update, context)
    see.that(target == {variable: 0})
    see(operator.or_, {}, context)
