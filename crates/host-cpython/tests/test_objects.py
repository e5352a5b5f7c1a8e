"""Identity, exceptions of Python code, and what CPython's own tests do not cover."""

import collections.abc
import contextvars
import gc
import pickle
import sys
import unittest
import weakref
from contextvars import Context, ContextVar, Token, copy_context

HAS_LOCK = getattr(sys, "_is_gil_enabled", lambda: True)()


class Identity(unittest.TestCase):
    def test_objects_are_returned_as_the_same_objects(self):
        name, value = "a name " * 3, object()
        var = ContextVar(name)
        token = var.set(value)
        self.assertIs(var.name, name)
        self.assertIs(var.get(), value)
        self.assertIs(token.var, var)
        self.assertIs(token.old_value, Token.MISSING)
        context = copy_context()
        self.assertIs(context[var], value)
        self.assertIs(next(iter(Context().run(lambda: (var.set(1), copy_context())[1]))), var)
        self.assertIn((var, value), [pair for pair in context.items() if pair[0] is var])
        var.reset(token)

    def test_the_argument_of_an_error_is_the_variable_itself(self):
        var = ContextVar("v")
        with self.assertRaises(LookupError) as caught:
            var.get()
        self.assertIs(caught.exception.args[0], var)
        self.assertIs(type(caught.exception), LookupError)
        with self.assertRaises(KeyError) as caught:
            Context()[var]
        self.assertIs(caught.exception.args[0], var)

    def test_no_operation_leaks_a_reference(self):
        var, value, default, context = ContextVar("v"), object(), object(), Context()

        def everything():
            ContextVar("another")
            token = var.set(value)
            var.get(default), context[var], var in context, context.get(var)
            list(context), list(context.values()), list(context.items())
            context == context.copy(), repr(var), repr(token), hash(var)
            token.old_value, token.var, var.name
            for wrong in (lambda: context[1], lambda: var.reset(1), context.run, lambda: var.get(1, 2)):
                with self.assertRaises(TypeError):
                    wrong()
            var.reset(token)
            with self.assertRaises(RuntimeError):
                var.reset(token)

        iterators = [type(make(context)) for make in (Context.keys, Context.values, Context.items)]
        counted = (var, value, default, context, Context, ContextVar, Token, *iterators)
        context.run(everything)
        before = [sys.getrefcount(it) for it in counted]
        for _ in range(50):
            context.run(everything)
        after = [sys.getrefcount(it) for it in counted]
        for it, was, now in zip(counted, before, after):
            # Without a global lock each thread counts references to types separately.
            if HAS_LOCK or not isinstance(it, type):
                self.assertAlmostEqual(was, now, delta=10)


class Types(unittest.TestCase):
    def test_types_cannot_be_changed_subclassed_or_weakly_referenced(self):
        for kind in (Context, ContextVar, Token, type(Token.MISSING), type(Context().keys())):
            with self.assertRaisesRegex(TypeError, "immutable type"):
                kind.x = 1
            with self.assertRaisesRegex(TypeError, "not an acceptable base type"):
                type("Sub", (kind,), {})
        for thing in (ContextVar("v"), Context().run(ContextVar("v").set, 1), Context().keys()):
            with self.assertRaisesRegex(TypeError, "cannot create weak reference"):
                weakref.ref(thing)

    def test_the_types_of_iterators_cannot_be_instantiated(self):
        for make in (Context.keys, Context.values, Context.items):
            kind = type(make(Context()))
            self.assertEqual((kind.__module__, kind.__name__), ("builtins", make.__name__))
            with self.assertRaises(TypeError) as caught:
                kind()
            self.assertEqual(str(caught.exception), f"cannot create '{kind.__name__}' instances")

    def test_a_context_is_a_mapping(self):
        self.assertIsInstance(Context(), collections.abc.Mapping)

    def test_nothing_can_be_pickled(self):
        var = ContextVar("v")
        for thing in (var, Context(), Context().run(var.set, 1)):
            for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
                with self.assertRaisesRegex(TypeError, "cannot pickle"):
                    pickle.dumps(thing, protocol)

    def test_a_weak_reference_calls_its_callback(self):
        context, called = Context(), []
        reference = weakref.ref(context, called.append)
        self.assertIs(reference(), context)
        del context
        self.assertIsNone(reference())
        self.assertEqual(called, [reference])

    def test_the_length_of_an_iterator_does_not_change(self):
        context = Context()
        for number in range(100):
            context.run(ContextVar("v").set, number)
        iterator = context.values()
        self.assertEqual(sorted(iterator), list(range(100)))
        self.assertEqual((len(iterator), list(iterator)), (100, []))

    def test_a_second_import_has_the_same_types(self):
        ours = sys.modules["_contextvars"]
        again = ours.__loader__.create_module(ours.__spec__)
        ours.__loader__.exec_module(again)
        self.assertIsNot(again, ours)
        self.assertIs(again.Context, Context)


class Memory(unittest.TestCase):
    """New contexts and tokens reuse the memory of dead ones, but none of their contents."""

    def test_a_new_context_has_no_contents_of_a_dead_one(self):
        var = ContextVar("v")
        for _ in range(3):
            contexts = [Context() for _ in range(200)]
            for context in contexts:
                context.run(var.set, object())
            references = [weakref.ref(context) for context in contexts]
            del context, contexts
            self.assertEqual([r for r in references if r() is not None], [])
            contexts = [Context() for _ in range(200)]
            for context in contexts:
                self.assertEqual(len(context), 0)
                self.assertEqual(weakref.getweakrefcount(context), 0)
                self.assertTrue(gc.is_tracked(context))
            self.assertEqual([r for r in references if r() is not None], [])

    def test_a_new_token_has_no_contents_of_a_dead_one(self):
        one, other = ContextVar("one"), ContextVar("other")

        def body():
            for _ in range(3):
                tokens = [one.set(object()) for _ in range(200)]
                one.reset(tokens[-1])
                del tokens
                tokens = [other.set(number) for number in range(200)]
                for token in tokens:
                    self.assertIs(token.var, other)
                    self.assertTrue(gc.is_tracked(token))
                other.reset(tokens[-1])
                self.assertEqual(other.get(), 198)

        Context().run(body)

    @unittest.skipUnless(HAS_LOCK, "without a global lock each thread counts types for itself")
    def test_counts_of_the_types_come_out_even(self):
        def counts():
            return sys.getrefcount(Context), sys.getrefcount(Token)

        def with_200():
            contexts = [Context() for _ in range(200)]
            tokens = [context.run(var.set, 1) for context in contexts]
            return counts() if tokens else None

        # Dead objects that are kept for the next have a reference to their type each.
        var = ContextVar("v")
        rounds = []
        for _ in range(4):
            during = with_200()
            gc.collect()
            rounds.append((during, counts()))
        self.assertEqual(rounds[1:3], rounds[2:])
        during, after = rounds[-1]
        for more, fewer in zip(during, after):
            self.assertTrue(100 < more - fewer <= 200, (more, fewer))


class Propagates(unittest.TestCase):
    class Failure(Exception):
        pass

    def fails(self, *_):
        raise Propagates.Failure

    def test_a_failing_repr_replaces_the_error(self):
        bad = type("Bad", (), {"__repr__": self.fails})()
        var = ContextVar("v", default=bad)
        with self.assertRaises(self.Failure):
            repr(var)
        with self.assertRaises(self.Failure):
            Context()[bad]
        token = var.set(1)
        with self.assertRaises(self.Failure):
            ContextVar("w").reset(token)
        with self.assertRaises(self.Failure):
            ContextVar("w").reset(bad)
        var.reset(token)

    def test_a_failing_comparison_propagates(self):
        bad = type("Bad", (), {"__eq__": self.fails})
        var, one, two = ContextVar("v"), Context(), Context()
        one.run(var.set, bad())
        two.run(var.set, bad())
        for compare in (lambda: one == two, lambda: one != two):
            with self.assertRaises(self.Failure):
                compare()
        self.assertEqual(one, one.copy())

    def test_a_failing_truth_value_propagates(self):
        bad = type("Bad", (), {"__bool__": self.fails})
        odd = type("Odd", (), {"__eq__": lambda *_: bad()})
        var, one, two = ContextVar("v"), Context(), Context()
        one.run(var.set, odd())
        two.run(var.set, odd())
        with self.assertRaises(self.Failure):
            one == two

    def test_a_failing_hash_of_the_name_propagates(self):
        bad = type("Bad", (str,), {"__hash__": self.fails})
        with self.assertRaises(self.Failure):
            ContextVar(bad("v"))

    def test_a_failing_call_exits_the_context(self):
        context = Context()
        with self.assertRaises(self.Failure):
            context.run(self.fails)
        context.run(int)

    def test_the_handled_exception_becomes_the_context(self):
        var = ContextVar("v")
        token = var.set(1)
        with self.assertRaises(RuntimeError) as caught:
            with token:
                var.reset(token)
                raise self.Failure
        self.assertIsInstance(caught.exception.__context__, self.Failure)

    def test_a_lone_surrogate_in_a_repr_is_escaped(self):
        self.assertIn(r"'\udc80'", repr(ContextVar("\udc80")))
        odd = type("Odd", (), {"__repr__": lambda _: "<\udc80>"})()
        self.assertIn(r"default=<\udc80> at", repr(ContextVar("v", default=odd)))

    def test_a_default_that_prints_the_variable_raises_a_recursion_error(self):
        holder = type("Holder", (), {"__repr__": lambda self: repr(self.var)})()
        holder.var = ContextVar("v", default=holder)
        with self.assertRaises(RecursionError):
            repr(holder.var)


class Finalizers(unittest.TestCase):
    def test_a_finalizer_during_set_may_replace_the_value(self):
        var = ContextVar("v")

        class Sets:
            def __del__(self):
                var.set("by the finalizer")

        def body():
            var.set(Sets())
            var.set("second")
            return var.get()

        self.assertEqual(Context().run(body), "by the finalizer")

    def test_a_finalizer_during_reset_may_replace_the_value(self):
        var = ContextVar("v")

        class Sets:
            def __del__(self):
                var.set("by the finalizer")

        def body():
            var.set("first")
            token = var.set(Sets())
            var.reset(token)
            return var.get()

        self.assertEqual(Context().run(body), "by the finalizer")

    def test_a_finalizer_runs_at_once(self):
        var, log = ContextVar("v"), []

        class Logs:
            def __del__(self):
                log.append("gone")

        def body():
            var.set(Logs())
            log.append("set")
            var.set(None)
            log.append("set again")

        Context().run(body)
        self.assertEqual(log, ["set", "gone", "set again"])

    def test_a_finalizer_may_collect_and_switch(self):
        var = ContextVar("v")

        class Busy:
            def __del__(self):
                gc.collect()
                copy_context().run(var.set, None)

        def body():
            for _ in range(20):
                var.set(Busy())
                var.get()

        Context().run(body)


class LongChains(unittest.TestCase):
    """Long chains are freed without a deep stack."""

    LENGTH = 200_000

    def test_a_chain_of_contexts(self):
        var, inner = ContextVar("v"), None
        for _ in range(self.LENGTH):
            outer = Context()
            outer.run(var.set, inner)
            inner = outer
        last = weakref.ref(inner)
        del inner, outer
        self.assertIsNone(last())

    def test_a_chain_of_variables(self):
        var = ContextVar("v", default=Context())
        for _ in range(self.LENGTH):
            var = ContextVar("v", default=var)
        del var

    def test_a_chain_of_tokens(self):
        var, context = ContextVar("v"), Context()

        def body():
            token = None
            for _ in range(self.LENGTH):
                var.set(token)
                token = var.set(None)

        context.run(body)

    def test_a_chain_of_contexts_and_lists(self):
        var, inner = ContextVar("v"), None
        for _ in range(self.LENGTH):
            outer = Context()
            outer.run(var.set, [inner])
            inner = [outer]
        del inner, outer

    def test_a_chain_is_freed_to_its_end(self):
        class Mark:
            pass

        var, inner = ContextVar("v"), Mark()
        gone = weakref.ref(inner)
        for _ in range(10_000):
            outer = Context()
            outer.run(var.set, inner)
            inner = outer
        del inner, outer
        self.assertIsNone(gone())


class Module(unittest.TestCase):
    def test_the_module_is_ours(self):
        self.assertTrue(hasattr(Token, "__enter__"), "as 3.14 on every version")
        self.assertIs(contextvars.Context, sys.modules["_contextvars"].Context)


if __name__ == "__main__":
    unittest.main()
