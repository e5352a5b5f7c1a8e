"""Pure-Python asyncio over our contexts."""

import asyncio
import contextvars
import decimal
import unittest
from contextvars import Context, ContextVar, copy_context

request = ContextVar("request", default=None)


async def handle(number):
    request.set(number)
    await asyncio.sleep(0)
    inner = await asyncio.create_task(child())
    in_thread = await asyncio.to_thread(request.get)
    return number == request.get() == inner == in_thread


async def child():
    await asyncio.sleep(0)
    seen = request.get()
    request.set("set by the child")
    return seen


class Asyncio(unittest.TestCase):
    def test_asyncio_uses_our_contexts(self):
        self.assertEqual(asyncio.Task.__module__, "asyncio.tasks")
        self.assertIs(asyncio.events.contextvars.Context, Context)

        async def main():
            return asyncio.current_task().get_context() if hasattr(
                asyncio.Task, "get_context"
            ) else copy_context()

        self.assertIs(type(asyncio.run(main())), Context)

    def test_gather_and_to_thread_inherit_values(self):
        async def main():
            return await asyncio.gather(*(handle(number) for number in range(50)))

        self.assertEqual(asyncio.run(main()), [True] * 50)
        self.assertIsNone(request.get())

    def test_each_of_a_thousand_tasks_keeps_its_value(self):
        async def one(number):
            request.set(number)
            for _ in range(3):
                await asyncio.sleep(0)
                if request.get() != number:
                    return False
            return True

        async def main():
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(number)) for number in range(1000)]
            return all(task.result() for task in tasks)

        self.assertTrue(asyncio.run(main()))

    def test_call_soon_runs_in_the_given_context(self):
        async def main():
            loop, seen, done = asyncio.get_running_loop(), [], asyncio.Event()
            contexts = [Context() for _ in range(3)]
            for number, context in enumerate(contexts):
                loop.call_soon(request.set, number, context=context)
                loop.call_soon(lambda: seen.append(request.get()), context=context)
            loop.call_soon(done.set)
            await done.wait()
            return seen, [context[request] for context in contexts]

        self.assertEqual(asyncio.run(main()), ([0, 1, 2], [0, 1, 2]))

    def test_a_failing_task_leaves_its_context(self):
        async def fail():
            request.set("failing")
            raise ValueError

        async def main():
            results = await asyncio.gather(fail(), handle(1), return_exceptions=True)
            return type(results[0]), results[1], request.get()

        self.assertEqual(asyncio.run(main()), (ValueError, True, None))

    def test_a_token_in_a_with_statement_across_await(self):
        async def main():
            with request.set("block") as token:
                await asyncio.sleep(0)
                inside = request.get()
            return inside, token.old_value, request.get()

        outcome = (("block", contextvars.Token.MISSING, None))
        self.assertEqual(asyncio.run(main()), outcome)


class Decimal(unittest.TestCase):
    def test_the_decimal_context_is_in_our_context(self):
        def body():
            decimal.getcontext().prec = 5
            return copy_context()

        context = Context().run(body)
        values = [value for value in context.values() if isinstance(value, decimal.Context)]
        self.assertEqual([value.prec for value in values], [5])


if __name__ == "__main__":
    unittest.main()
