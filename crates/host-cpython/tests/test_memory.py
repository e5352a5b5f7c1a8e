"""Out of memory: when each allocation in turn fails, MemoryError is raised and nothing changes."""

import functools
import unittest
from contextvars import Context, ContextVar

try:
    import _testcapi
except ImportError:
    _testcapi = None


def bound(context):
    """Returns the bindings of a context by name."""
    return {var.name: value for var, value in context.items()}


def exhaust_free_lists():
    """Returns more objects than the free lists have, so that the next objects are allocated."""
    contexts = [Context() for _ in range(100)]
    return contexts, [context.run(ContextVar("v").set, 1) for context in contexts]


@unittest.skipIf(_testcapi is None, "needs `_testcapi`, which makes allocations fail")
class OutOfMemory(unittest.TestCase):
    def fail_each(self, make):
        """Runs an operation with each of its allocations failing in turn, and checks that it
        changes nothing. `make` returns the operation, and a function that returns the state.
        Returns the number of allocations."""
        failed = 0
        while True:
            operation, state = make()
            before, objects = state(), exhaust_free_lists()
            _testcapi.set_nomemory(failed, failed + 1)
            try:
                operation()
            except MemoryError:
                _testcapi.remove_mem_hooks()
                self.assertEqual(state(), before, f"changed at allocation {failed}")
                failed += 1
            else:
                _testcapi.remove_mem_hooks()
                return failed

    def contexts(self):
        """Contexts of several sizes, with and without a copy that shares their nodes."""
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
                    count = self.fail_each(
                        lambda: (operation(), lambda: bound(context))
                    )
                    self.assertGreater(count, 0)
                if copy is not None:
                    self.assertEqual(bound(copy), before)

    def test_setting_a_new_variable(self):
        def operation(context, _):
            return lambda: functools.partial(context.run, ContextVar("new").set, [1])

        self.each(operation)

    def test_setting_a_bound_variable(self):
        def operation(context, variables):
            if variables:
                return lambda: functools.partial(context.run, variables[-1].set, [1])

        self.each(operation)

    def test_resetting(self):
        for context, variables, _ in self.contexts():
            for var in [ContextVar("new"), *variables[:1]]:
                old, tokens = context.get(var), []

                def make():
                    # After a failed reset, the token can still be used.
                    for token in tokens:
                        context.run(var.reset, token)
                    token = context.run(var.set, [1])
                    tokens[:] = [token]
                    return functools.partial(context.run, var.reset, token), lambda: (
                        bound(context),
                        " used " in repr(token),
                    )

                self.fail_each(make)
                self.assertIs(context.get(var), old)
                self.assertEqual(len(context), len(variables))

    def test_creating_an_object(self):
        context = Context()
        context.run(ContextVar("v").set, 1)
        makers = [Context, context.copy, context.keys, context.items, context.values]
        for maker in [*makers, functools.partial(ContextVar, "v")]:
            with self.subTest(maker=maker):
                count = self.fail_each(lambda: (maker, lambda: bound(context)))
                self.assertGreater(count, 0)


if __name__ == "__main__":
    unittest.main()
