"""Prints the outcome of each case of the parity table, one case a line.

    python differential.py                  on the built-in module
    python with_ours.py differential.py     on ours

The two must print the same lines. `cargo xtask conformance` runs both and
compares them. Known differences are listed in `known_differences.toml`.

A line is `NAME => OUTCOME`. Addresses are replaced by @1, @2 and so on, in the
order in which a case first shows them, so identities stay visible.
"""

import sys

from cases import calls, collector, equality, finalizers, iterators, run, threads, tokens, variables
from cases.case import perform

SECTIONS = (calls, variables, tokens, iterators, equality, run, finalizers, collector, threads)


def main():
    # Unicode in a name must not depend on the locale.
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    cases = [case for section in SECTIONS for case in section.CASES]
    names = [case.name for case in cases]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        sys.exit(f"several cases have the same name: {', '.join(sorted(twice))}")
    for case in cases:
        print(f"{case.name} => {perform(case)}", flush=True)


if __name__ == "__main__":
    main()
