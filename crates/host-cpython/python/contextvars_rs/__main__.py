"""Starts a program with our `contextvars` installed before any other module imports it.

    python -m contextvars_rs SCRIPT [ARGUMENT ...]
    python -m contextvars_rs -m MODULE [ARGUMENT ...]
    python -m contextvars_rs -c CODE [ARGUMENT ...]

The program runs without the C accelerators of `asyncio` and `decimal`, which bypass the module.
Processes that it starts have the built-in module.
"""

import os
import sys

# The code of the new process. With `-m`, Python 3.14 and later would first import modules that use
# `_contextvars`.
START = "from contextvars_rs.__main__ import start; start()"


def main():
    """Replace this process by one that calls `start`."""
    import subprocess

    if len(sys.argv) < 2 or sys.argv[1:] in (["-m"], ["-c"]):
        sys.exit("usage: python -m contextvars_rs SCRIPT | -m MODULE | -c CODE [ARGUMENT ...]")
    # -I, -W, -X and so on, as `multiprocessing` passes them.
    flags = subprocess._args_from_interpreter_flags()
    command = [sys.executable, *flags, "-c", START, *sys.argv[1:]]
    if os.name == "nt":
        # On Windows, the caller would not wait for a process from `execv`.
        sys.exit(subprocess.call(command))
    os.execv(sys.executable, command)


def start():
    """Install our module, and run the program in `sys.argv`."""
    import contextvars_rs

    try:
        contextvars_rs.install(without_accelerators=True)
    except RuntimeError as why:
        sys.exit(str(why))

    import runpy

    program, *arguments = sys.argv[1:]
    sys.argv = [program, *arguments]
    if program == "-c":
        code = sys.argv.pop(1)
        names = vars(sys.modules["__main__"])
        del names["start"]
        exec(compile(code, "<string>", "exec"), names)
    elif program == "-m":
        del sys.argv[0]
        first_on_path(os.getcwd())
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
    else:
        first_on_path(os.path.dirname(os.path.realpath(program)))
        runpy.run_path(program, run_name="__main__")


def first_on_path(folder):
    """Put the program's folder first on `sys.path`, unless -P or -I forbids it."""
    if not sys.flags.safe_path:
        sys.path[0] = folder


if __name__ == "__main__":
    main()
