"""Variables: names, defaults, reprs that run code, hashes, caches.

There is no case of a name whose hash raises: the built-in module then drops
fields that are not initialized yet, and the process crashes.
"""

import gc
import sys
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("variable")
case = section.case
CASES = section.cases


class Name(str):
    def __repr__(self):
        return "<my name>"


class HashMinusTwo(str):
    def __hash__(self):
        return -2


class RaisesOnRepr(str):
    def __repr__(self):
        raise ZeroDivisionError("in repr")


@case
def a_name_of_a_str_subclass_is_kept_as_it_is(see):
    name = Name("n")
    variable = ContextVar(name)
    see.that(variable)
    see.that(variable.name is name)


@case
def the_hash_is_an_int_for_any_hash_of_the_name(see):
    see(lambda: type(hash(ContextVar(HashMinusTwo("n")))))


@case
def the_hash_comes_from_address_and_name_at_creation(see):
    variable = ContextVar("n")
    bits = 8 * (sys.maxsize.bit_length() + 1) // 8
    address = id(variable)
    pointer = address >> 4 | (address << bits - 4) & (1 << bits) - 1
    plain = (pointer ^ hash("n")) & (1 << bits) - 1
    exact = address ^ hash("n") & (1 << bits) - 1
    see.that(hash(variable) & (1 << bits) - 1 in (plain, exact, plain - 1))


@case
def a_name_whose_repr_raises(see):
    variable = ContextVar(RaisesOnRepr("n"))
    see(repr, variable)
    see(str, variable)


@case
def a_failing_repr_replaces_the_error_being_made(see):
    variable = ContextVar(RaisesOnRepr("n"))
    token = variable.set(1)
    see(repr, token)
    see(ContextVar("other").reset, token)
    see(Context().run, variable.reset, token)
    variable.reset(token)
    see(variable.reset, token)
    see(Context().get, RaisesOnRepr("x"))


@case
def a_lookup_error_with_a_name_whose_repr_raises_holds_the_variable(see):
    variable = ContextVar(RaisesOnRepr("n"))
    try:
        variable.get()
    except LookupError as error:
        see.that(error.args[0] is variable)
        see.that(len(error.args))


@case
def a_lookup_error_holds_the_variable(see):
    variable = ContextVar("n")
    try:
        variable.get()
    except LookupError as error:
        see.that(type(error))
        see.that(error.args[0] is variable)
        see.that((error.__cause__, error.__context__))


@case
def a_key_error_holds_the_variable(see):
    variable = ContextVar("n", default=1)
    try:
        Context()[variable]
    except KeyError as error:
        see.that(error.args[0] is variable)


@case
def an_attribute_error_knows_name_and_object(see):
    variable = ContextVar("n")
    try:
        variable.foo
    except AttributeError as error:
        see.that((error.name, error.obj is variable))


@case
def a_default_that_contains_the_variable(see):
    default = []
    variable = ContextVar("n", default=default)
    default.append(variable)
    see.that(variable)
    default.clear()


@case
def a_default_whose_repr_prints_the_variable(see):
    class Default:
        def __repr__(self):
            return repr(variable)

    variable = ContextVar("n", default=Default())
    try:
        repr(variable)
    except RecursionError as error:
        see.text(f"raises {type(error).__name__}")


@case
def a_default_whose_repr_raises(see):
    class Default:
        def __repr__(self):
            raise ZeroDivisionError("in repr")

    see(repr, ContextVar("n", default=Default()))


@case
def a_default_is_the_very_object(see):
    default = object()
    variable = ContextVar("n", default=default)
    see.that(variable.get() is default)
    token = variable.set(None)
    see.that(variable.get())
    variable.reset(token)
    see.that(variable.get() is default)


@case
def an_argument_of_get_is_the_very_object(see):
    argument = object()
    see.that(ContextVar("n").get(argument) is argument)
    see.that(ContextVar("n", default=1).get(argument) is argument)


@case
def values_are_the_very_objects(see):
    value = [1]
    variable = ContextVar("n")
    variable.set(value)
    context = copy_context()
    see.that((variable.get() is value, context[variable] is value, context.get(variable) is value))
    see.that((next(context.values()) is value, next(context.items())[1] is value))
    see.that(next(context.items())[0] is variable)


@case
def a_default_is_not_a_binding(see):
    variable = ContextVar("n", default=1)
    variable.get()
    see.that((len(copy_context()), variable in copy_context()))


@case
def reference_counts_of_a_value(see):
    value = object()
    variable = ContextVar("n")
    before = sys.getrefcount(value)
    token = variable.set(value)
    see.that(sys.getrefcount(value) - before > 0)
    variable.reset(token)
    variable.set(None)
    variable.get()
    del token
    gc.collect()
    see.that(sys.getrefcount(value) - before)


@case
def reference_counts_of_a_variable(see):
    variable = ContextVar("n")
    before = sys.getrefcount(variable)

    def use():
        for number in range(10):
            token = variable.set(number)
            copy_context()[token.var]
            variable.reset(token)

    use()
    Context().run(use)
    see.that(sys.getrefcount(variable) - before)


@case
def a_new_variable_finds_nothing_of_a_dead_one(see):
    found = set()
    for number in range(200):
        variable = ContextVar("n")
        found.add(variable.get("unset"))
        token = variable.set(number)
        variable.reset(token)
        del token, variable
    see.that(found)


@case
def many_variables(see):
    variables = [ContextVar(f"n{number}", default=-1) for number in range(2000)]
    tokens = [variable.set(number) for number, variable in enumerate(variables)]
    context = copy_context()
    see.that(len(context))
    see.that(all(context[variable] == number for number, variable in enumerate(variables)))
    see.that(sorted(context.values()) == list(range(2000)))
    see.that(set(context) == set(variables))
    for token in tokens[::2]:
        token.var.reset(token)
    see.that((len(context), len(copy_context())))
    see.that(sorted(variable.get() for variable in variables) == [-1] * 1000 + list(range(1, 2000, 2)))


@case
def deleting_an_attribute_of_the_interpreter(see):
    variable = ContextVar("n")
    see(object.__setattr__, variable, "name", 1)
    see(object.__delattr__, variable, "name")
    see.that(variable.__class__ is ContextVar)
    see(setattr, variable, "__class__", int)
