"""Runs test suites of the interpreter, and writes the result of each test to a file.

    python with_ours.py suites.py SUITE FILE [TEST ...]

If tests are named, runs only these. Writes a line `TEST => END` for each test to FILE.
The tests' own output is not redirected.
"""

import asyncio
import importlib
import importlib.util
import os
import sys
import unittest
from importlib.machinery import ExtensionFileLoader, ModuleSpec

import _contextvars
import with_ours

# The modules of each suite, with the prefix of their classes' names. Modules that an
# interpreter does not have are skipped. `test_asyncio.test_futures2` is left out: it cannot
# be imported without the accelerator.
SUITES = {
    "context": [("test.test_context", "")],
    "asyncio": [
        (f"test.test_asyncio.test_{name}", "")
        for name in (
            "base_events",
            "context",
            "eager_task_factory",
            "events",
            "futures",
            "locks",
            "pep492",
            "protocols",
            "queues",
            "runners",
            "sslproto",
            "staggered",
            "streams",
            "taskgroups",
            "tasks",
            "threads",
            "timeouts",
            "transports",
            "waitfor",
        )
    ],
    "decimal": [("test.test_decimal", "Py")],
    "contextlib": [("test.test_contextlib", ""), ("test.test_contextlib_async", "")],
    "threading": [("test.test_threading", ""), ("test.test_threading_local", "")],
}


class Result(unittest.TestResult):
    def __init__(self, file):
        super().__init__()
        self.file = file

    def note(self, test, word):
        print(f"{test.id()} => {word}", file=self.file, flush=True)

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
        self.note(test, f"skipped: {reason}".replace("\n", " "))

    def addExpectedFailure(self, test, error):
        self.note(test, "failed as expected")

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self.note(test, "PASSED UNEXPECTEDLY")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self.note(test, "FAILED in a part")
            print((self.failures + self.errors)[-1][1], file=sys.stderr)


def show_trie():
    """Puts our trie in the place where `test_context` looks for the interpreter's."""
    path = os.environ[with_ours.VARIABLE]
    if path == with_ours.BUILT_IN:
        return
    loader = ExtensionFileLoader("_contextvars_hamt", path)
    module = importlib.util.module_from_spec(ModuleSpec(loader.name, loader, origin=path))
    loader.exec_module(module)
    for name in ("_testinternalcapi", "_testcapi"):
        if importlib.util.find_spec(name):
            importlib.import_module(name).hamt = module.hamt


def classes(name, prefix):
    """Yields the test classes of a module. Yields none if the module does not exist, or needs
    the accelerator of `asyncio`, as `test_eager_task_factory` of 3.14 does."""
    if importlib.util.find_spec(name) is None:
        return
    try:
        module = importlib.import_module(name)
    except AttributeError as error:
        if error.obj is not asyncio.tasks or not error.name.startswith("_C"):
            raise
        return
    for found in list(vars(module).values()):
        is_case = isinstance(found, type) and issubclass(found, unittest.TestCase)
        if is_case and found.__module__ == name and found.__name__.startswith(prefix):
            yield found


def main(suite, path, only):
    if suite == "context":
        show_trie()
    from test import test_context

    if test_context.contextvars.Context is not _contextvars.Context:
        sys.exit("test.test_context uses another Context than `_contextvars.Context`")
    tests = unittest.TestSuite()
    for name, prefix in SUITES[suite]:
        for found in classes(name, prefix):
            cases = unittest.defaultTestLoader.loadTestsFromTestCase(found)
            tests.addTests(case for case in cases if not only or case.id() in only)
    with open(path, "w", encoding="utf-8", errors="backslashreplace") as file:
        result = Result(file)
        tests.run(result)
    if result.testsRun == 0:
        sys.exit(f"the suite {suite} has no tests here")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], set(sys.argv[3:]))
