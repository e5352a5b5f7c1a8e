"""Runs the interpreter's own `test.test_context.ContextTest`.

    python with_ours.py context_test.py     over ours
    python context_test.py                  over the built-in module

Prints each test with what became of it, so that two runs can be compared: a
test that the interpreter itself skips is skipped in both.
"""

import sys
import unittest

import _contextvars


class Result(unittest.TestResult):
    def note(self, test, word):
        print(f"{test.id()} => {word}", flush=True)

    def addSuccess(self, test):
        self.note(test, "ok")

    def addError(self, test, error):
        super().addError(test, error)
        self.note(test, "ERROR")
        print(self.errors[-1][1], file=sys.stderr)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.note(test, "FAILED")
        print(self.failures[-1][1], file=sys.stderr)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, f"skipped: {reason}")

    def addExpectedFailure(self, test, error):
        self.note(test, "failed as expected")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "PASSED UNEXPECTEDLY")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(subtest, "FAILED")
            print((self.failures + self.errors)[-1][1], file=sys.stderr)


def main():
    from test import test_context

    if test_context.contextvars.Context is not _contextvars.Context:
        sys.exit("test.test_context uses another Context than this script was given")
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(test_context.ContextTest)
    result = Result()
    suite.run(result)
    if result.testsRun == 0:
        sys.exit("test.test_context.ContextTest has no tests")
    sys.exit(not result.wasSuccessful())


if __name__ == "__main__":
    main()
