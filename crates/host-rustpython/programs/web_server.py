"""A web server with the standard library only, with a context for each request.

    python web_server.py

Listens on a free local port, which it prints first. Answers `GET /ID/DELAY` with the
values of the request's variables after several awaits of `DELAY` milliseconds in all,
in the handler and in tasks. Ends on a request for `/end`.
"""

import asyncio
import contextlib
from contextvars import ContextVar

request_id = ContextVar("request_id")
steps = ContextVar("steps")


def step(what):
    steps.set((*steps.get(), f"{what} of {request_id.get()}"))


async def work(delay):
    step("task")
    await asyncio.sleep(delay)
    return steps.get()[-1]


async def answer(delay):
    step("begin")
    await asyncio.sleep(delay)
    step("middle")
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(delay)) for _ in range(2)]
    for task in tasks:
        steps.set((*steps.get(), task.result()))
    step("end")
    return "\n".join((request_id.get(), *steps.get()))


async def serve(reader, writer, ended):
    with contextlib.suppress(ConnectionError):
        line = (await reader.readline()).decode()
        while (await reader.readline()).strip():
            pass
        path = line.split(" ")[1]
        if path == "/end":
            ended.set()
            body = "bye"
        else:
            _, name, delay = path.split("/")
            request_id.set(name)
            steps.set(())
            body = await answer(int(delay) / 3000)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()


async def main():
    ended = asyncio.Event()
    server = await asyncio.start_server(
        lambda reader, writer: serve(reader, writer, ended), "127.0.0.1", 0, backlog=2048
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await ended.wait()


asyncio.run(main())
