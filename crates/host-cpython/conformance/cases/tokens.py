"""Tokens: resets in and out of order, the order of the checks, `with`."""

from contextvars import Context, ContextVar, Token, copy_context

from cases.case import Section

section = Section("token")
case = section.case
CASES = section.cases


@case
def a_token_knows_its_variable_and_the_old_value(see):
    variable = ContextVar("n")
    old = [1]
    first = variable.set(old)
    second = variable.set(2)
    see.that((first.var is variable, second.var is variable))
    see.that((first.old_value is Token.MISSING, second.old_value is old))


@case
def a_default_is_no_old_value(see):
    see.that(ContextVar("n", default=1).set(2).old_value)


@case
def a_reset_restores_and_unbinds(see):
    variable = ContextVar("n")
    first = variable.set(1)
    second = variable.set(2)
    see(variable.reset, second)
    see.that(variable.get())
    see(variable.reset, first)
    see(variable.get)
    see.that(variable in copy_context())
    see.that((first.old_value, second.old_value))


@case
def resets_out_of_order(see):
    variable = ContextVar("n")
    tokens = [variable.set(number) for number in range(4)]
    for index in (1, 3, 0, 2):
        see(variable.reset, tokens[index])
        see(variable.get)


@case
def resets_of_different_variables_out_of_order(see):
    one, two = ContextVar("one"), ContextVar("two")
    first, second = one.set(1), two.set(2)
    see(one.reset, first)
    see.that(two.get())
    see(two.reset, second)
    see.that(len(copy_context()))


@case
def a_token_resets_once(see):
    variable = ContextVar("n")
    token = variable.set(1)
    see(variable.reset, token)
    see(variable.reset, token)
    variable.set(3)
    see(variable.reset, token)
    see.that(variable.get())


@case
def a_later_token_after_others_unbound(see):
    variable = ContextVar("n")
    token = variable.set(1)
    later = variable.set(2)
    twin = None

    def unbound_again():
        nonlocal twin
        twin = variable.set(3)
        variable.reset(twin)

    variable.reset(token)
    unbound_again()
    see.that(twin)
    see(variable.reset, later)
    see.that(variable.get())
    see(variable.reset, twin)


@case
def the_used_check_comes_first(see):
    variable, other = ContextVar("n"), ContextVar("m")
    token = variable.set(1)
    variable.reset(token)
    see(other.reset, token)
    see(Context().run, variable.reset, token)
    see(Context().run, other.reset, token)


@case
def the_variable_check_comes_before_the_context_check(see):
    variable, other = ContextVar("n"), ContextVar("m")
    token = variable.set(1)
    see(Context().run, other.reset, token)
    see(Context().run, variable.reset, token)
    see(other.reset, token)
    see.that(token)
    see(variable.reset, token)


@case
def a_refused_reset_changes_nothing(see):
    variable, other = ContextVar("n"), ContextVar("m")
    token = variable.set(1)
    context = copy_context()
    see(context.run, variable.reset, token)
    see.that((context[variable], variable.get()))
    see(other.reset, token)
    see.that((variable.get(), len(copy_context())))


@case
def a_token_of_a_copy_does_not_reset_the_original(see):
    variable = ContextVar("n")
    variable.set(1)
    context = copy_context()
    token = context.run(variable.set, 2)
    see(variable.reset, token)
    see(context.copy().run, variable.reset, token)
    see(context.run, variable.reset, token)
    see.that((context[variable], variable.get()))


@case
def a_token_serves_in_a_later_run_of_its_context(see):
    variable = ContextVar("n")
    context = Context()
    token = context.run(variable.set, 1)
    see(context.run, variable.reset, token)
    see.that(len(context))


@case
def a_token_outlives_its_context(see):
    variable = ContextVar("n")
    token = Context().run(variable.set, [1])
    see.that(token.var is variable)
    see(variable.reset, token)


@case
def the_old_value_is_there_after_the_reset(see):
    variable = ContextVar("n")
    old = [1]
    variable.set(old)
    token = variable.set(2)
    variable.reset(token)
    see.that((token.old_value is old, token.var is variable, token))


@case
def the_missing_object_as_a_value(see):
    variable = ContextVar("n")
    variable.set(Token.MISSING)
    token = variable.set(1)
    see.that(token.old_value)
    variable.reset(token)
    see(variable.get, "unset")


@case
def with_a_token(see):
    variable = ContextVar("n")

    def block():
        token = variable.set(1)
        with token as entered:
            see.that((entered is token, variable.get(), token))
        see.that(token)
        see.that(variable.get("unset"))

    see(block)


@case
def with_a_token_and_an_exception_in_the_block(see):
    variable = ContextVar("n")

    def block():
        with variable.set(1):
            raise ZeroDivisionError("in the block")

    see(block)
    see.that(variable.get("unset"))


@case
def with_a_token_that_is_reset_in_the_block(see):
    variable = ContextVar("n")

    def block():
        with variable.set(1) as token:
            variable.reset(token)

    see(block)
    see.that(variable.get("unset"))


@case
def with_a_token_that_is_reset_in_the_block_and_an_exception(see):
    variable = ContextVar("n")

    def block():
        with variable.set(1) as token:
            variable.reset(token)
            raise ZeroDivisionError("in the block")

    see(block)


@case
def with_a_token_twice(see):
    variable = ContextVar("n")
    token = variable.set(1)

    def block():
        with token:
            with token:
                see.that(variable.get())

    see(block)
    see.that(variable.get("unset"))


@case
def with_a_used_token(see):
    variable = ContextVar("n")
    token = variable.set(1)
    variable.reset(token)

    def block():
        with token:
            see.that("in the block")

    see(block)


@case
def with_a_token_left_in_another_context(see):
    variable = ContextVar("n")
    token = Context().run(variable.set, 1)

    def block():
        with token:
            see.that(variable.get("unset"))

    see(block)
