"""Watchers, which code in C adds by two functions of the extension's file."""

import _contextvars
import ctypes
import unittest
from contextvars import Context, copy_context

LIBRARY = ctypes.PyDLL(_contextvars.__file__)
CALLBACK = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.py_object)


def functions(library, prefix):
    """The two functions of a library, which raise what they fail by."""
    return library[f"{prefix}_AddWatcher"], library[f"{prefix}_ClearWatcher"]


ADD, CLEAR = functions(LIBRARY, "contextvars")


def refusals(add, clear):
    """What the functions say to what they refuse."""
    pointer = CALLBACK(lambda event, context: 0)
    numbers = [add(pointer) for _ in range(8)]
    said = []
    for call in (
        lambda: add(pointer),
        lambda: clear(-1),
        lambda: clear(8),
        lambda: (clear(numbers[0]), clear(numbers[0])),
    ):
        try:
            said.append(call())
        except Exception as error:
            said.append(repr(error))
    for number in numbers[1:]:
        clear(number)
    return said


class Watchers(unittest.TestCase):
    def watching(self):
        """What a watcher is told of from now on until the test ends."""
        told = []

        def called(event, context):
            told.append((event, context))
            return 0

        pointer = CALLBACK(called)
        number = ADD(pointer)
        self.addCleanup(lambda: (CLEAR(number), pointer))
        return told

    def test_each_switch_is_told_with_the_context_that_is_current_then(self):
        outer, inner = Context(), Context()
        told = self.watching()
        outer.run(inner.run, lambda: told.append("inside"))
        left = told.pop()
        self.assertEqual(told, [(1, outer), (1, inner), "inside", (1, outer)])
        self.assertIs(told[0][1], outer)
        # Whatever the thread had before.
        self.assertEqual(left[0], 1)
        self.assertIsNot(left[1], inner)

    def test_one_that_is_cleared_is_told_no_more(self):
        told = []
        pointer = CALLBACK(lambda event, context: told.append(context) or 0)
        CLEAR(ADD(pointer))
        Context().run(int)
        self.assertEqual(told, [])

    def test_copies_and_bindings_are_no_switches(self):
        told = self.watching()
        copy_context().copy()
        self.assertEqual(told, [])

    def test_the_lowest_free_number_is_given_and_no_more_than_eight(self):
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

    def test_null_is_refused_by_a_text(self):
        with self.assertRaisesRegex(ValueError, "not NULL"):
            ADD(None)

    def test_refusals_are_in_the_interpreters_words(self):
        said = refusals(ADD, CLEAR)
        self.assertEqual(
            said,
            [
                "RuntimeError('no more context watcher IDs available')",
                "ValueError('Invalid context watcher ID -1')",
                "ValueError('Invalid context watcher ID 8')",
                "ValueError('No context watcher set for ID 0')",
            ],
        )
        if hasattr(ctypes.pythonapi, "PyContext_AddWatcher"):
            self.assertEqual(said, refusals(*functions(ctypes.pythonapi, "PyContext")))


if __name__ == "__main__":
    unittest.main()
