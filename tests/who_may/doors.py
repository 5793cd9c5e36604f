"""One request at an application: its own event loop, no client library, no network.

The loop runs in a thread of its own: where a browser was driven before, the first one has another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, unquote

from litestar import Litestar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    cookies: tuple[str, ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


@dataclass
class Door:
    """An application that is asked one thing after the other."""

    app: Litestar
    asked: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))

    def ask(
        self, method: str, address: str, headers: dict[str, str], body: bytes = b"",
        network: str = "192.0.2.7",
    ) -> Answer:  # fmt: skip
        """The answer to a request; an exception that nobody caught is raised."""
        self.asked += 1
        path, _, query = address.partition("?")
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "scheme": "http", "path": unquote(path), "root_path": "",
            "raw_path": quote(path, safe="/%").encode(), "query_string": query.encode(),
            "client": (network, 5000), "state": {}, "server": ("testserver", 80), "extensions": {},
            "headers": [(b"host", b"testserver"), (b"content-length", str(len(body)).encode()),
                        *raw],
        }  # fmt: skip
        return self._wait_for(self._asked(scope, body))

    async def _asked(self, scope: dict[str, Any], body: bytes) -> Answer:
        given: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": body, "more_body": False}]
        answered = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await answered.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            given.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                answered.set()

        await self.app(scope, receive, send)  # type: ignore[arg-type]
        start = next(one for one in given if one["type"] == "http.response.start")
        pairs = [(name.decode().lower(), value.decode("latin-1")) for name, value in
                 start["headers"]]  # fmt: skip
        content = b"".join(one.get("body", b"") for one in given)
        cookies = tuple(value for name, value in pairs if name == "set-cookie")
        return Answer(start["status"], dict(pairs), cookies, content)

    def close(self) -> None:
        """Give back the loop and its threads."""
        self._wait_for(self._loop.shutdown_default_executor())
        self._thread.shutdown()
        self._loop.close()

    def _wait_for(self, work: Coroutine[Any, Any, T]) -> T:
        return self._thread.submit(self._loop.run_until_complete, work).result()
