"""Cycles that the collector must free, and objects that it must not."""

import gc
import weakref
from contextvars import Context, ContextVar, copy_context

from cases.case import Section

section = Section("collector")
case = section.case
CASES = section.cases


class Node:
    """An object that can be in a cycle and supports weak references."""


def collected(make):
    """Returns `True` if the target of the weak reference that `make` returns is collected."""
    gc.collect()
    watch = make()
    gc.collect()
    return watch() is None


@case
def all_types_are_tracked(see):
    v = ContextVar("v")
    token = v.set(1)
    context = copy_context()
    see.that([gc.is_tracked(one) for one in (v, token, context, context.keys(), context.items())])


@case
def a_context_that_holds_itself(see):
    def make():
        context = Context()
        context.run(ContextVar("v").set, context)
        return weakref.ref(context)

    see.that(collected(make))


@case
def a_cycle_through_a_value(see):
    def make():
        node, context = Node(), Context()
        context.run(ContextVar("v").set, node)
        node.context = context
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_through_a_default(see):
    def make():
        node = Node()
        node.variable = ContextVar("v", default=node)
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_through_a_name(see):
    class Name(str):
        pass

    def make():
        name = Name("v")
        name.variable = ContextVar(name)
        return weakref.ref(name)

    see.that(collected(make))


@case
def a_cycle_through_a_token(see):
    def make():
        node, v = Node(), ContextVar("v")
        v.set(node)
        node.token = v.set(None)
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_through_the_context_of_a_token(see):
    def make():
        node, v = Node(), ContextVar("v")
        node.token = Context().run(v.set, node)
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_through_an_iterator(see):
    def make():
        node, v, context = Node(), ContextVar("v"), Context()
        context.run(v.set, node)
        node.iterator = context.items()
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_through_many_variables(see):
    def make():
        node, context = Node(), Context()
        for number in range(200):
            context.run(ContextVar(f"n{number}").set, node)
        node.context = context
        return weakref.ref(node)

    see.that(collected(make))


@case
def a_cycle_of_two_contexts(see):
    def make():
        one, two, v = Context(), Context(), ContextVar("v")
        one.run(v.set, two)
        two.run(v.set, one)
        return weakref.ref(one)

    see.that(collected(make))


@case
def a_live_value_in_two_dead_contexts(see):
    shared = [1, 2, 3]
    v = ContextVar("v")
    one = Context()
    one.run(v.set, shared)
    two = one.copy()
    one.run(ContextVar("me").set, one)
    two.run(ContextVar("me").set, two)
    del one, two
    gc.collect()
    see.that(shared)


@case
def a_live_value_in_two_dead_cycles_of_one_trie(see):
    shared, nodes = {"a": 1}, [Node(), Node()]
    v, back = ContextVar("v"), ContextVar("back")
    one = Context()
    one.run(v.set, shared)
    one.run(back.set, nodes)
    two = one.copy()
    nodes[0].context, nodes[1].context = one, two
    del one, two, nodes
    gc.collect()
    see.that(shared)


@case
def a_live_context_keeps_its_values(see):
    context, v = Context(), ContextVar("v")
    context.run(v.set, [context])
    gc.collect()
    see.that(context[v][0] is context)
    context.run(v.set, None)


@case
def the_current_context_keeps_its_values(see):
    v = ContextVar("v")

    def inside():
        v.set([1])
        gc.collect()
        return v.get()

    see.that(Context().run(inside))


@case
def an_old_value_is_kept_by_its_token(see):
    v = ContextVar("v")
    v.set([1])
    token = v.set(2)
    gc.collect()
    see.that(token.old_value)
    v.reset(token)
    see.that(v.get())


@case
def a_dead_context_loses_its_weak_references(see):
    context = Context()
    calls = []
    reference = weakref.ref(context, lambda one: calls.append(one() is None))
    see.that(reference() is context)
    del context
    see.that((reference(), calls))


@case
def weak_references_to_a_context_are_shared(see):
    context = Context()
    see.that((weakref.ref(context) is weakref.ref(context), weakref.getweakrefcount(context)))
    see.kept.append(context)


@case
def a_proxy_after_its_context(see):
    context = Context()
    proxy = weakref.proxy(context)
    see.that(len(proxy))
    del context
    see(len, proxy)


@case
def finalize_on_a_context(see):
    context = Context()
    weakref.finalize(context, see.text, "finalized")
    del context
    see.text("after")


@case
def a_weak_dictionary_of_contexts(see):
    context = Context()
    table = weakref.WeakValueDictionary(one=context)
    see.that(len(table))
    del context
    see.that(len(table))


@case
def a_finalizer_in_a_collected_cycle(see):
    class Ends(Node):
        def __del__(self):
            see.text(f"ends, finds {self.context.get(v) is self}, {len(self.context)}")

    v = ContextVar("v")
    node, context = Ends(), Context()
    context.run(v.set, node)
    node.context = context
    del node, context
    gc.collect()
    see.text("collected")


@case
def a_finalizer_that_saves_a_collected_context(see):
    class Ends(Node):
        def __del__(self):
            saved.append(self.context)

    saved, v = [], ContextVar("v")
    node, context = Ends(), Context()
    context.run(v.set, node)
    node.context = context
    del node, context
    gc.collect()
    see.that((len(saved), len(saved[0]), saved[0].run(lambda: type(v.get()).__name__)))
    saved[0].run(v.set, None)


@case
def a_collection_during_every_step(see):
    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        v = ContextVar("v", default=[])
        contexts = [Context() for _ in range(20)]
        tokens = [context.run(v.set, [context]) for context in contexts]
        pairs = [list(context.items()) for context in contexts]
        for context, token in zip(contexts, tokens):
            context.run(v.reset, token)
        see.that([len(context) for context in contexts] == [0] * 20)
        see.that(len(pairs))
    finally:
        gc.set_threshold(*threshold)


@case
def a_collection_in_a_comparison(see):
    class Value:
        def __eq__(self, other):
            gc.collect()
            return True

    v = ContextVar("v")
    one, two = Context(), Context()
    one.run(v.set, Value())
    two.run(v.set, Value())
    see.that(one == two)
