"""Comparing contexts, which calls the `__eq__` of values."""

from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("equality")
case = section.case
CASES = section.cases


class Compared:
    """A value whose comparison calls a given function."""

    __hash__ = None

    def __init__(self, compare):
        self.compare = compare

    def __eq__(self, other):
        return self.compare(self, other)


def binding(*pairs):
    """Returns a context that binds these variables to these values."""
    context = Context()
    for variable, value in pairs:
        context.run(variable.set, value)
    return context


@case
def empty_contexts(see):
    one, two = Context(), Context()
    see.that((one == two, one != two, one == one, one is two))


@case
def same_variables_and_values(see):
    v, w = ContextVar("v"), ContextVar("w")
    one, two = binding((v, 1), (w, [2])), binding((w, [2]), (v, 1.0))
    see.that((one == two, one != two))


@case
def other_values_other_variables_other_sizes(see):
    v, w = ContextVar("v"), ContextVar("w")
    one = binding((v, 1))
    for other in (binding((v, 2)), binding((w, 1)), binding((v, 1), (w, 1)), Context()):
        see.that((one == other, one != other, other == one))


@case
def variables_of_one_name_are_different(see):
    see.that(binding((ContextVar("v"), 1)) == binding((ContextVar("v"), 1)))


@case
def identity_comes_before_equality(see):
    v = ContextVar("v")
    nan = float("nan")
    see.that((binding((v, nan)) == binding((v, nan)), binding((v, nan)) == binding((v, float("nan")))))
    raising = Compared(lambda a, b: 1 / 0)
    see(lambda: binding((v, raising)) == binding((v, raising)))


@case
def a_comparison_that_raises(see):
    v = ContextVar("v")
    one, two = (binding((v, Compared(lambda a, b: 1 / 0))) for _ in range(2))
    see(lambda: one == two)
    see(lambda: one != two)
    see(lambda: two in [one])


@case
def the_truth_of_a_comparison_is_taken(see):
    v = ContextVar("v")

    class Truth:
        def __init__(self, truth):
            self.truth = truth

        def __bool__(self):
            return self.truth()

    for truth in (lambda: True, lambda: False, lambda: 1 / 0, lambda: "no"):
        one, two = (binding((v, Compared(lambda a, b: Truth(truth)))) for _ in range(2))
        see(lambda: one == two)
        see(lambda: one != two)


@case
def a_comparison_that_returns_an_empty_list(see):
    v = ContextVar("v")
    one, two = (binding((v, Compared(lambda a, b: []))) for _ in range(2))
    see.that((one == two, one != two))


@case
def values_that_return_not_implemented_are_compared_by_identity(see):
    v = ContextVar("v")
    one, two = (binding((v, Compared(lambda a, b: NotImplemented))) for _ in range(2))
    see.that(one == two)


@case
def left_is_compared_with_right(see):
    v = ContextVar("v")
    left, right = (Compared(lambda a, b: see.text(f"{names[id(a)]} == {names[id(b)]}") or True) for _ in range(2))
    names = {id(left): "left", id(right): "right"}
    one, two = binding((v, left)), binding((v, right))
    see.that(one == two)
    see.that(two != one)


@case
def another_kind_of_object_decides(see):
    class Equal:
        def __eq__(self, other):
            return "reflected"

        def __ne__(self, other):
            return "reflected not"

    see.that((Context() == Equal(), Context() != Equal(), Equal() == Context()))
    see.that((Context() == 1, Context() != 1, 1 == Context(), Context() == None, Context() == {}))
    see.that((Context().__eq__(1), Context().__ne__(1), Context().__eq__(Context())))


@case
def contexts_have_no_order(see):
    see(lambda: Context() < Context())
    see(lambda: Context() <= Context())
    see(lambda: Context() > 1)
    see(lambda: 1 >= Context())
    see.that((Context().__lt__(Context()), Context().__ge__(1)))


@case
def a_comparison_that_changes_both_contexts(see):
    v = ContextVar("v")
    extra = [ContextVar("extra") for _ in range(50)]

    def change(a, b):
        for context in (one, two):
            for variable in extra:
                context.run(variable.set, "changed")
            context.run(v.set, "changed")
        return True

    one, two = (binding((v, Compared(change))) for _ in range(2))
    # The built-in module frees what it is comparing, unless there is another reference.
    copies = one.copy(), two.copy()
    see.that(one == two)
    see.that((len(one), len(two), one == two))
    see.kept.append(copies)


@case
def a_comparison_that_runs_in_a_context(see):
    v = ContextVar("v")

    def compare(a, b):
        see(one.run, v.get, None)
        see(two.run, lambda: two.run(print))
        return True

    one, two = binding((v, Compared(compare))), binding((v, Compared(compare)))
    see.that(one == two)


@case
def comparing_inside_a_run(see):
    v = ContextVar("v")
    context = Context()

    def inside():
        v.set(1)
        see.that((context == copy_context(), context == Context()))

    context.run(inside)


@case
def copies_are_equal_until_one_changes(see):
    v = ContextVar("v")
    one = binding((v, 1))
    two = one.copy()
    see.that(one == two)
    token = two.run(v.set, 2)
    see.that(one == two)
    two.run(v.reset, token)
    see.that(one == two)


@case
def lists_of_contexts(see):
    one, two = Context(), Context()
    see.that(([one] == [two], one in [two], [one].index(two), [one, two].count(one)))
