"""The values of programs, some of which play programs."""


class Refused(Exception):
    """The exception that methods of values raise."""


class Val:
    """A value with a number, whose `==`, `repr`, `hash` and finalizer can play programs.

    `does` maps the name of a method to a function that plays, and to the message of the
    exception to raise afterwards, or None.
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
    """A name of a subclass of `str`, whose hash can play a program.

    It does not raise: CPython (at least 3.13.0) would then free a variable that is not
    initialized yet, and crash.
    """

    play = None

    def __hash__(self):
        if self.play is not None:
            self.play()
        return str.__hash__(self)
