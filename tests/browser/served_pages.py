"""A served project before the browser: at a free port, and what was asked and complained of."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Heard", "browsing", "serving"]


@contextlib.contextmanager
def serving(application: Callable[[int], Any]) -> Iterator[tuple[str, Any]]:
    """The address of an application, which is made for a free port of this machine, and itself."""
    import uvicorn

    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        app = application(port)
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}", app
        finally:
            server.should_exit = True
            thread.join(20)


@dataclass
class Heard:
    """What browsers before one address asked for and complained of."""

    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)


@contextlib.contextmanager
def browsing(
    chromium: Any, heard: Heard, wait: Callable[[Any], object]
) -> Iterator[Callable[..., Any]]:
    """Open addresses, each in a browser of its own; at the end nothing may have complained."""
    contexts = []

    def opened(path: str = "/", **options: Any) -> Any:
        context = chromium.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
        contexts.append(context)
        context.on("request", lambda request: heard.requests.append(request.url))
        page = context.new_page()
        page.on("console", lambda said: heard.complaints.append(said.text))
        page.on("pageerror", lambda error: heard.complaints.append(str(error)))
        page.goto(heard.address + path)
        wait(page)
        return page

    yield opened
    for context in contexts:
        context.close()
    foreign = {url for url in heard.requests if not url.startswith((heard.address, "data:"))}
    assert foreign == set()
    assert heard.complaints == []
