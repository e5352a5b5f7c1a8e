"""Cases, and the text of their outcomes."""

import re
from contextvars import Context

ADDRESS = re.compile(r"0x[0-9a-fA-F]+")


class Case:
    """A name, and a function that shows results to a `See`."""

    def __init__(self, name, function):
        self.name = name
        self.function = function


class Section:
    """Collects cases: `@section.case` over a function that takes a `See`."""

    def __init__(self, name):
        self.name = name
        self.cases = []

    def case(self, function):
        words = function.__name__.replace("_", " ")
        self.cases.append(Case(f"{self.name}: {words}", function))
        return function


class See:
    """Records the results of a case.

    The results are kept alive until the case ends, so that no address is reused.
    `see.text` records only a text.
    """

    def __init__(self):
        self.shown = []
        self.kept = []

    def __call__(self, call, *args, **kwargs):
        """Calls, records the result or the exception, and returns the result."""
        try:
            result = call(*args, **kwargs)
            self.kept.append(result)
            self.shown.append(repr(result))
            return result
        except BaseException as error:
            # A traceback would keep the frames, and with them all locals.
            self.kept.append(error.with_traceback(None))
            self.shown.append(f"raises {chain(error)}")
            return None

    def that(self, value):
        """Records a value."""
        return self(lambda: value)

    def text(self, text):
        """Records a text, and keeps no object alive."""
        self.shown.append(text)


def chain(error):
    """Returns the exception with its arguments, and its causes and contexts."""
    text = repr(error)
    seen = {id(error)}
    while (error := error.__cause__ or error.__context__) and id(error) not in seen:
        seen.add(id(error))
        text += f" during {error!r}"
    return text


def perform(case):
    """Runs a case in a new context. Returns its outcome as one line."""
    see = See()
    try:
        Context().run(case.function, see)
    except BaseException as error:
        see.text(f"case raises {chain(error)}")
    return by_identity(" | ".join(see.shown)).replace("\n", "\\n")


def by_identity(text):
    """Replaces each address by the number of its first appearance."""
    numbers = {}
    return ADDRESS.sub(lambda found: f"@{numbers.setdefault(found[0].lower(), len(numbers) + 1)}", text)
