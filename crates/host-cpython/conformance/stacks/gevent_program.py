"""gevent: greenlets that wait inside `Context.run`, with its loop, its pools and its threads.

As in `greenlet_program.py`, the output must be the same with a stack of contexts for each
greenlet or with one for all.
"""

import gevent.monkey

gevent.monkey.patch_all()

import gc
import socket
import threading
import time
from contextvars import Context, ContextVar, copy_context

import gevent
from gevent.pool import Pool
from gevent.queue import Queue
from gevent.threadpool import ThreadPool

var = ContextVar("var", default=None)
ends = {"returned": 0, "refused": 0}


def deep(depth):
    return depth and [*map(deep, [depth - 1])]


def step(number):
    var.set(number)
    time.sleep(number % 3 / 1000)
    deep(20)
    assert var.get() is None or 0 <= var.get() < 100, var.get()
    assert len(copy_context()) <= 1
    return number


def work(number):
    """Waits inside nested runs, concurrently with others."""
    try:
        found = Context().run(lambda: copy_context().run(step, number) + step(number))
    except RuntimeError as error:
        # With one stack for all, another greenlet's context may be above this one.
        assert "cannot exit context" in str(error), error
        ends["refused"] += 1
    else:
        assert found == 2 * number
        ends["returned"] += 1
    return number


def serve(listener):
    while True:
        connection, _ = listener.accept()
        gevent.spawn(Context().run, answer, connection)


def answer(connection):
    with connection:
        number = int(connection.recv(10))
        var.set(number)
        time.sleep(0.001)
        connection.sendall(b"%d" % (number + 1))


def ask(port, number):
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"%d" % number)
        time.sleep(0.001)
        return int(connection.recv(10))


print("spawned:", sum(g.get() for g in [gevent.spawn(work, n) for n in range(100)]))
print("pool:", sum(Pool(10).imap_unordered(work, range(100))))
gc.collect()

threads = [threading.Thread(target=Context().run, args=(work, n)) for n in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("threads:", not any(thread.is_alive() for thread in threads))
print("native threads:", sorted(ThreadPool(4).map(deep, [40] * 8)) == [deep(40)] * 8)

listener = socket.create_server(("127.0.0.1", 0))
server = gevent.spawn(Context().run, serve, listener)
port = listener.getsockname()[1]
print("server:", sum(Pool(20).imap_unordered(lambda n: ask(port, n), range(99))))
server.kill()

queue = Queue()
waiting = [gevent.spawn(Context().run, queue.get) for _ in range(10)]
gevent.sleep(0.01)
gevent.killall(waiting[:5])
for number in range(5):
    queue.put(number)
gevent.joinall(waiting)
print("killed:", sorted(g.value for g in waiting if isinstance(g.value, int)))
deep(60)
gc.collect()
print("all ended:", sum(ends.values()))
