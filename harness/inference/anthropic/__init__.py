"""Anthropic's Messages and OpenAI's chat completions, each as the other: requests, answers, streams.

`to_messages`, `completion_of` and `ChunkMaker` let an operator ask Anthropic for a client of OpenAI's API.
`to_chat`, `message_of` and `EventMaker` let clients of Anthropic's API use what speaks chat completions.
"""

from harness.inference.anthropic.request import to_messages
from harness.inference.anthropic.response import completion_of, error_of, message_of
from harness.inference.anthropic.served import to_chat
from harness.inference.anthropic.stream_in import ChunkMaker
from harness.inference.anthropic.stream_out import EventMaker

__all__ = [
    "ChunkMaker",
    "EventMaker",
    "completion_of",
    "error_of",
    "message_of",
    "to_chat",
    "to_messages",
]
