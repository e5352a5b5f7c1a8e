"""Makes a program that shows a difference as short as it gets."""


def shrink(program, differs):
    """Takes out what can be taken out, as long as what is left still differs."""
    shorter = True
    while shorter:
        shorter = False
        for smaller in smaller_ones(program):
            if differs(smaller):
                program, shorter = smaller, True
                break
    return program


def smaller_ones(program):
    """Programs with less in them, the smallest first."""
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
            # What is inside, on its own.
            yield program[:place] + inner + program[place + 1 :]
