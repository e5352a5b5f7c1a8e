"""Context watchers, which code in C adds with two functions of the extension's file."""

import _contextvars
import ctypes
import unittest
from contextvars import Context, copy_context

LIBRARY = ctypes.PyDLL(_contextvars.__file__)
CALLBACK = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.py_object)


def functions(library, prefix):
    """The two functions of a library. They raise the exception of a call that fails."""
    return library[f"{prefix}_AddWatcher"], library[f"{prefix}_ClearWatcher"]


ADD, CLEAR = functions(LIBRARY, "contextvars")


def errors(add, clear):
    """Returns the errors of invalid calls."""
    pointer = CALLBACK(lambda event, context: 0)
    numbers = [add(pointer) for _ in range(8)]
    errors = []
    for call in (
        lambda: add(pointer),
        lambda: clear(-1),
        lambda: clear(8),
        lambda: (clear(numbers[0]), clear(numbers[0])),
    ):
        try:
            errors.append(call())
        except Exception as error:
            errors.append(repr(error))
    for number in numbers[1:]:
        clear(number)
    return errors


class Watchers(unittest.TestCase):
    def watching(self):
        """Adds a watcher until the test ends. Returns the list of its calls."""
        calls = []

        def called(event, context):
            calls.append((event, context))
            return 0

        pointer = CALLBACK(called)
        number = ADD(pointer)
        self.addCleanup(lambda: (CLEAR(number), pointer))
        return calls

    def test_a_watcher_is_called_on_each_switch_with_the_current_context(self):
        outer, inner = Context(), Context()
        calls = self.watching()
        outer.run(inner.run, lambda: calls.append("inside"))
        left = calls.pop()
        self.assertEqual(calls, [(1, outer), (1, inner), "inside", (1, outer)])
        self.assertIs(calls[0][1], outer)
        # The thread's context before the test, which may be None.
        self.assertEqual(left[0], 1)
        self.assertIsNot(left[1], inner)

    def test_a_cleared_watcher_is_not_called(self):
        calls = []
        pointer = CALLBACK(lambda event, context: calls.append(context) or 0)
        CLEAR(ADD(pointer))
        Context().run(int)
        self.assertEqual(calls, [])

    def test_a_copy_is_no_switch(self):
        calls = self.watching()
        copy_context().copy()
        self.assertEqual(calls, [])

    def test_a_watcher_gets_the_lowest_free_id_of_eight(self):
        pointer = CALLBACK(lambda event, context: 0)
        numbers = [ADD(pointer) for _ in range(8)]
        try:
            self.assertEqual(numbers, list(range(8)))
            with self.assertRaises(RuntimeError):
                ADD(pointer)
            CLEAR(3)
            self.assertEqual(ADD(pointer), 3)
        finally:
            for number in numbers:
                CLEAR(number)

    def test_null_raises_a_value_error(self):
        with self.assertRaisesRegex(ValueError, "not NULL"):
            ADD(None)

    def test_errors_are_those_of_the_interpreter(self):
        ours = errors(ADD, CLEAR)
        self.assertEqual(
            ours,
            [
                "RuntimeError('no more context watcher IDs available')",
                "ValueError('Invalid context watcher ID -1')",
                "ValueError('Invalid context watcher ID 8')",
                "ValueError('No context watcher set for ID 0')",
            ],
        )
        if hasattr(ctypes.pythonapi, "PyContext_AddWatcher"):
            self.assertEqual(ours, errors(*functions(ctypes.pythonapi, "PyContext")))


if __name__ == "__main__":
    unittest.main()
