"""Cycles that the collector frees, and objects that it must not free. `conformance/leaks.py` has
more cycles."""

import gc
import unittest
import weakref
from contextvars import Context, ContextVar, Token, copy_context


class Mark:
    """An object whose end can be observed."""


def census():
    """Returns the number of objects. Weak references do not suffice: the collector clears them when
    it finds an object dead, even if the object is not freed."""
    counted = (Mark, Context, ContextVar, Token)
    return sum(isinstance(it, counted) for it in gc.get_objects())


def bind(context, var, value):
    """Sets the variable in a context, and drops the token."""
    context.run(var.set, value)


class Collected(unittest.TestCase):
    def assert_collected(self, make):
        """`make` creates a cycle and returns a weak reference to an object in it."""
        gc.collect()
        gc.disable()
        try:
            before = census()
            mark = make()
            self.assertIsNotNone(mark(), "no cycle: it was freed without the collector")
            gc.collect()
            self.assertIsNone(mark(), "the cycle was not found")
            self.assertEqual(census(), before, "the cycle was not freed")
        finally:
            gc.enable()

    def test_a_context_that_binds_what_refers_to_it(self):
        def make():
            context, mark = Context(), Mark()
            mark.context = context
            bind(context, ContextVar("v"), mark)
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_a_context_that_binds_a_variable_to_itself(self):
        def make():
            context = Context()
            bind(context, ContextVar("v"), context)
            return weakref.ref(context)

        self.assert_collected(make)

    def test_a_variable_in_its_own_default(self):
        def make():
            mark = Mark()
            mark.var = ContextVar("v", default=mark)
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_a_variable_in_an_attribute_of_its_own_name(self):
        class Name(str):
            pass

        def make():
            name = Name("v")
            name.var, name.mark = ContextVar(name), Mark()
            return weakref.ref(name.mark)

        self.assert_collected(make)

    def test_a_token_in_its_context_makes_no_cycle(self):
        # It does not keep the context alive, unlike a token of the built-in module.
        context, mark, var = Context(), Mark(), ContextVar("v")
        mark.token = context.run(var.set, mark)
        gone = weakref.ref(mark)
        gc.disable()
        try:
            del context, mark
            self.assertIsNone(gone())
        finally:
            gc.enable()

    def test_a_token_in_its_old_value(self):
        def make():
            context, mark, var = Context(), Mark(), ContextVar("v")
            bind(context, var, mark)
            mark.token = context.run(var.set, None)
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_an_iterator_in_a_value_that_it_iterates_over(self):
        def make():
            context, mark, var = Context(), Mark(), ContextVar("v")
            bind(context, var, mark)
            mark.iterator = iter(context.items())
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_a_large_context(self):
        def make():
            context, mark = Context(), Mark()
            mark.context = context
            for number in range(1000):
                bind(context, ContextVar("v"), [mark, number])
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_a_context_whose_copy_was_dropped(self):
        def make():
            context, mark = Context(), Mark()
            mark.context = context
            bind(context, ContextVar("v"), mark)
            del context
            mark.context.copy()
            return weakref.ref(mark)

        self.assert_collected(make)

    def test_a_context_that_was_left_by_an_exception(self):
        def make():
            context, mark, var = Context(), Mark(), ContextVar("v")
            mark.context = context

            def fail():
                var.set(mark)
                var.get()
                raise ValueError

            try:
                context.run(fail)
            except ValueError:
                pass
            return weakref.ref(mark)

        self.assert_collected(make)


class NotCollected(unittest.TestCase):
    def test_a_live_value_that_two_dead_contexts_share(self):
        value = ["alive"]
        context = Context()
        bind(context, ContextVar("v"), value)
        other = context.copy()
        # Each is in a cycle, so that only the collector can free it.
        for dead in (context, other):
            bind(dead, ContextVar("self"), dead)
        del context, other, dead
        for _ in range(3):
            gc.collect()
        self.assertEqual(value, ["alive"])

    def test_a_live_value_that_a_dead_context_token_and_iterator_share(self):
        value, var, context = ["alive"], ContextVar("v"), Context()
        bind(context, var, value)
        cycle = [context, iter(context.values()), context.run(var.set, None)]
        cycle.append(cycle)
        del context, cycle
        for _ in range(3):
            gc.collect()
        self.assertEqual(value, ["alive"])

    def test_a_context_that_a_thread_is_in(self):
        def inside():
            var.set(Mark())
            gc.collect()
            return var.get()

        var = ContextVar("v")
        self.assertIsInstance(Context().run(inside), Mark)

    def test_the_current_context_of_this_thread(self):
        var = ContextVar("v")
        token = var.set(Mark())
        gc.collect()
        self.assertIsInstance(var.get(), Mark)
        self.assertIn(var, copy_context())
        var.reset(token)

    def test_thousands_of_collections_with_shared_versions(self):
        variables = [ContextVar(f"v{number}") for number in range(64)]
        values = [[number] for number in range(64)]
        contexts = [Context()]
        for step in range(3000):
            context = contexts[step * 7 % len(contexts)]
            bind(context, variables[step * 5 % 64], values[step * 11 % 64])
            contexts.append(context.copy())
            if len(contexts) > 12:
                del contexts[step % 12]
            if step % 20 == 0:
                bind(context, variables[step % 64], contexts[-1])
                gc.collect(0)
        del contexts, context
        gc.collect()
        self.assertEqual(values, [[number] for number in range(64)])


class Nodes(unittest.TestCase):
    """Bindings are objects of the collector, which Python code can get from `gc`."""

    def nodes(self, context):
        return [it for it in gc.get_referents(context) if type(it).__name__ == "hamt_node"]

    def test_a_context_refers_to_one_node(self):
        context = Context()
        self.assertEqual(self.nodes(context), [])
        for number in range(100):
            bind(context, ContextVar(f"v{number}"), [number])
            self.assertEqual(len(self.nodes(context)), 1)
            self.assertTrue(gc.is_tracked(self.nodes(context)[0]))

    def test_a_binding_is_tracked_if_it_can_be_in_a_cycle(self):
        class Name(str):
            pass

        for is_tracked, var, value in [
            (False, ContextVar("v"), "text"),
            (False, ContextVar("v", default=1), None),
            (True, ContextVar("v"), []),
            (True, ContextVar("v", default=[]), 1),
            (True, ContextVar(Name("v")), 1),
        ]:
            context = Context()
            bind(context, var, value)
            [leaf] = self.nodes(context)
            self.assertEqual(gc.is_tracked(leaf), is_tracked, (var, value))

    def test_a_node_with_another_reference_does_not_change(self):
        variables, context = [ContextVar("v") for _ in range(100)], Context()
        for count, var in enumerate(variables):
            nodes = self.nodes(context)
            before = [gc.get_referents(node) for node in nodes]
            bind(context, var, count)
            self.assertEqual([gc.get_referents(node) for node in nodes], before)

    def test_a_node_keeps_its_value_alive(self):
        context, mark = Context(), Mark()
        bind(context, ContextVar("v"), mark)
        gone, [node] = weakref.ref(mark), self.nodes(context)
        del context, mark
        self.assertIsNotNone(gone())
        self.assertIn(gone(), gc.get_referents(node))
        del node
        self.assertIsNone(gone())

    def test_python_code_cannot_create_nodes(self):
        context = Context()
        bind(context, ContextVar("v"), 1)
        node_type = type(self.nodes(context)[0])
        with self.assertRaises(TypeError):
            node_type()
        with self.assertRaises(TypeError):
            node_type.attribute = 1


if __name__ == "__main__":
    unittest.main()
