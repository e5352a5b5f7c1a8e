"""Memory that is refused: MemoryError, with nothing changed, at each allocation in turn."""

import functools
import unittest
from contextvars import Context, ContextVar

try:
    import _testcapi
except ImportError:
    _testcapi = None


def bound(context):
    """What a context binds, whatever memory there is."""
    return {var.name: value for var, value in context.items()}


def use_what_is_kept():
    """Makes more objects than there are blocks kept of such that have died, and returns them."""
    contexts = [Context() for _ in range(100)]
    return contexts, [context.run(ContextVar("v").set, 1) for context in contexts]


@unittest.skipIf(_testcapi is None, "an interpreter without `_testcapi` cannot refuse memory")
class Refused(unittest.TestCase):
    def refuse_each(self, make):
        """`make` returns an operation, and what tells whether it has changed anything. Returns how
        many allocations the operation makes."""
        refused = 0
        while True:
            operation, state = make()
            before, kept = state(), use_what_is_kept()
            _testcapi.set_nomemory(refused, refused + 1)
            try:
                operation()
            except MemoryError:
                _testcapi.remove_mem_hooks()
                self.assertEqual(state(), before, f"changed at allocation {refused}")
                refused += 1
            else:
                _testcapi.remove_mem_hooks()
                return refused

    def contexts(self):
        """Contexts with so many variables, which share their nodes with a copy or not."""
        for size in (0, 1, 2, 7, 8, 16, 17, 32, 33, 100):
            for is_shared in (False, True):
                variables = [ContextVar(f"v{number}") for number in range(size)]
                context = Context()
                for var in variables:
                    context.run(var.set, [var.name])
                copy = context.copy() if is_shared else None
                yield context, variables, copy

    def each(self, operation_of):
        for context, variables, copy in self.contexts():
            with self.subTest(size=len(variables), shared=copy is not None):
                if copy is not None:
                    before = bound(copy)
                operation = operation_of(context, variables)
                if operation is not None:
                    count = self.refuse_each(
                        lambda: (operation(), lambda: bound(context))
                    )
                    self.assertGreater(count, 0)
                if copy is not None:
                    self.assertEqual(bound(copy), before)

    def test_a_set_of_a_new_variable(self):
        def operation(context, _):
            return lambda: functools.partial(context.run, ContextVar("new").set, [1])

        self.each(operation)

    def test_a_set_of_a_variable_that_is_bound(self):
        def operation(context, variables):
            if variables:
                return lambda: functools.partial(context.run, variables[-1].set, [1])

        self.each(operation)

    def test_a_reset(self):
        for context, variables, _ in self.contexts():
            for var in [ContextVar("new"), *variables[:1]]:
                old, refused = context.get(var), []

                def make():
                    # One that was refused can be used again.
                    for token in refused:
                        context.run(var.reset, token)
                    token = context.run(var.set, [1])
                    refused[:] = [token]
                    return functools.partial(context.run, var.reset, token), lambda: (
                        bound(context),
                        " used " in repr(token),
                    )

                self.refuse_each(make)
                self.assertIs(context.get(var), old)
                self.assertEqual(len(context), len(variables))

    def test_what_makes_an_object(self):
        context = Context()
        context.run(ContextVar("v").set, 1)
        makers = [Context, context.copy, context.keys, context.items, context.values]
        for maker in [*makers, functools.partial(ContextVar, "v")]:
            with self.subTest(maker=maker):
                count = self.refuse_each(lambda: (maker, lambda: bound(context)))
                self.assertGreater(count, 0)


if __name__ == "__main__":
    unittest.main()
