"""The states of threads: their isolation, and when their values are freed."""

import _thread
import ctypes
import gc
import os
import subprocess
import sys
import threading
import unittest
import weakref
from contextvars import Context, ContextVar, copy_context


HAS_LOCK = getattr(sys, "_is_gil_enabled", lambda: True)()


class Mark:
    pass


def in_thread(body):
    """Runs `body` in a new thread, waits for its end, and returns the result."""
    outcome = []
    thread = threading.Thread(target=lambda: outcome.append(body()))
    thread.start()
    thread.join()
    return outcome.pop()


class Threads(unittest.TestCase):
    def test_each_thread_has_its_own_context(self):
        var = ContextVar("v", default="default")
        token = var.set("here")
        inherits = getattr(sys.flags, "thread_inherit_context", False)
        self.assertEqual(in_thread(var.get), "here" if inherits else "default")
        self.assertEqual(in_thread(lambda: (var.set("there"), var.get())[1]), "there")
        self.assertEqual(var.get(), "here")
        var.reset(token)

    def test_values_are_freed_when_the_thread_ends(self):
        var = ContextVar("v")

        def body():
            mark = Mark()
            var.set(mark)
            return weakref.ref(mark)

        gc.disable()
        try:
            self.assertIsNone(in_thread(body)())
        finally:
            gc.enable()

    def test_a_finalizer_at_the_end_of_a_thread_may_use_contexts(self):
        var, log = ContextVar("v", default="default"), []
        done = threading.Event()

        class Busy:
            def __init__(self, depth):
                self.depth = depth

            def __del__(self):
                log.append(var.get())
                if self.depth:
                    var.set(Busy(self.depth - 1))
                log.append(len(copy_context()))
                Context().run(var.set, 1)
                if not self.depth:
                    done.set()

        # From 3.14 on, the context of a thread of `threading` is dropped after the thread has ended.
        _thread.start_new_thread(lambda: var.set(Busy(2)) and None, ())
        self.assertTrue(done.wait(30))
        self.assertEqual(log.count("default"), 3)

    def test_a_finalizer_at_the_end_of_a_thread_runs_in_a_context(self):
        var, seen = ContextVar("v", default="default"), []

        class Last:
            def __del__(self):
                var.set("outside")
                seen.append(var.get())
                Context().run(self.inside)
                seen.append(var.get())

            def inside(self):
                seen.append(var.get())
                token = var.set("inside")
                seen.append(copy_context().run(lambda: (var.set("deeper"), var.get())[1]))
                seen.append(var.get())
                var.reset(token)
                seen.append(var.get())

        in_thread(lambda: Context().run(int) or var.set(Last()) and None)
        bound, seen[:] = list(seen), []
        # The dict of the thread drops its items in order: this one is after the thread's state.
        local = threading.local()
        in_thread(lambda: var.set(1) and setattr(local, "last", Last()))
        self.assertEqual(seen[1:-1], bound[1:-1])
        self.assertEqual(bound[1:-1], ["default", "deeper", "inside", "default"])
        self.assertEqual((bound[0], bound[-1]), ("outside", "outside"))

    def test_a_thread_ends_although_a_finalizer_always_sets_a_variable_again(self):
        var = ContextVar("v")

        class Again:
            def __del__(self):
                var.set(Again())

        self.assertEqual(in_thread(lambda: var.set(Again()) and "ended"), "ended")

    def test_only_one_thread_can_enter_a_context(self):
        context, entered, leave = Context(), threading.Event(), threading.Event()

        def wait():
            entered.set()
            leave.wait(30)

        first = threading.Thread(target=context.run, args=(wait,))
        first.start()
        entered.wait(30)
        with self.assertRaisesRegex(RuntimeError, "is already entered"):
            context.run(int)
        leave.set()
        first.join()
        self.assertEqual(context.run(int), 0)

    def test_values_of_many_threads_do_not_mix(self):
        var, results = ContextVar("v"), []

        def body(number):
            var.set([number])
            for _ in range(200):
                context = copy_context()
                context.run(var.set, [number, context])
                if var.get() != [number]:
                    results.append("mixed up")
            results.append(number)

        threads = [threading.Thread(target=body, args=(n,)) for n in range(30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(results), list(range(30)))

    def test_more_threads_than_the_table_of_recent_states_has(self):
        var, errors, count = ContextVar("v"), [], 50
        barrier = threading.Barrier(count)

        def body(number):
            context = Context()
            context.run(var.set, -number)
            var.set(number)
            for _ in range(20):
                barrier.wait()
                seen = var.get(0), context.run(var.get, 0), copy_context().get(var)
                if seen != (number, -number, number):
                    errors.append((number, seen))

        threads = [threading.Thread(target=body, args=(n,)) for n in range(1, count + 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])

    def test_a_thread_that_python_did_not_start(self):
        # The interpreter creates a thread state for each call, and deletes it after the call.
        var, seen = ContextVar("v", default="default"), []
        pthread = ctypes.CDLL(None)

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        def body(_):
            mark = Mark()
            seen.append(var.get())
            var.set(mark)
            seen.append(var.get() is mark)
            seen.append(weakref.ref(mark))

        for _ in range(3):
            handle = ctypes.c_ulong()
            pthread.pthread_create(ctypes.byref(handle), None, body, None)
            pthread.pthread_join(handle, None)
        self.assertEqual([it for it in seen if not callable(it)], ["default", True] * 3)
        self.assertEqual([it() for it in seen if callable(it)], [None] * 3)

    def test_a_thread_with_several_thread_states_in_turn(self):
        # Each destructor of thread-specific data is a separate call, with a new thread state.
        var, seen, pthread = ContextVar("v", default="default"), [], ctypes.CDLL(None)

        @ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        def destroy(_):
            mark = Mark()
            seen.append(var.get())
            var.set(mark)
            seen.append(var.get() is mark)
            del mark

        keys = [ctypes.c_uint() for _ in range(3)]
        for key in keys:
            pthread.pthread_key_create(ctypes.byref(key), destroy)

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        def body(_):
            for key in keys:
                pthread.pthread_setspecific(key, ctypes.c_void_p(1))

        handle = ctypes.c_ulong()
        pthread.pthread_create(ctypes.byref(handle), None, body, None)
        pthread.pthread_join(handle, None)
        for key in keys:
            pthread.pthread_key_delete(key)
        self.assertEqual(seen, ["default", True] * 3)

    def test_a_thread_whose_locals_are_destroyed(self):
        # The thread has used a variable before its locals are destroyed.
        var, seen, pthread = ContextVar("v", default="default"), [], ctypes.CDLL(None)

        @ctypes.CFUNCTYPE(None, ctypes.c_void_p)
        def destroy(_):
            seen.append(var.get())
            var.set("set")
            seen.append(var.get())

        key = ctypes.c_uint()
        pthread.pthread_key_create(ctypes.byref(key), destroy)

        @ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
        def body(_):
            seen.append(var.get())
            pthread.pthread_setspecific(key, ctypes.c_void_p(1))

        handle = ctypes.c_ulong()
        pthread.pthread_create(ctypes.byref(handle), None, body, None)
        pthread.pthread_join(handle, None)
        pthread.pthread_key_delete(key)
        self.assertEqual(seen, ["default", "default", "set"])

    def test_python_code_may_delete_the_state_from_the_dict(self):
        # The state comes from `gc`. The thread loses its bindings, and nothing else.
        code = (
            "import gc, threading\n"
            "from contextvars import ContextVar, copy_context\n"
            "var = ContextVar('v', default='default')\n"
            "var.set(1)\n"
            "state = next(it for it in gc.get_objects() if type(it).__name__ == '_Thread')\n"
            "def clear():\n"
            "    global state\n"
            "    for holder in gc.get_referrers(state):\n"
            "        if isinstance(holder, dict) and type(state) in holder:\n"
            "            del holder[type(state)]\n"
            "    del state\n"
            "other = threading.Thread(target=clear)\n"
            "other.start(); other.join()\n"
            "print(var.get())\n"
            "copy_context()\n"
        )
        # Without a global lock, another thread cannot free the object at once: its own thread does.
        self.assertIn(run_ours(code), ("default\n", "default\n" if HAS_LOCK else "1\n"))

    def test_a_forked_child_can_use_contexts(self):
        var = ContextVar("v")
        token = var.set("before")
        stop = threading.Event()
        other = threading.Thread(target=lambda: (var.set(Mark()), stop.wait(30)))
        other.start()
        child = os.fork()
        if child == 0:
            fine = var.get() == "before" and copy_context().run(var.get) == "before"
            os._exit(0 if fine else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        stop.set()
        other.join()
        var.reset(token)

    def test_the_interpreter_ends_while_values_are_set(self):
        code = (
            "import threading\n"
            "from contextvars import ContextVar, Context\n"
            "var = ContextVar('v')\n"
            "class Loud:\n"
            "    def __del__(self): print('gone')\n"
            "var.set(Loud())\n"
            "daemon = threading.Thread(target=Context().run, args=(threading.Event().wait,), daemon=True)\n"
            "daemon.start()\n"
        )
        self.assertIn(run_ours(code), ("gone\n", ""))


def run_ours(code):
    """Runs code with our module in a new process, and returns its output."""
    here = os.path.dirname(os.path.abspath(__file__))
    with_ours = os.path.join(here, "..", "conformance", "with_ours.py")
    done = subprocess.run(
        [sys.executable, with_ours, "-c", code], capture_output=True, text=True, timeout=60
    )
    if done.returncode != 0:
        raise AssertionError(f"status {done.returncode}: {done.stderr}")
    return done.stdout


if __name__ == "__main__":
    unittest.main()
