"""Plays a program on a module, and records the outcome of each statement."""

import _thread
import gc
import operator
import re
import sys
import threading
import weakref
from contextlib import contextmanager
from typing import Any, Callable, NamedTuple

from fuzz.generate import METHODS, NAMES
from fuzz.values import Name, Refused, Val

ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
ORDERS = (operator.eq, operator.ne, operator.lt, operator.ge)
STRANGE = (None, 1, "text", [], int, object)


class Limits(NamedTuple):
    """The features of an interpreter's built-in module that programs may use."""

    # True if finalizers of values may change bindings.
    sets_at_the_end: bool
    # True if a token is a context manager.
    tokens_in_with: bool


class Subject(NamedTuple):
    """A module, and functions for its objects."""

    name: str
    module: Any
    # Returns the address in an object's repr.
    address: Callable = id
    ref: Callable = weakref.ref
    derive: Callable = lambda base: type("C", (base,), {})
    # Removes a thread's base context at the end of the thread.
    end_thread: Callable = lambda: None
    # Sets a callback for each context that becomes current, or None. Returns a function that
    # removes it.
    watch: Callable = lambda callback: lambda: None


class Player:
    """Plays programs on one subject.

    Objects that statements create are kept in pools, from which `drop` removes them.
    Outcomes show their numbers instead of their addresses.
    """

    def __init__(self, subject, limits):
        self.subject = subject
        self.module = subject.module
        self.limits = limits
        self.vars, self.contexts, self.tokens, self.iterators = [], [], [], []
        self.vals, self.weak, self.said = [], [], []
        self.made, self.labels = 0, {}
        self.code, self.indent = [], 0
        # The context of the running code, and all entered contexts.
        self.current, self.entered = None, []
        # For each thread, the context in the last call of the watcher, if it is the program's.
        self.watched = threading.local()

    def play_all(self, program):
        """Plays a program in a new context and thread. Returns the outcomes.

        In a thread, since finalizers that run last may set variables in the thread's base
        context, which must end with the program.
        """
        hook = sys.unraisablehook
        sys.unraisablehook = lambda report: self.say(f"unraisable {report.exc_value!r}")
        gc.collect()
        gc.disable()
        unwatch = self.subject.watch(self.switched)
        try:
            self.in_thread(program, self.clear)
        finally:
            unwatch()
            gc.enable()
            sys.unraisablehook = hook
        return self.said

    def switched(self, context):
        """Records a switch of which a watcher is notified. Base contexts are ignored."""
        address = self.subject.address(context)
        known = any(address == self.subject.address(one) for one in self.entered)
        watched = self.labels[address] if known else None
        if watched or getattr(self.watched, "last", None):
            self.say(f"watched {watched}")
        self.watched.last = watched

    def clear(self):
        """Drops all objects, one after the other."""
        pools = (self.iterators, self.tokens, self.contexts, self.vals, self.vars)
        # Finalizers may create more.
        while any(pools):
            for pool in pools:
                while pool:
                    pool.pop()
            gc.collect()
        self.say(f"left: {[w() is not None for w in self.weak]}")

    def play(self, program):
        for name, *rest in program:
            getattr(self, STATEMENTS[name])(*rest)

    def play_in_another(self, program):
        """Plays a program in a new context that is in no pool."""
        context = self.module.Context()
        self.labels[self.subject.address(context)] = "@base"
        with self.being_in(context), self.entering(context):
            context.run(self.play, program)

    @contextmanager
    def entering(self, context):
        """Records that the context is being entered, so that the watcher knows it."""
        self.entered.append(context)
        try:
            yield
        finally:
            self.entered.pop()

    @contextmanager
    def being_in(self, context):
        """Records the context of the code in the `with` statement."""
        outer, indent = self.current, self.indent
        self.current, self.indent = context, indent + 1
        try:
            yield
        finally:
            self.current, self.indent = outer, indent

    # Outcomes.

    def say(self, text):
        self.said.append(self.by_number(text))

    def by_number(self, text):
        return ADDRESS.sub(self.label, text)

    def label(self, found):
        return self.labels.get(int(found[0], 16), "@?")

    def name_of(self, one):
        return self.labels.get(self.subject.address(one), "@?")[1:]

    def keep(self, pool, kind, made):
        """Puts an object into its pool, under the next number."""
        self.labels[self.subject.address(made)] = f"@{kind}{self.made}"
        self.made += 1
        # The built-in module's tokens keep their context alive, ours do not (docs/parity.md,
        # difference 10). The pool does, so that the outcomes are the same.
        pool.append((made, self.current if pool is self.tokens else None))

    def write(self, code):
        """Records a statement as Python code, for readers of the program."""
        self.code.append("    " * self.indent + code)

    def see(self, code, call, *args, show=repr, **kwargs):
        """Calls and records the outcome. Returns the result in a list, or an empty list."""
        self.write(code)
        try:
            result = call(*args, **kwargs)
            text = show(result)
            done = [result]
        except Exception as error:
            text = self.failure(error)
            done = []
        self.say(f"{code} => {text}")
        return done

    def failure(self, error):
        """Returns the types and arguments of an exception, its causes and contexts."""
        texts, seen = [], set()
        while error is not None and id(error) not in seen:
            seen.add(id(error))
            try:
                text = f"{type(error).__name__}{error.args!r}"
            except Refused as other:
                text = f"{type(error).__name__}, whose arguments refuse: {other.args!r}"
            texts.append(text)
            error = error.__cause__ or error.__context__
        return "raises " + " during ".join(texts)

    # Objects and values, selected by numbers.

    def pick(self, pool, number):
        """Returns an object of a pool and its name. Number 0 is the newest."""
        if not pool:
            return None, None
        one, _ = pool[-1 - number % len(pool)]
        return one, self.name_of(one)

    def value(self, number, var=None):
        """Returns a value and its text. Only the first variable is bound to values that play
        programs. So a context has at most one, and the order of comparisons is irrelevant."""
        if number >= 6 and self.vals and (var is None or var is self.vars[0][0]):
            val, _ = self.vals[-1 - number % len(self.vals)]
            return val, f"val{val.number}"
        value = (None, 1, 2, "text", (1, 2), True)[number % 6]
        return value, repr(value)

    # Statements.

    def s_var(self, name, default):
        name = ("a", "b", "c", "ä", "", "a b")[name % 6] if name < 9 else self.name(name)
        make, code, named = self.module.ContextVar, f"ContextVar({str(name)!r})", {}
        if default >= 6:
            value, text = self.value(default - 6 if default < 9 else default)
            code, named = f"{code[:-1]}, default={text})", {"default": value}
        # Not `repr`, which would call the default's: there are `repr` statements for that.
        made = self.see(code, make, name, show=lambda _: "made", **named)
        for var in made:
            self.keep(self.vars, "v", var)

    def name(self, number):
        name = Name("n")
        if number > 9:
            name.play = lambda: self.say("hash of a name")
        return name

    def s_var_bad(self, how):
        make = self.module.ContextVar
        bad = (
            ("ContextVar()", lambda: make()),
            ("ContextVar(1)", lambda: make(1)),
            ("ContextVar(None, default=1)", lambda: make(None, default=1)),
            ("ContextVar('a', 1)", lambda: make("a", 1)),
            ("ContextVar('a', other=1)", lambda: make("a", other=1)),
            ("ContextVar(default=1)", lambda: make(default=1)),
            ("ContextVar(b'a')", lambda: make(b"a")),
        )
        self.see(*bad[how % len(bad)])

    def s_get(self, v):
        var, code = self.pick(self.vars, v)
        if var is not None:
            self.see(f"{code}.get()", var.get)

    def s_get_default(self, v, default):
        var, code = self.pick(self.vars, v)
        if var is not None:
            value, text = self.value(default)
            self.see(f"{code}.get({text})", var.get, value)

    def s_get_bad(self, v, how):
        var, code = self.pick(self.vars, v)
        if var is not None:
            bad = (
                ("get(1, 2)", lambda: var.get(1, 2)),
                ("get(default=1)", lambda: var.get(default=1)),
                ("reset()", lambda: var.reset()),
                ("set()", lambda: var.set()),
                ("set(1, 2)", lambda: var.set(1, 2)),
            )
            text, call = bad[how % len(bad)]
            self.see(f"{code}.{text}", call)

    def s_set(self, v, value):
        var, code = self.pick(self.vars, v)
        if var is not None:
            value, text = self.value(value, var)
            made = self.see(f"{code}.set({text})", var.set, value, show=lambda _: "token")
            for token in made:
                self.keep(self.tokens, "t", token)

    def s_set_bad(self, v):
        var, code = self.pick(self.vars, v)
        if var is not None:
            self.see(f"{code}.set(value=1)", lambda: var.set(value=1))

    def s_reset(self, v, t):
        token, code = self.pick(self.tokens, t)
        if token is not None:
            # In most cases the token's own variable.
            var = token.var if v < 9 else self.pick(self.vars, v)[0]
            name = self.name_of(var)
            self.see(f"{name}.reset({code})", var.reset, token)

    def s_reset_bad(self, v, how):
        var, code = self.pick(self.vars, v)
        if var is not None:
            strange = STRANGE[how % len(STRANGE)]
            self.see(f"{code}.reset({strange!r})", var.reset, strange)

    def s_new(self):
        for context in self.see("Context()", self.module.Context, show=lambda _: "context"):
            self.keep(self.contexts, "c", context)

    def s_new_bad(self, how):
        make = self.module.Context
        bad = (
            ("Context(1)", lambda: make(1)),
            ("Context(a=1)", lambda: make(a=1)),
            ("Token()", lambda: self.module.Token()),
            ("copy_context(1)", lambda: self.module.copy_context(1)),
            ("type('C', (Context,), {})", lambda: self.subject.derive(make)),
        )
        self.see(*bad[how % len(bad)])

    def s_copy_context(self):
        made = self.see("copy_context()", self.module.copy_context, show=lambda _: "context")
        for context in made:
            self.keep(self.contexts, "c", context)

    def s_copy(self, c):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            for copy in self.see(f"{code}.copy()", context.copy, show=lambda _: "context"):
                self.keep(self.contexts, "c", copy)

    def s_run(self, c, end, inner):
        context, code = self.pick(self.contexts, c)
        if context is None:
            return

        def body(*args, **kwargs):
            self.say(f"in {code} with {args!r} {kwargs!r}")
            with self.being_in(context):
                self.play(inner)
            if end % 4 == 0:
                raise Refused("at the end of a run")
            return end

        extra = ((), {}), ((1,), {}), ((), {"a": 1}), ((1, 2), {"a": 1, "b": 2})
        args, kwargs = extra[end % 3 if end < 9 else 3]
        with self.entering(context):
            self.see(f"{code}.run(body, …)", context.run, body, *args, **kwargs)

    def s_run_bad(self, c, how):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            bad = (
                ("run()", lambda: context.run()),
                ("run(1)", lambda: context.run(1)),
                ("run(a=1)", lambda: context.run(a=1)),
                ("run(int, 1, 2, 3)", lambda: context.run(int, 1, 2, 3)),
            )
            text, call = bad[how % len(bad)]
            self.see(f"{code}.{text}", call)

    def s_thread(self, inner):
        self.say("a thread begins")
        self.in_thread(inner, lambda: None)
        self.say("it has ended")

    def in_thread(self, program, finish):
        """Plays a program in a new thread, and waits for its end."""

        def body():
            try:
                self.play_in_another(program)
                finish()
            except BaseException as error:
                self.say(f"the thread {self.failure(error)}")
            self.subject.end_thread()

        outer, self.current = self.current, None
        start_thread(body).join()
        self.current = outer

    def s_item(self, c, v):
        context, code = self.pick(self.contexts, c)
        var, name = self.pick(self.vars, v)
        if context is not None and var is not None:
            self.see(f"{code}[{name}]", lambda: context[var])

    def s_item_bad(self, c, how):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            strange = STRANGE[how % len(STRANGE)]
            bad = (
                (f"{code}[{strange!r}]", lambda: context[strange]),
                (f"{strange!r} in {code}", lambda: strange in context),
                (f"{code}.get({strange!r})", lambda: context.get(strange)),
                (f"{code}.get()", lambda: context.get()),
                (f"{code}[{strange!r}] = 1", lambda: operator.setitem(context, strange, 1)),
                (f"del {code}[{strange!r}]", lambda: operator.delitem(context, strange)),
            )
            self.see(*bad[how % len(bad)])

    def s_in(self, c, v):
        context, code = self.pick(self.contexts, c)
        var, name = self.pick(self.vars, v)
        if context is not None and var is not None:
            self.see(f"{name} in {code}", lambda: var in context)

    def s_context_get(self, c, v, default):
        context, code = self.pick(self.contexts, c)
        var, name = self.pick(self.vars, v)
        if context is not None and var is not None:
            if default < 6:
                self.see(f"{code}.get({name})", context.get, var)
            else:
                value, text = self.value(default)
                self.see(f"{code}.get({name}, {text})", context.get, var, value)

    def s_len(self, c):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            self.see(f"len({code})", len, context)

    def s_all(self, c, which):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            method = ("keys", "values", "items", "__iter__")[which % 4]
            show = lambda found: str(sorted(self.by_number(repr(one)) for one in found))
            self.see(f"sorted({code}.{method}())", lambda: getattr(context, method)(), show=show)

    def s_iter(self, c, which):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            # Only of at most one binding, since the order of several is unspecified.
            method = ("keys", "values", "items", "__iter__")[which % 4]
            if len(context) <= 1:
                call = getattr(context, method)
                for found in self.see(f"{code}.{method}()", call, show=lambda _: "iterator"):
                    self.keep(self.iterators, "i", found)

    def s_next(self, i):
        iterator, code = self.pick(self.iterators, i)
        if iterator is not None:
            self.see(f"next({code})", next, iterator)

    def s_length_hint(self, i):
        iterator, code = self.pick(self.iterators, i)
        if iterator is not None:
            self.see(f"length_hint({code})", operator.length_hint, iterator)

    def s_compare(self, c, d, order):
        one, code = self.pick(self.contexts, c)
        other, name = self.pick(self.contexts, d)
        if one is not None:
            compare = ORDERS[order % 2 if order < 9 else order % 4]
            self.see(f"{compare.__name__}({code}, {name})", compare, one, other)

    def s_compare_bad(self, c, how, order):
        context, code = self.pick(self.contexts, c)
        if context is not None:
            strange, compare = STRANGE[how % len(STRANGE)], ORDERS[order % 4]
            self.see(f"{compare.__name__}({code}, {strange!r})", compare, context, strange)

    def s_hash(self, which):
        for pool in (self.vars, self.contexts, self.tokens, self.iterators):
            one, code = self.pick(pool, which)
            if one is not None:
                self.see(f"hash({code})", lambda: hash(one) == hash(one))

    def s_repr(self, which, kind):
        pool = (self.vars, self.contexts, self.tokens, self.iterators)[kind % 4]
        one, code = self.pick(pool, which)
        if one is not None:
            self.see(f"repr({code})", repr, one, show=str)

    def s_token(self, t, which):
        token, code = self.pick(self.tokens, t)
        if token is not None:
            name = ("var", "old_value", "MISSING", "nothing")[which % 4]
            self.see(f"{code}.{name}", getattr, token, name)

    def s_store(self, which, kind, how):
        pool = (self.vars, self.contexts, self.tokens)[kind % 3]
        one, code = self.pick(pool, which)
        if one is not None:
            name = ("name", "var", "old_value", "other", "__class__")[how % 5]
            self.see(f"setattr({code}, {name!r}, 1)", setattr, one, name, 1)

    def s_with(self, t, end):
        token, code = self.pick(self.tokens, t)
        if token is None or not self.limits.tokens_in_with:
            return
        error = (ValueError, ValueError(), None) if end % 2 else (None, None, None)
        self.see(f"{code}.__enter__()", token.__enter__)
        self.see(f"{code}.__exit__(…)", token.__exit__, *error)

    def s_val(self, method, end, always, inner):
        """Creates a value that plays a program when one of its methods is called."""
        method = METHODS[method % len(METHODS)]
        number, played = self.made, []

        def play():
            # At most twice, so that the program ends.
            if played and always % 2:
                return
            if len(played) > 1:
                return
            played.append(True)
            self.say(f"{method} of val{number}")
            is_safe = method != "del" or self.limits.sets_at_the_end
            with self.being_in(self.current):
                self.play(inner if is_safe else harmless(inner))

        failure = f"{method} of val{number}" if end % 3 == 0 else None
        self.write(f"val{number} = Val({method}: …)")
        val = Val(number, {method: (play, failure)})
        self.made += 1
        self.labels[self.subject.address(val)] = f"@val{number}"
        self.vals.append((val, None))

    def s_drop(self, which, kind):
        pools = (self.tokens, self.contexts, self.iterators, self.vals)
        pool = pools[kind % len(pools)]
        one, code = self.pick(pool, which)
        if one is not None:
            self.write(f"del {code}")
            place = len(pool) - 1 - which % len(pool)
            del one
            # Its finalizer may play a program, in which it is no longer in the pool.
            gone = pool.pop(place)
            del gone

    def s_weak(self, c):
        for kind, pool in (("context", self.contexts), ("var", self.vars), ("token", self.tokens)):
            one, code = self.pick(pool, c)
            if one is not None:
                found = self.see(f"ref({code})", self.subject.ref, one, show=lambda _: "ref")
                self.weak.extend(found)

    def s_collect(self):
        gc.collect()
        self.say(f"alive: {[w() is not None for w in self.weak]}")


def start_thread(body):
    """Starts a thread without a context from `threading`.

    From 3.14 on, a thread of `threading` has a context of the built-in module, which outlives
    it. Before 3.13, only threads of `threading` can be joined.
    """
    if hasattr(_thread, "start_joinable_thread"):
        return _thread.start_joinable_thread(body)
    thread = threading.Thread(target=body)
    thread.start()
    return thread


def harmless(program):
    """Returns the program without statements that change bindings."""
    changes = ("set", "reset", "with")
    return [
        tuple(harmless(part) if isinstance(part, list) else part for part in statement)
        for statement in program
        if statement[0] not in changes
    ]


# The method of each statement.
STATEMENTS = {name: "s_" + re.sub(r"\W+", "_", name) for name in NAMES}
