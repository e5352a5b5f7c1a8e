"""Shrinks a program that shows a difference."""


def shrink(program, differs):
    """Removes parts of a program as long as the rest still shows a difference."""
    shorter = True
    while shorter:
        shorter = False
        for smaller in smaller_ones(program):
            if differs(smaller):
                program, shorter = smaller, True
                break
    return program


def smaller_ones(program):
    """Yields smaller programs, the smallest first."""
    size = len(program) // 2
    while size:
        for start in range(0, len(program), size):
            yield program[:start] + program[start + size :]
        size //= 2
    for place, statement in enumerate(program):
        inner = statement[-1]
        if isinstance(inner, list):
            for smaller in smaller_ones(inner):
                changed = (*statement[:-1], smaller)
                yield program[:place] + [changed] + program[place + 1 :]
            # The nested program instead of the statement.
            yield program[:place] + inner + program[place + 1 :]
