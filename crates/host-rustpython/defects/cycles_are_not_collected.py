"""A context in a cycle through its own bindings is collected."""

import gc
import weakref
from contextvars import Context, ContextVar


class Node:
    pass


node = Node()
gone = weakref.ref(node)
node.context = Context()
node.context.run(ContextVar("var").set, node)
del node
gc.collect()
assert gone() is None, "the cycle is alive"
