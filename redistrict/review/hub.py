"""Hub: tells every browser that listens what has happened, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

_BEAT_S = 15.0
"""A comment is sent so often, so that a lost connection is noticed."""


class Hub:
    """All who listen; `tell` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._queues: set[asyncio.Queue[str | None]] = set()

    def tell(self, name: str, values: dict[str, Any]) -> None:
        """Tell all."""
        if self._loop is not None and not self._loop.is_closed():
            text = f"event: {name}\ndata: {json.dumps(values, ensure_ascii=False)}\n\n"
            self._loop.call_soon_threadsafe(self._spread, text)

    def close(self) -> None:
        """Let all streams end."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._spread, None)

    async def listen(self) -> AsyncIterator[str]:
        """Give what is told from now on."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[str | None] = asyncio.Queue()
        self._queues.add(queue)
        try:
            yield ": hello\n\n"
            while True:
                try:
                    text = await asyncio.wait_for(queue.get(), _BEAT_S)
                except TimeoutError:
                    text = ": still here\n\n"
                if text is None:
                    return
                yield text
        finally:
            self._queues.discard(queue)

    def _spread(self, text: str | None) -> None:
        for queue in self._queues:
            queue.put_nowait(text)
