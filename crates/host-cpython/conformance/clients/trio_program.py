"""trio: nurseries, instruments, threads and async generators."""

from contextvars import ContextVar

import trio

TASKS = 100
name = ContextVar("name")
events = []


class Steps(trio.abc.Instrument):
    """Counts the steps of tasks by the variable's value in the task's context."""

    def __init__(self):
        self.steps = {}

    def before_task_step(self, task):
        found = task.context.get(name, "unset")
        self.steps[found] = self.steps.get(found, 0) + 1


async def child(number, task_status=trio.TASK_STATUS_IGNORED):
    assert name.get() == f"n{number}"
    name.set(f"c{number}")
    task_status.started(name.get())
    await trio.lowlevel.checkpoint()
    assert await trio.to_thread.run_sync(lambda: name.get()) == f"c{number}"
    events.append(name.get())


async def task(number):
    name.set(f"n{number}")
    async with trio.open_nursery() as nursery:
        assert await nursery.start(child, number) == f"c{number}"
        nursery.start_soon(child, number)
        with trio.CancelScope(deadline=trio.current_time() + 0.001):
            await trio.sleep_forever()
    assert name.get() == f"n{number}"


async def generator():
    token = name.set("in a generator")
    try:
        yield name.get()
        yield name.get()
    finally:
        name.reset(token)


async def main():
    async with trio.open_nursery() as nursery:
        for number in range(TASKS):
            nursery.start_soon(task, number)
    print([value async for value in generator()], name.get("unset"))


steps = Steps()
trio.run(main, instruments=[steps])
print(len(events), sorted(set(events))[:5])
print(sorted(found for found in steps.steps if not found[1:].isdigit()), len(steps.steps))
