"""Generates random programs.

A program is a list of statements. Each is a tuple of a name, integers, and for some a
nested program. When the program is played, a number selects one of the objects that
exist then. So every part of a program is a valid program.
"""

# The methods of a value that can play a program.
METHODS = ("eq", "repr", "hash", "del")

# Statements without a nested program: the number of integers, and the weight of each.
FLAT = {
    "var": (2, 3),
    "var, bad": (1, 1),
    "get": (1, 6),
    "get, default": (2, 3),
    "get, bad": (2, 1),
    "set": (2, 12),
    "set, bad": (1, 1),
    "reset": (2, 8),
    "reset, bad": (2, 1),
    "new": (0, 2),
    "new, bad": (1, 1),
    "copy_context": (0, 4),
    "copy": (1, 3),
    "run, bad": (2, 1),
    "item": (2, 3),
    "item, bad": (2, 1),
    "in": (2, 3),
    "context.get": (3, 3),
    "len": (1, 3),
    "all": (2, 3),
    "iter": (2, 2),
    "next": (1, 4),
    "length_hint": (1, 2),
    "compare": (3, 4),
    "compare, bad": (3, 1),
    "hash": (1, 1),
    "repr": (2, 3),
    "token": (2, 3),
    "store": (3, 1),
    "with": (2, 1),
    "drop": (2, 5),
    "weak": (1, 1),
    "collect": (0, 1),
}

# Statements with a nested program.
NESTED = {
    "run": (2, 10),
    "thread": (0, 2),
    "val": (3, 6),
}

NAMES = [*FLAT, *NESTED]
WEIGHTS = [often for _, often in [*FLAT.values(), *NESTED.values()]]


def program(random, length=30, depth=3):
    """Returns a program with this many statements and this depth of nested programs."""
    return [statement(random, depth) for _ in range(length)]


def statement(random, depth):
    while True:
        [name] = random.choices(NAMES, WEIGHTS)
        if name in FLAT:
            return (name, *numbers(random, FLAT[name][0]))
        if depth > 0:
            inner = program(random, random.randint(0, 6), depth - 1)
            return (name, *numbers(random, NESTED[name][0]), inner)


def numbers(random, count):
    return [random.randrange(12) for _ in range(count)]
