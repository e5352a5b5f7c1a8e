"""Exceptions have the same arguments and messages as CPython's."""

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
for call, args, text in [
    (var.set, (), "ContextVar.set() takes exactly one argument (0 given)"),
    (var.get, (1, 2), "get expected at most 1 argument, got 2"),
    (context.get, (), "get expected at least 1 argument, got 0"),
    (context.keys, (1,), "Context.keys() takes no arguments (1 given)"),
    (context.run, (), "run() missing 1 required positional argument"),
    (token.__exit__, (), "__exit__ expected 3 arguments, got 0"),
    (Context.get, (), "unbound method Context.get() needs an argument"),
    (copy_context, (1,), "_contextvars.copy_context() takes no arguments (1 given)"),
    (lambda: var.set(value=1), (), "ContextVar.set() takes no keyword arguments"),
    (lambda: ContextVar("a", default=1, b=2), (), "ContextVar() takes at most 2 arguments (3 given)"),
]:
    assert str(error(call, *args)) == text, (str(error(call, *args)), text)
assert Context.get.__text_signature__ == "($self, key, default=None, /)"
assert Context.get.__doc__ and Context.run.__doc__ is None
