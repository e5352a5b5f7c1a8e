"""Single calls: every line is a case, whose name is its text.

Each is evaluated with new objects:

    m           the module `_contextvars`
    v           a variable without a value
    d           a variable with the default 5
    s, t        a variable that is set to 1, and the token of that
    b, u        a variable without a value, and a used token of it
    o           a token of `s` made in another context
    c           a copy of the current context, where `s` is bound
    e           an empty context
    keys        the iterator `c.keys()`
    MISSING     `Token.MISSING`
"""

import collections.abc
import copy
import inspect
import operator
import pickle
import types
import typing
import weakref

import contextvars
from contextvars import Context, ContextVar, Token, copy_context

from cases.case import Case

MODULE = """
m.__name__
m.__doc__
m.__package__
sorted(name for name in vars(m) if not name.startswith('_'))
contextvars.__all__
contextvars.Context is m.Context and contextvars.ContextVar is m.ContextVar
contextvars.Token is m.Token and contextvars.copy_context is m.copy_context
m.copy_context
type(copy_context)
copy_context.__name__, copy_context.__qualname__, copy_context.__module__
copy_context.__doc__, copy_context.__text_signature__
copy_context.__self__ is m
copy_context()
copy_context() is copy_context()
copy_context(1)
copy_context(1, 2)
copy_context(a=1)
copy_context(**{})
len(copy_context())
inspect.signature(copy_context)
pickle.loads(pickle.dumps(copy_context)) is copy_context
"""

TYPES = """
Context, ContextVar, Token
type(Context), type(ContextVar), type(Token)
Context.__name__, Context.__qualname__, Context.__module__
ContextVar.__name__, ContextVar.__qualname__, ContextVar.__module__
Token.__name__, Token.__qualname__, Token.__module__
Context.__mro__, ContextVar.__mro__, Token.__mro__
Context.__doc__, ContextVar.__doc__, Token.__doc__
Context.__text_signature__, ContextVar.__text_signature__, Token.__text_signature__
sorted(set(dir(Context)) - {'__module__'})
sorted(set(dir(ContextVar)) - {'__module__'})
sorted(set(dir(Token)) - {'__module__'})
sorted(set(vars(Context)) - {'__module__', '__getattribute__'})
sorted(set(vars(ContextVar)) - {'__module__', '__getattribute__'})
sorted(set(vars(Token)) - {'__module__', '__getattribute__'})
[name in vars(kind) for kind in (Context, ContextVar, Token) for name in ('__module__', '__getattribute__')]
[name in vars(type(kind)) for kind in (keys, MISSING) for name in ('__module__', '__getattribute__')]
type('X', (Context,), {})
type('X', (ContextVar,), {})
type('X', (Token,), {})
bool(Context.__flags__ & 1 << 8), bool(ContextVar.__flags__ & 1 << 8), bool(Token.__flags__ & 1 << 8)
bool(Context.__flags__ & 1 << 10), bool(Context.__flags__ & 1 << 14)
bool(ContextVar.__flags__ & 1 << 10), bool(ContextVar.__flags__ & 1 << 14)
bool(Token.__flags__ & 1 << 10), bool(Token.__flags__ & 1 << 14)
setattr(Context, 'x', 1)
setattr(ContextVar, 'x', 1)
setattr(Token, 'x', 1)
setattr(Context, 'run', 1)
delattr(Context, 'run')
delattr(Token, 'MISSING')
Context[int]
ContextVar[int]
ContextVar[int].__origin__ is ContextVar, ContextVar[int].__args__
ContextVar[int]('v')
ContextVar[int, str]
type(ContextVar[int])
Token[int]
Token[int].__origin__ is Token
ContextVar.__class_getitem__()
ContextVar | None
typing.Optional[Context]
Context.run
Context.get, Context.copy, Context.keys, Context.values, Context.items
ContextVar.get, ContextVar.set, ContextVar.reset
ContextVar.name
Token.var, Token.old_value
ContextVar.__dict__['__class_getitem__'], Token.__dict__['__class_getitem__']
bool(Context.get.__doc__), bool(Context.copy.__doc__), bool(Context.keys.__doc__)
bool(Context.values.__doc__), bool(Context.items.__doc__)
Context.run.__doc__
bool(ContextVar.get.__doc__), bool(ContextVar.set.__doc__), bool(ContextVar.reset.__doc__)
inspect.signature(Context.run)
inspect.signature(Context.get)
inspect.signature(Context.copy)
inspect.signature(Context.keys)
inspect.signature(ContextVar.get)
inspect.signature(ContextVar.set)
inspect.signature(ContextVar.reset)
inspect.signature(Context)
inspect.signature(ContextVar)
inspect.signature(Token)
isinstance(e, collections.abc.Mapping)
isinstance(e, collections.abc.Collection), isinstance(e, collections.abc.Hashable)
issubclass(Context, collections.abc.MutableMapping)
isinstance(v, collections.abc.Hashable), isinstance(t, collections.abc.Hashable)
"""

CONTEXT = """
Context()
Context(**{})
Context(1)
Context(a=1)
Context(1, a=1)
Context.__new__(Context)
Context.__new__()
Context.__new__(int)
Context.__new__(Context, 1)
object.__new__(Context)
e.__init__(1)
e
str(e) == repr(e)
format(e) == repr(e)
format(e, 'x')
hash(e)
Context.__hash__
{e}
{e: 1}
e[1]
1 in e
e.get(1)
e['a']
e[e]
e[int]
e.get([])
c[v]
c[d]
c[s]
s in c, v in c, d in c
1 not in e
c.get(s), c.get(v), c.get(d)
c.get(v, 7)
c.get(d, 7)
c.get(s, 7)
c.get(v, d)
c.get()
c.get(v, 1, 2)
c.get(v, 1, 2, 3)
c.get(v, default=3)
c.get(key=v)
len(e), len(c)
bool(e), bool(c)
list(c) == [s]
next(iter(c)) is s
dict(c)
dict(c) == {s: 1}
[*c.keys()], [*c.values()], [*c.items()]
c.keys(1)
c.keys(a=1)
c.values(1)
c.values(a=1)
c.items(1)
c.items(a=1)
c.copy(1)
c.copy(a=1)
c.copy() is c
c.copy() == c
e.copy()
(lambda **k: k)(**c)
operator.setitem(c, s, 1)
operator.setitem(c, 1, 1)
operator.delitem(c, s)
operator.delitem(c, 1)
c.clear()
c.x
setattr(c, 'x', 1)
delattr(c, 'x')
setattr(c, 'get', 1)
c.__dict__
vars(c)
c | c
c + c
reversed(c)
c.__len__(), c.__contains__(s), c.__getitem__(s)
c.__contains__()
c.__getitem__(1)
len(c.__iter__())
c.__class__ is Context
Context.copy()
Context.copy(1)
Context.get(1, v)
Context.keys(v)
Context.run()
Context.run(1)
operator.length_hint(c)
"""

ITERATORS = """
keys
iter(c), c.values(), c.items()
type(c.keys()), type(c.values()), type(c.items())
type(iter(c)) is type(c.keys())
[type(i).__name__ for i in (c.keys(), c.values(), c.items())]
[type(i).__module__ for i in (c.keys(), c.values(), c.items())]
[type(i).__mro__ for i in (c.keys(), c.values(), c.items())]
type(keys)()
type(keys)(c)
type(c.values())()
type(c.items())()
type('X', (type(keys),), {})
sorted(set(vars(type(keys))) - {'__module__', '__getattribute__'})
sorted(set(vars(type(c.items()))) - {'__module__', '__getattribute__'})
weakref.ref(keys)
iter(keys) is keys
len(keys), operator.length_hint(keys), bool(keys)
len(iter(e)), bool(iter(e)), list(e)
hash(keys) == hash(keys)
keys == keys, keys == c.keys()
keys < keys
keys[0]
keys.x
setattr(keys, 'x', 1)
pickle.dumps(keys)
copy.copy(keys)
s in keys, s in keys
next(e.values())
next(e.items(), 'none')
reversed(keys)
setattr(type(keys), 'x', 1)
isinstance(keys, collections.abc.Iterator), isinstance(keys, collections.abc.Sized)
isinstance(keys, collections.abc.KeysView), isinstance(c.items(), collections.abc.ItemsView)
"""

RUN = """
e.run()
e.run(1)
e.run(None)
e.run(lambda: 5)
e.run(lambda *a, **k: (a, k), 1, 2, a=3, self=4, callable=5)
e.run(self=1)
e.run(callable=print)
e.run(lambda: e.run(print))
e.run(e.run, print)
e.run(e.run, e.run, print)
e.run(lambda: 1 / 0)
e.run(lambda: 1, 2)
e.run(print, sep=1)
e.run(copy_context) == e
e.run(copy_context) is e
e.run(e.copy).run(lambda: 5)
c.run(s.get), e.run(s.get, 'unset')
e.run(s.get)
c.run(s.reset, t)
e.run(s.reset, t)
Context.run(e, lambda: 5)
Context.run(e)
operator.methodcaller('run', lambda: 5)(e)
e.run(e.run(lambda: int))
e.run(str, b'x', 'ascii', errors='strict')
"""

VARIABLE = """
ContextVar()
ContextVar(name='a')
ContextVar('a', 'b')
ContextVar('a', 'b', 'c')
ContextVar('a', default=1, foo=2)
ContextVar('a', foo=1)
ContextVar('a', foo=1, bar=2)
ContextVar('a', name='b')
ContextVar('a', 'b', default=1)
ContextVar(default=1)
ContextVar(1)
ContextVar(None)
ContextVar(b'a')
ContextVar(1, default=2)
ContextVar.__new__(ContextVar)
ContextVar.__new__(int, 'a')
ContextVar.__new__(ContextVar, 'a')
object.__new__(ContextVar)
v.__init__()
v
ContextVar('')
ContextVar("a'b")
ContextVar('a"b\\n')
ContextVar('\\ud800')
ContextVar('ü€😀')
ContextVar('v', default=None)
ContextVar('v', default=5)
ContextVar('v', default='x')
ContextVar('v', default=v)
ContextVar('v', default=[1, [2]])
str(v) == repr(v)
format(d) == repr(d)
format(v, 'x')
v.name
v.name is v.name
ContextVar('ü').name
setattr(v, 'name', 'x')
delattr(v, 'name')
v.foo
v.default
setattr(v, 'foo', 1)
delattr(v, 'foo')
setattr(v, 'get', 1)
vars(v)
v.get()
v.get(None)
v.get(7)
d.get()
d.get(7)
s.get(), s.get(7)
ContextVar('v', default=None).get()
ContextVar('v', default=None).get(7)
v.get(1, 2)
v.get(1, 2, 3)
v.get(default=3)
v.get(1, default=3)
v.set()
v.set(1, 2)
v.set(value=1)
v.set(1, value=2)
v.set(1)
v.set(Token.MISSING), v.get()
v.set(None), v.get(7)
v.reset()
v.reset(1)
v.reset(None)
v.reset('a', 'b')
v.reset(token=t)
v.reset(v)
v.reset(t)
s.reset(t)
s.reset(o)
b.reset(u)
v.reset(u)
v.reset(o)
v == v, v != v, v == ContextVar('v')
v.__eq__(v), v.__eq__(d), v.__ne__(d)
v < v
v < 1
hash(v) == hash(v), hash(v) == hash(ContextVar('v'))
{v: 1}[v]
{v: 1}[d]
len({v, v, d})
bool(v)
len(v)
v[0]
v()
v + v
ContextVar.get()
ContextVar.get(1)
ContextVar.set(1, 2)
ContextVar.reset(v)
"""

TOKEN = """
Token()
Token(1)
Token(a=1)
Token(1, b=2)
Token.__new__(Token)
Token.__new__(int)
object.__new__(Token)
t
u
str(t) == repr(t)
format(t, 'x')
hash(t)
{t}
Token.__hash__
t.var
t.var is s
u.var is b
t.old_value
t.old_value is Token.MISSING
s.set(2).old_value
s.set(2).old_value is s.get()
setattr(t, 'var', 1)
setattr(t, 'old_value', 1)
setattr(t, 'foo', 1)
delattr(t, 'var')
delattr(t, 'old_value')
t.foo
t.used
t.MISSING is MISSING
setattr(t, 'MISSING', 1)
t == t, t != t, t == u
t < t
bool(t)
len(t)
t()
MISSING
str(MISSING), format(MISSING)
bool(MISSING)
type(MISSING)
type(MISSING).__module__, type(MISSING).__qualname__, type(MISSING).__name__
type(MISSING).__mro__
type(MISSING).__doc__
type(MISSING)()
type(MISSING)(1)
type('X', (type(MISSING),), {})
sorted(set(vars(type(MISSING))) - {'__module__', '__getattribute__'})
MISSING == MISSING, MISSING == None
hash(MISSING) == hash(MISSING)
MISSING.x
setattr(MISSING, 'x', 1)
setattr(type(MISSING), 'x', 1)
weakref.ref(MISSING)
Token.MISSING is m.Token.MISSING
t.__enter__() is t
t.__enter__(1)
t.__exit__()
t.__exit__(None)
t.__exit__(None, None)
t.__exit__(None, None, None), s.get('unset')
t.__exit__(1, 2, 3), s.get('unset')
t.__exit__(None, None, None, None)
t.__exit__(type=None, value=None, traceback=None)
u.__exit__(None, None, None)
o.__exit__(None, None, None)
Token.__enter__, Token.__exit__
bool(Token.__enter__.__doc__), bool(Token.__exit__.__doc__)
"""

PICKLING = """
pickle.dumps(c)
pickle.dumps(v)
pickle.dumps(t)
pickle.dumps(MISSING)
pickle.dumps(c, 0)
pickle.dumps(v, 0)
pickle.dumps(t, 1)
pickle.dumps(c, 2)
pickle.loads(pickle.dumps(Context)) is Context
pickle.loads(pickle.dumps(ContextVar)) is ContextVar
pickle.loads(pickle.dumps(Token)) is Token
copy.copy(c)
copy.copy(v)
copy.copy(t)
copy.copy(MISSING)
copy.deepcopy(c)
copy.deepcopy(v)
copy.deepcopy(t)
copy.deepcopy(MISSING)
copy.replace(c)
c.__reduce__()
v.__reduce__()
t.__reduce__()
c.__reduce_ex__(0)
v.__reduce_ex__(4)
t.__getstate__()
"""

WEAKREFS = """
weakref.ref(c)() is c
weakref.ref(v)
weakref.ref(t)
weakref.proxy(c)[s]
weakref.getweakrefcount(c)
weakref.WeakSet([c])
weakref.WeakKeyDictionary({c: 1})
weakref.WeakValueDictionary({1: c})[1] is c
weakref.WeakValueDictionary({1: v})
"""

TEXTS = (MODULE, TYPES, CONTEXT, ITERATORS, RUN, VARIABLE, TOKEN, PICKLING, WEAKREFS)


def objects():
    """Returns the new objects of a case, by name."""
    import _contextvars as m

    v, d, s, b = ContextVar("v"), ContextVar("d", default=5), ContextVar("s"), ContextVar("b")
    t, u = s.set(1), b.set(1)
    b.reset(u)
    elsewhere = Context()
    o = elsewhere.run(s.set, 3)
    c, e = copy_context(), Context()
    keys, MISSING = c.keys(), Token.MISSING
    return locals()


def evaluation(text):
    code = compile(text, f"<{text}>", "eval")

    def function(see):
        names = objects()
        see(eval, code, globals() | names)
        see.kept.append(names)

    return function



CASES = [Case(text, evaluation(text)) for lines in TEXTS for text in lines.strip().splitlines()]
