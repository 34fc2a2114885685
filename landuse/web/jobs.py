"""Work that takes longer than a request: one at a time, in a thread, with its progress to ask."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from landuse.errors import LanduseError, UserError
from landuse.issues import Issue

__all__ = ["Job", "Jobs", "Tell"]

_LOG: Final = logging.getLogger("landuse.web")
_KEPT: Final = 20
Tell = Callable[[str, int, int], None]
Work = Callable[[Tell], object]


@dataclass
class Job:
    """One piece of work. ``step`` is a code, ``done`` of ``of`` steps are finished."""

    key: str
    kind: str
    owner: str
    place: str = ""
    state: Literal["running", "done", "failed"] = "running"
    step: str = ""
    done: int = 0
    of: int = 0
    result: object = None
    issues: list[Issue] = field(default_factory=list)
    thread: threading.Thread | None = field(default=None, repr=False)

    def tell(self, step: str, done: int, of: int) -> None:
        """Note how far the work is; fits :data:`landuse.pipeline.progress.Progress`."""
        self.step, self.done, self.of = step, done, of


class Jobs:
    """The work of this server. A second piece is refused while one runs: it would only slow both,
    and a planner who pressed twice wants it once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}

    def start(self, kind: str, work: Work, *, owner: str, place: str = "") -> Job:
        """Begin ``work`` in a thread of its own. Raises :class:`~landuse.errors.UserError` where
        other work is running."""
        with self._lock:
            busy = self._running()
            if busy is not None:
                raise UserError.of("web.busy", value=busy.owner)
            job = Job(secrets.token_urlsafe(8), kind, owner, place)
            self._jobs[job.key] = job
            for old in list(self._jobs)[:-_KEPT]:
                del self._jobs[old]
        job.thread = threading.Thread(target=_run, args=(job, work), name=f"landuse-{kind}")
        job.thread.daemon = True
        job.thread.start()
        return job

    def find(self, key: str) -> Job | None:
        """The work with this key; ``None`` where it is forgotten or never was."""
        with self._lock:
            return self._jobs.get(key)

    def running(self) -> Job | None:
        """The work that is going on."""
        with self._lock:
            return self._running()

    def _running(self) -> Job | None:
        return next((job for job in self._jobs.values() if job.state == "running"), None)


def _run(job: Job, work: Work) -> None:
    try:
        job.result = work(job.tell)
        job.state = "done"
    except LanduseError as error:
        job.issues = error.issues
        job.state = "failed"
    except Exception as error:  # noqa: BLE001 - nothing may leave the page waiting for ever
        _LOG.exception("fault in %s", job.kind)
        job.issues = [Issue("web.our_fault", value=type(error).__name__)]
        job.state = "failed"
