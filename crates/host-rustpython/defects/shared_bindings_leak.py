"""Cycles through bindings that contexts share are collected."""

import os
import subprocess
import sys

here = os.path.dirname(os.path.abspath(__file__))
shapes = os.path.join(here, "../../host-cpython/conformance/leaks.py")
done = subprocess.run([sys.executable, shapes], capture_output=True, text=True)
assert done.returncode == 0, done.stderr
lines = done.stdout.splitlines()
assert len(lines) > 10, lines
leaking = [line for line in lines if not line.startswith("0 of ")]
assert not leaking, leaking
