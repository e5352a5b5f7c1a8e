"""An asyncio server with our contexts: tasks, threads, callbacks.

    python with_ours.py asyncio_program.py

`with_ours.py` switches off asyncio's C accelerator, which would bypass any
module. Prints what was checked. Ends with status 1 at the first unexpected
value.
"""

import asyncio
import asyncio.events
import contextvars
import os
import sys
import threading
from contextvars import Context, ContextVar, copy_context

TASKS = 1_000

request = ContextVar("request", default="none")
trail = ContextVar("trail")


class Wrong(Exception):
    """A value is not the expected one."""


def expect(what, found, wanted):
    if found != wanted:
        raise Wrong(f"{what}: found {found!r}, expected {wanted!r}")


def check_whose():
    """Checks that the contexts are ours; otherwise the checks below prove nothing."""
    ours = sys.modules["_contextvars"]
    if ours.__file__ != os.environ.get("CONTEXTVARS_EXTENSION"):
        raise Wrong("`_contextvars` is not our module; run this through with_ours.py")
    expect("contextvars.Context is ours", contextvars.Context is ours.Context, True)
    expect("asyncio's Context is ours", asyncio.events.contextvars.Context is ours.Context, True)
    expect("Task is in Python", asyncio.Task.__module__, "asyncio.tasks")
    expect("Future is in Python", asyncio.Future.__module__, "asyncio.futures")
    return ours.Context


async def handle(number):
    """One request: sets, sleeps, starts a child, and calls functions on a thread."""
    request.set(number)
    trail.set([number])
    await asyncio.sleep(0)
    expect("after a sleep", request.get(), number)

    async def child():
        expect("a child inherits", request.get(), number)
        request.set(-number)
        await asyncio.sleep(0)
        return request.get()

    expect("what a child set", await asyncio.create_task(child()), -number)
    expect("a child's set stays with it", request.get(), number)
    if number % 20 == 0:
        expect("on a thread", await asyncio.to_thread(request.get), number)
        await asyncio.to_thread(request.set, "thread")
        expect("a thread's set stays with it", request.get(), number)
    expect("each request has its own trail", trail.get(), [number])
    return number


async def gather():
    numbers = await asyncio.gather(*(handle(number) for number in range(TASKS)))
    expect("gather", numbers, list(range(TASKS)))
    expect("after gather", request.get(), "none")
    return f"{TASKS} tasks"


async def task_group():
    found = []

    async def member(number):
        request.set(number)
        await asyncio.sleep(0)
        found.append(request.get())

    async with asyncio.TaskGroup() as group:
        for number in range(100):
            group.create_task(member(number))
    expect("members", sorted(found), list(range(100)))

    async def fails():
        request.set("failed")
        raise ZeroDivisionError

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fails())
    except* ZeroDivisionError:
        pass
    expect("after a failure", request.get(), "none")
    return "100 members, one failure"


async def callbacks(ours):
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    found = []
    context = Context()
    context.run(request.set, "callback")

    def seen():
        found.append(request.get())
        if len(found) == 3:
            done.set_result(None)

    request.set("caller")
    handle = loop.call_soon(seen)
    expect("a handle's context is ours", type(handle._context) is ours, True)
    loop.call_soon(seen, context=context)
    loop.call_later(0.001, seen)
    request.set("later")
    await done
    expect("callbacks", found, ["caller", "callback", "caller"])

    def done_callback(_):
        found.append(request.get())

    task = loop.create_task(asyncio.sleep(0), context=context)
    task.add_done_callback(done_callback, context=context)
    await task
    await asyncio.sleep(0)
    expect("a done callback", found[-1], "callback")
    return "call_soon, call_later, add_done_callback"


async def contexts_of_tasks(ours):
    context = copy_context()
    context.run(request.set, "given")

    async def inside():
        task = asyncio.current_task()
        # `get_context` came with 3.12.
        its_context = task.get_context() if hasattr(task, "get_context") else task._context
        expect("a task's context is ours", type(its_context) is ours, True)
        expect("a task's context is the one given", its_context is context, True)
        expect("copy_context returns ours", type(copy_context()) is ours, True)
        expect("its copy is equal", copy_context() == context, True)
        request.set("inside")

    await asyncio.create_task(inside(), context=context)
    expect("what the task set", context[request], "inside")
    expect("the caller's value", request.get(), "none")

    async def refuses():
        try:
            context.run(print)
        except RuntimeError as error:
            return str(error)

    message = await asyncio.create_task(refuses(), context=context)
    expect("entering twice", message, f"cannot enter context: {context!r} is already entered")
    return "given contexts"


async def generators_and_timeouts():
    async def steps():
        for step in range(3):
            request.set(step)
            yield request.get()

    expect("an async generator", [step async for step in steps()], [0, 1, 2])
    expect("it sets in its caller's context", request.get(), 2)
    try:
        async with asyncio.timeout(0.001):
            request.set("before the timeout")
            await asyncio.sleep(60)
    except TimeoutError:
        pass
    expect("after a timeout", request.get(), "before the timeout")
    return "generators, timeouts"


async def threads():
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    found = []

    def body():
        request.set("other thread")
        loop.call_soon_threadsafe(lambda: (found.append(request.get()), done.set()))

    request.set("loop")
    thread = threading.Thread(target=body)
    thread.start()
    await done.wait()
    thread.join()
    expect("a callback from a thread brings that thread's context", found, ["other thread"])
    expect("the loop's own value", request.get(), "loop")
    return "call_soon_threadsafe"


async def main(ours):
    parts = [gather(), task_group(), callbacks(ours), contexts_of_tasks(ours), generators_and_timeouts(), threads()]
    checked = []
    for part in parts:
        # Each part in a task, so that its sets do not affect the others.
        checked.append(await asyncio.create_task(part))
    return checked


if __name__ == "__main__":
    try:
        checked = asyncio.run(main(check_whose()))
    except Wrong as wrong:
        sys.exit(f"asyncio: {wrong}")
    print(f"asyncio program: ok; {'; '.join(checked)}")
