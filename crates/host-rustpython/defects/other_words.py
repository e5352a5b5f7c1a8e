"""Errors hold the objects and say the words that CPython's do."""

from contextvars import Context, ContextVar, Token, copy_context


def error(call, *args):
    try:
        call(*args)
    except Exception as raised:
        return raised
    raise AssertionError(f"{call} did not fail")


var, other = ContextVar("var"), ContextVar("other")
assert error(var.get).args == (var,)
token = var.set(1)
assert token.old_value is Token.MISSING
assert repr(Token.MISSING) == "<Token.MISSING>" and not isinstance(Token.MISSING, type)
assert str(error(other.reset, token)) == f"{token!r} was created by a different ContextVar"
elsewhere = copy_context()
assert str(error(elsewhere.run, var.reset, token)) == f"{token!r} was created in a different Context"
assert str(error(var.reset, 1)) == "expected an instance of Token, got 1"
var.reset(token)
assert str(error(var.reset, token)) == f"{token!r} has already been used once"
context = Context()
assert str(error(context.run, context.run, int)) == (
    f"cannot enter context: {context!r} is already entered"
)
assert error(lambda: context[var]).args == (var,)
assert str(error(ContextVar)) == "ContextVar() takes exactly 1 positional argument (0 given)"
assert str(error(ContextVar, "a", "b")) == (
    "ContextVar() takes at most 1 positional argument (2 given)"
)
