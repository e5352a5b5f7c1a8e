"""Interpreters other than the first of a process: each gets an ImportError that says why."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest

import _contextvars

# Loads our module, and prints "loaded" or the error.
LOAD = '''
from importlib.machinery import ExtensionFileLoader, ModuleSpec
loader = ExtensionFileLoader("_contextvars", PATH)
try:
    module = loader.create_module(ModuleSpec("_contextvars", loader, origin=PATH))
    loader.exec_module(module)
    module.ContextVar("v").set(1)
    print("loaded", flush=True)
except ImportError as error:
    print(error, flush=True)
'''.replace("PATH", repr(_contextvars.__file__))

# A program that initializes and finalizes the interpreter twice, and fills the table of `Py_AtExit`.
LIVES = r"""
#include <dlfcn.h>
static void nothing(void) {}
int main(int count, char **arguments) {
    void *python = dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL);
    if (!python) return 9;
    void (*begin)(int) = (void (*)(int))dlsym(python, "Py_InitializeEx");
    int (*run)(const char *) = (int (*)(const char *))dlsym(python, "PyRun_SimpleString");
    int (*end)(void) = (int (*)(void))dlsym(python, "Py_FinalizeEx");
    int (*at_exit)(void (*)(void)) = (int (*)(void (*)(void)))dlsym(python, "Py_AtExit");
    for (int life = 0; life < 2; life++) {
        begin(0);
        while (at_exit(nothing) == 0) {}
        if (run(arguments[2]) != 0 || run(arguments[2]) != 0) return 8;
        if (end() != 0) return 7;
    }
    return 0;
}
"""


class Interpreters(unittest.TestCase):
    def printed(self, *command, **options):
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def loaded_in(self, *kinds):
        """Returns what `LOAD` prints in a new interpreter, of the first kind that exists."""
        code = f"""if True:
            try:
                import _interpreters as interpreters
            except ImportError:
                import _xxsubinterpreters as interpreters
            for arguments, options in {kinds}:
                try:
                    interpreter = interpreters.create(*arguments, **options)
                except TypeError:
                    continue
                failed = interpreters.run_string(interpreter, {LOAD!r})
                print(failed or "", end="", flush=True)
                break
        """
        return self.printed(sys.executable, "-c", code)

    def test_a_subinterpreter_that_shares_the_lock(self):
        kinds = (("legacy",), {}), ((), {"isolated": False})
        text = "this _contextvars serves the main interpreter only; "
        self.assertEqual(self.loaded_in(*kinds), [text + "in a subinterpreter, use the built-in one"])

    @unittest.skipIf(sys.version_info < (3, 12), "isolated interpreters exist from 3.12 on")
    def test_an_isolated_subinterpreter(self):
        kinds = (("isolated",), {}), ((), {"isolated": True})
        [text] = self.loaded_in(*kinds)
        self.assertIn("does not support loading in subinterpreters", text)

    @unittest.skipUnless(
        shutil.which("cc") and sysconfig.get_config_var("Py_ENABLE_SHARED"),
        "needs `cc`, and an interpreter that is a shared library",
    )
    def test_an_interpreter_after_the_first_has_ended(self):
        library = os.path.join(
            sysconfig.get_config_var("LIBDIR"), sysconfig.get_config_var("INSTSONAME")
        )
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "lives")
            subprocess.run(
                ["cc", "-x", "c", "-", "-o", program, "-ldl"], input=LIVES, text=True, check=True
            )
            environment = {**os.environ, "PYTHONHOME": sys.prefix}
            lines = self.printed(program, library, LOAD, env=environment)
        refused = (
            "this _contextvars cannot be imported again after the interpreter has been finalized; "
            "start a new process"
        )
        self.assertEqual(lines, ["loaded", "loaded", refused, refused])


if __name__ == "__main__":
    unittest.main()
