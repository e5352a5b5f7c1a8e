"""opentelemetry-api: a tree of calls with baggage and spans."""

import asyncio
import threading

from opentelemetry import baggage, context, trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

CALLS = 150


def span(number):
    return NonRecordingSpan(SpanContext(number, number + 1, False, TraceFlags(1)))


async def call(number, depth):
    token = context.attach(baggage.set_baggage(f"depth{depth}", number))
    try:
        with trace.use_span(span(number)):
            await asyncio.sleep(0)
            assert trace.get_current_span().get_span_context().trace_id == number
            if depth:
                await asyncio.gather(call(number * 2, depth - 1), call(number * 2 + 1, depth - 1))
            assert trace.get_current_span().get_span_context().trace_id == number
            return sorted(baggage.get_all().items())
    finally:
        context.detach(token)


def in_thread(captured, found):
    found.append(dict(baggage.get_all()))
    token = context.attach(captured)
    found.append(dict(baggage.get_all()))
    context.detach(token)
    found.append(dict(baggage.get_all()))


async def main():
    results = await asyncio.gather(*(call(number, 2) for number in range(1, CALLS + 1)))
    print(results[0], results[-1], len(results))


asyncio.run(main())
print("left", dict(baggage.get_all()), trace.get_current_span() is trace.INVALID_SPAN)
found = []
captured = baggage.set_baggage("a", 1, baggage.set_baggage("b", 2))
thread = threading.Thread(target=in_thread, args=(captured, found))
thread.start()
thread.join()
print(found)

# Attaches twice outside of a task, and detaches once.
context.attach(captured)
token = context.attach(baggage.set_baggage("c", 3))
context.detach(token)
print(sorted(baggage.get_all().items()))
