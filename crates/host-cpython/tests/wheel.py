"""Builds the wheel, installs it into a clean environment, and tests it there.

    python tests/wheel.py [--wheel FILE] [--python PATH ...]

The tests run with this Python and with each --python, which need no pip. They need a
network: pip downloads greenlet, gevent and uvloop, beside which the wheel must refuse to
work, and maturin, unless --wheel is given. The exit status is 0 if all tests pass, 1 if
one fails, and 2, with one line, if the tests cannot begin.
"""

import argparse
import glob
import os
import subprocess
import sys
import tempfile
import unittest

CRATE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

VERSION = "import sys; print(sys.version.split()[0])"

# Packages that use the interpreter's own contexts. They are installed, and must be refused.
FOREIGN = ("greenlet", "gevent", "uvloop")

# Sets a variable of the built-in module to which only C code refers. It does not import that module,
# nor `ctypes`, which imports it.
BOUND_IN_C = """
import _ctypes
class Text(_ctypes._SimpleCData): _type_ = "z"
class Anything(_ctypes._SimpleCData): _type_ = "O"
class Address(_ctypes._SimpleCData): _type_ = "P"
class Function(_ctypes.CFuncPtr):
    _flags_ = _ctypes.FUNCFLAG_CDECL | _ctypes.FUNCFLAG_PYTHONAPI
    _restype_ = Address
def api(name): return Function(_ctypes.dlsym(_ctypes.dlopen(None, 0), name))
var = api("PyContextVar_New")(Text(b"held"), None)
api("PyContextVar_Set")(Address(var), Anything(1))
"""

# Prints the folder of an environment's packages.
PACKAGES = "import sysconfig; print(sysconfig.get_path('platlib'))"


class Unready(Exception):
    """The tests cannot begin. The text says why."""


def run(what, *command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()
        raise Unready(f"{what} failed: {lines[-1]}")
    return done.stdout


def build(folder):
    """Builds a wheel and returns its path."""
    run(
        "building the wheel (it needs cargo, and pip to get maturin)",
        sys.executable, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, CRATE,
    )
    return glob.glob(os.path.join(folder, "*.whl"))[0]


def build_without_lock(folder, base):
    """Builds a wheel for a Python without a global lock, and returns its path."""
    tools = os.path.join(folder, "tools")
    if not os.path.exists(tools):
        command = [sys.executable, "-m", "pip", "install", "--target", tools, "maturin"]
        run("installing maturin", *command)
    out = tempfile.mkdtemp(dir=folder)
    manifest = os.path.join(CRATE, "Cargo.toml")
    maturin = [os.path.join(tools, "bin", "maturin"), "build", "--release", "--out", out]
    options = ["--interpreter", base, "--no-default-features", "--manifest-path", manifest]
    run("building the wheel (it needs cargo)", *maturin, *options)
    return glob.glob(os.path.join(out, "*.whl"))[0]


def environment(base, folder, wheel, version):
    """Makes an environment of `base` with the wheel and the refused packages. Returns its Python."""
    run("creating an environment", base, "-m", "venv", "--without-pip", folder)
    python = os.path.join(folder, "bin", "python")
    if not os.path.exists(python):
        python = os.path.join(folder, "Scripts", "python.exe")
    packages = run("finding its packages", python, "-c", PACKAGES).strip()
    pip = [sys.executable, "-m", "pip", "install", "--target", packages]
    pip += ["--python-version", version, "--only-binary=:all:"]
    Case.foreign = FOREIGN
    abi = wheel.split("-")[-2]
    if abi.endswith("t"):
        pip += ["--implementation", "cp", "--abi", abi]
        Case.foreign = tuple(package for package in FOREIGN if package != "gevent")
    run("installing the wheel", *pip, "--no-index", "--no-deps", wheel)
    run("installing the refused packages", *pip, *Case.foreign)
    return python


class Case(unittest.TestCase):
    python = sys.executable
    version = sys.version_info[:2]
    # The installed packages of FOREIGN. gevent does not exist for builds without a global lock.
    foreign = FOREIGN

    def output(self, code, *, status=0):
        return self.output_of("-c", code, status=status)

    def output_of(self, *arguments, status=0, cwd=os.sep):
        """Returns the output of Python or, if `status` is not 0, the last line of its errors."""
        done = subprocess.run(
            [self.python, *arguments], capture_output=True, text=True, cwd=cwd, check=False
        )
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout.strip() if status == 0 else done.stderr.strip().rpartition("\n")[2]


class FreeThreaded(Case):
    def test_a_wheel_for_the_global_lock_is_refused(self):
        text = self.output("import contextvars_rs", status=1)
        refused = "ImportError: this wheel of contextvars_rs does not serve free-threaded builds"
        self.assertTrue(text.startswith(refused), text)


class Wheel(Case):
    @property
    def install(self):
        """The call of `install`: from 3.15 on, it needs an argument."""
        without = "without_accelerators=True" if self.version >= (3, 15) else ""
        return f"contextvars_rs.install({without})"

    def test_importing_it_imports_no_module_that_uses_the_built_in(self):
        # A list of allowed modules, since others may use it in the next version.
        code = """if True:
            import sys
            before = set(sys.modules)
            import contextvars_rs
            print(*sorted(set(sys.modules) - before - {"contextvars_rs"}))
        """
        self.assertLessEqual(set(self.output(code).split()), {"_types", "gc", "types"})

    def test_install_replaces_the_built_in(self):
        code = f"""if True:
            import contextvars_rs
            assert not contextvars_rs.installed()
            {self.install}
            {self.install}
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

    def test_install_replaces_an_imported_built_in_without_references(self):
        code = f"""if True:
            import contextvars, contextvars_rs
            built_in = id(contextvars.Context)
            contextvars.ContextVar("v").set(1)
            del contextvars
            {self.install}
            import contextvars
            assert id(contextvars.Context) != built_in
        """
        self.output(code)

    def test_uninstall_restores_the_built_in(self):
        for early in ("pass", "import contextvars; del contextvars"):
            code = f"""if True:
                import sys, contextvars_rs
                {early}
                names = "contextvars", "_contextvars"
                before = [id(sys.modules.get(name)) for name in names]
                contextvars_rs.uninstall()
                {self.install}
                import contextvars
                ours = contextvars.Context
                contextvars_rs.uninstall()
                assert not contextvars_rs.installed()
                assert before == [id(sys.modules.get(name)) for name in names]
                import contextvars
                assert contextvars.Context is not ours
            """
            self.output(code)

    def test_install_fails_if_an_object_refers_to_the_built_in(self):
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

    def test_a_failed_install_changes_nothing(self):
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

    def test_decimal_in_c_is_allowed(self):
        code = """if True:
            import decimal, contextvars_rs
            decimal.getcontext().prec = 5
            contextvars_rs.install()
            print(contextvars_rs.installed())
        """
        if self.version < (3, 15):
            self.assertEqual(self.output(code), "True")
        else:
            self.assertIn("cannot work with _asyncio", self.output(code, status=1))

    def test_install_fails_if_c_code_has_set_a_variable(self):
        code = BOUND_IN_C + "\nimport contextvars_rs; " + self.install
        bound = "comes too late: the built-in contextvars binds held for code in C; call install()"
        self.assertIn(bound, self.output(code, status=1))

    def test_packages_that_use_the_interpreters_own_contexts_are_refused(self):
        conflict = "contextvars_rs.install() and {0} exclude each other: {0} uses the"
        for package in self.foreign:
            with self.subTest(package):
                # gevent imports greenlet.
                named = package if package == "uvloop" else "greenlet"
                early = f"import {package}, contextvars_rs; {self.install}"
                text = self.output(early, status=1)
                self.assertTrue(text.startswith("RuntimeError: " + conflict.format(named)), text)
                late = f"import contextvars_rs; {self.install}; import {package}"
                text = self.output(late, status=1)
                self.assertTrue(text.startswith("ImportError: " + conflict.format(package)), text)
                self.output(
                    f"import contextvars_rs; {self.install}; contextvars_rs.uninstall(); "
                    f"import {package}"
                )

    def test_a_program_is_started_with_the_module_installed(self):
        program = """if True:
            import sys, asyncio, contextvars, threading, _contextvars
            assert "contextvars_rs" in _contextvars.__file__
            assert asyncio.events.contextvars is contextvars
            var = contextvars.ContextVar("var", default=0)
            async def child():
                var.set(var.get() + 1)
                return var.get()
            async def main():
                var.set(1)
                return await asyncio.create_task(child()), var.get()
            print(__name__, *sys.argv[1:], *asyncio.run(main()))
            sys.exit(len(sys.argv) - 3)
        """
        with tempfile.TemporaryDirectory() as folder:
            script = os.path.join(folder, "program.py")
            with open(script, "w", encoding="utf-8") as file:
                file.write(program)
            for named in ([script], ["-m", "program"], ["-c", program]):
                with self.subTest(named):
                    command = ["-m", "contextvars_rs", *named]
                    text = self.output_of(*command, "-a", "b", cwd=folder)
                    self.assertEqual(text, "__main__ -a b 2 1")
                    self.output_of(*command, *"abcde", status=3, cwd=folder)
        usage = self.output_of("-m", "contextvars_rs", status=1)
        self.assertTrue(usage.startswith("usage: python -m contextvars_rs SCRIPT"), usage)

    def test_a_program_is_not_started_if_install_fails(self):
        code = "import contextvars, contextvars_rs.__main__ as it; it.start()"
        text = self.output_of("-c", code, "-c", "print('started')", status=1)
        self.assertTrue(text.startswith("contextvars_rs.install() comes too late"), text)

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
        # If this fails, tasks no longer bypass the module: change the documentation.
        code = """if True:
            import contextvars_rs
            contextvars_rs.install()
            import asyncio, contextvars
            var = contextvars.ContextVar("v", default="nothing")
            async def first():
                inherited = var.get()
                var.set("set by the first task")
                return inherited
            async def second():
                return var.get()
            async def main():
                var.set("inherited")
                return [await asyncio.create_task(task()) for task in (first, second)]
            assert asyncio.Task.__module__ == "_asyncio"
            print(asyncio.run(main()))
        """
        if self.version < (3, 15):
            self.assertEqual(self.output(code), "['nothing', 'set by the first task']")
        else:
            text = self.output(code, status=1)
            self.assertTrue(text.endswith("call install(without_accelerators=True)"), text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", help="test this wheel instead of building one")
    parser.add_argument(
        "--python", action="append", default=[], help="also test with this Python; may be repeated"
    )
    arguments = parser.parse_args()
    passed = True
    with tempfile.TemporaryDirectory() as folder:
        try:
            wheel = arguments.wheel or build(folder)
            bases = dict.fromkeys(map(os.path.realpath, [sys.executable, *arguments.python]))
            for number, base in enumerate(bases):
                passed &= test(base, os.path.join(folder, str(number)), wheel)
        except Unready as why:
            print(f"wheel.py: {why}", file=sys.stderr)
            return 2
    return 0 if passed else 1


def test(base, folder, wheel):
    """Returns whether the tests pass in an environment of `base`."""
    version = run(f"finding the version of {base}", base, "-c", VERSION).strip()
    Case.version = tuple(map(int, version.split(".")[:2]))
    if Case.version < (3, 11):
        raise Unready(f"Python {version} is too old; use 3.11 or later")
    if "free-threading" not in run(f"finding the build of {base}", base, "-VV"):
        return passes(Wheel, base, folder, wheel, version)
    own = build_without_lock(os.path.dirname(folder), base)
    refused = passes(FreeThreaded, base, folder, wheel, version)
    return passes(Wheel, base, folder + "t", own, version) and refused


def passes(case, base, folder, wheel, version):
    Case.python = environment(base, folder, wheel, version)
    print(f"{os.path.basename(wheel)} on Python {version}", flush=True)
    tests = unittest.defaultTestLoader.loadTestsFromTestCase(case)
    return unittest.TextTestRunner().run(tests).wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
