"""An answer that is already there, sent again: as one piece, or as the chunks of a stream."""

from __future__ import annotations

from harness.inference.chunks import taken_apart
from harness.services.operator.answers import Answer, Refusal, refuse
from harness.services.operator.job import Job
from harness.services.operator.payment import read_response, response_header

STREAM_HEADER = "X-Halo-Stream"
REPLAYED = "replayed"  # a member of PAYMENT-RESPONSE


async def send(job: Job, answer: Answer) -> bool:
    """Send a finished answer the way it was asked for; whether it was handed over whole.

    Raises ConsumerGone when nobody listens any more.
    """
    if not (job.streamed and answer.success and isinstance(answer.body, dict)):
        return await job.respond(answer)
    for chunk in taken_apart(answer.body):
        await job.chunk(chunk)
    settlement = read_response(answer.headers)
    if settlement is not None and settlement.get(REPLAYED):
        await job.chunk({"halo": "settlement", **settlement})
    headers = {**answer.headers, STREAM_HEADER: "buffered"}
    return await job.respond(Answer(answer.status, None, headers))


def replayed(answer: Answer) -> Answer:
    """The same answer, saying that it was served, and put on the tab, before."""
    settlement = read_response(answer.headers)
    if settlement is None:
        return answer
    headers = {**answer.headers, **response_header({**settlement, REPLAYED: True})}
    return Answer(answer.status, answer.body, headers)


def too_large() -> Refusal:
    """The relay would drop the connection over an answer of this size."""
    return refuse(
        502,
        "answer_too_large",
        "the answer exceeds what the relay carries, and nothing was charged; ask for fewer tokens",
        "server_error",
    )
