"""Builds the wheel, installs it into a clean environment, and uses it there.

    python tests/wheel.py [--wheel FILE]

Runs under the Python that it is to be tested with. Without --wheel it builds
one, for which pip must be able to get maturin. Ends with status 0 if all is
well, 1 if a test fails, 2 with one line if it cannot begin.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile
import unittest

CRATE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Unready(Exception):
    """The tests cannot begin; the text says why and what to do."""


def run(what, *command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        raise Unready(f"{what} failed: {lines[-1]}")


def build(folder):
    """Builds a wheel and gives its path."""
    run(
        "building the wheel (it needs cargo, and pip to get maturin)",
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, CRATE,
    )
    return glob.glob(os.path.join(folder, "*.whl"))[0]


def environment(folder, wheel):
    """Makes an environment with nothing but the wheel and gives its Python."""
    run("making an environment (it needs the venv module)", sys.executable, "-m", "venv", folder)
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        python = os.path.join(folder, "Scripts", "python.exe")
    run("installing the wheel", python, "-m", "pip", "install", "--no-index", "--no-deps", wheel)
    return python


class Wheel(unittest.TestCase):
    python = sys.executable

    def output(self, code, *, status=0):
        done = subprocess.run(
            [self.python, "-c", code], capture_output=True, text=True, cwd=os.sep, check=False
        )
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout.strip() if status == 0 else done.stderr.strip().splitlines()[-1]

    def test_it_is_put_in_place(self):
        code = """if True:
            import contextvars_rs
            assert not contextvars_rs.installed()
            contextvars_rs.install()
            contextvars_rs.install()
            assert contextvars_rs.installed()
            import contextvars, _contextvars, threading, asyncio
            assert contextvars.Context is _contextvars.Context
            assert asyncio.events.contextvars is contextvars
            var = contextvars.ContextVar("v", default=1)
            with var.set(2):
                assert contextvars.copy_context()[var] == 2
            print(_contextvars.__file__, var.get(), repr(contextvars.Context))
        """
        file, value, kind = self.output(code).split(" ", 2)
        self.assertIn("contextvars_rs", file)
        self.assertEqual((value, kind), ("1", "<class '_contextvars.Context'>"))

    def test_it_is_put_in_place_of_a_built_in_that_nobody_holds(self):
        code = """if True:
            import contextvars, contextvars_rs
            built_in = id(contextvars.Context)
            contextvars.ContextVar("v").set(1)
            del contextvars
            contextvars_rs.install()
            import contextvars
            assert id(contextvars.Context) != built_in
        """
        self.output(code)

    def test_it_undoes_itself(self):
        for early in ("pass", "import contextvars; del contextvars"):
            code = f"""if True:
                import sys, contextvars_rs
                {early}
                names = "contextvars", "_contextvars"
                before = [id(sys.modules.get(name)) for name in names]
                contextvars_rs.uninstall()
                contextvars_rs.install()
                import contextvars
                ours = contextvars.Context
                contextvars_rs.uninstall()
                assert not contextvars_rs.installed()
                assert before == [id(sys.modules.get(name)) for name in names]
                import contextvars
                assert contextvars.Context is not ours
            """
            self.output(code)

    def test_it_refuses_when_somebody_holds_the_built_in(self):
        too_late = "RuntimeError: contextvars_rs.install() comes too late: "
        for early, holder in (
            ("import asyncio", "module asyncio."),
            ("import contextvars", "module __main__"),
            ("from contextvars import ContextVar as Var", "module __main__"),
            ("import contextvars; v = contextvars.ContextVar('v'); del contextvars", "module __main__"),
            ("import contextvars\nclass A: v = contextvars.ContextVar('v')\ndel contextvars", "class __main__.A"),
            ("import contextvars; get = contextvars.ContextVar('v').get; del contextvars", "builtin_function"),
            ("import contextvars; held = [contextvars.copy_context()]; del contextvars", "builtins.list"),
        ):
            with self.subTest(early):
                code = early + "\nimport contextvars_rs; contextvars_rs.install()"
                text = self.output(code, status=1)
                self.assertTrue(text.startswith(too_late), text)
                self.assertIn(holder, text)
                self.assertTrue(text.endswith("call install() before that is imported or made"))

    def test_a_refusal_changes_nothing(self):
        code = """if True:
            import sys, contextvars, contextvars_rs
            before = dict(sys.modules)
            try:
                contextvars_rs.install()
            except RuntimeError:
                assert sys.modules == before
                assert not contextvars_rs.installed()
                print("refused")
        """
        self.assertEqual(self.output(code), "refused")

    def test_decimal_in_c_is_no_holder(self):
        code = """if True:
            import decimal, contextvars_rs
            decimal.getcontext().prec = 5
            contextvars_rs.install()
            print(contextvars_rs.installed())
        """
        self.assertEqual(self.output(code), "True")

    def test_without_accelerators(self):
        code = """if True:
            import contextvars_rs
            contextvars_rs.install(without_accelerators=True)
            import asyncio, contextvars, decimal
            var = contextvars.ContextVar("v")
            async def task(number):
                var.set(number)
                await asyncio.sleep(0)
                return var.get() == number and await asyncio.to_thread(var.get) == number
            async def main():
                return await asyncio.gather(*map(task, range(20)))
            assert all(asyncio.run(main()))
            assert asyncio.Task.__module__ == "asyncio.tasks"
            contextvars_rs.uninstall()
            import _asyncio
        """
        self.output(code)
        code = """if True:
            import decimal, contextvars_rs
            contextvars_rs.install(without_accelerators=True)
        """
        self.assertIn("_decimal is imported already", self.output(code, status=1))

    def test_with_accelerators_tasks_bypass_it_as_documented(self):
        # A failure here is good news: change the docs.
        code = """if True:
            import contextvars_rs
            contextvars_rs.install()
            import asyncio, contextvars
            var = contextvars.ContextVar("v", default="nothing")
            async def first():
                inherited = var.get()
                var.set("the first task's own")
                return inherited
            async def second():
                return var.get()
            async def main():
                var.set("inherited")
                return [await asyncio.create_task(task()) for task in (first, second)]
            print(asyncio.Task.__module__, asyncio.run(main()))
        """
        bypassed = "_asyncio ['nothing', \"the first task's own\"]"
        self.assertEqual(self.output(code), bypassed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", help="test this wheel instead of building one")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        try:
            if sys.version_info < (3, 11):
                raise Unready(f"Python {sys.version.split()[0]} is too old; take 3.11 or later")
            wheel = arguments.wheel or build(folder)
            Wheel.python = environment(os.path.join(folder, "environment"), wheel)
        except Unready as why:
            print(f"wheel.py: {why}", file=sys.stderr)
            return 2
        print(f"{os.path.basename(wheel)} on Python {sys.version.split()[0]}", flush=True)
        tests = unittest.defaultTestLoader.loadTestsFromTestCase(Wheel)
        return 0 if unittest.TextTestRunner().run(tests).wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
