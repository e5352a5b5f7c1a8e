"""Values that programs bind, some of which call back."""


class Refused(Exception):
    """What code of a value's raises."""


class Val:
    """A value with a number. Its `==`, `repr`, `hash` and end play what they are given.

    `does` leads from the name of a method to a function that plays, and what to raise
    afterwards if that is not None.
    """

    def __init__(self, number, does):
        self.number = number
        self.does = does

    def called(self, method):
        play, failure = self.does.get(method, (None, None))
        if play is not None:
            play()
        if failure is not None:
            raise Refused(failure)

    def __eq__(self, other):
        self.called("eq")
        return isinstance(other, Val) and self.number == other.number

    def __hash__(self):
        self.called("hash")
        return self.number

    def __repr__(self):
        self.called("repr")
        return f"Val({self.number})"

    def __del__(self):
        self.called("del")


class Name(str):
    """A name that is no plain `str`, whose hash calls back.

    It does not fail: then CPython (3.13.0 at least) takes apart a variable that it has
    not finished, and crashes.
    """

    play = None

    def __hash__(self):
        if self.play is not None:
            self.play()
        return str.__hash__(self)
