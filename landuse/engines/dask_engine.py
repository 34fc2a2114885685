"""Parts done by workers of ``dask.distributed``: other processes, or other machines.

The workers call the very functions of the one-process batch. They see the folder of work under
the same name (a shared disk), or the place of work in an object store; only small answers travel.
A worker that dies loses nothing: its parts are done again elsewhere, and a part that was half
written is not there.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import partial
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from uuid import uuid4

from landuse import __version__
from landuse.engines.parts.notes import issue_of
from landuse.engines.parts.notes import place_of as place_of_issue
from landuse.engines.parts.places import place_of
from landuse.errors import InternalError, LanduseError, UserError
from landuse.stores import Stored, drop_copies

__all__ = ["DaskCrew", "dask_crew"]

T = TypeVar("T")
_TRIES: Final = 5
"""A part is given up after so many workers died over it."""
_LEAST: Final = 512 * 2**20
"""Bytes that a worker needs at least; with fewer it is ended before it does anything, for ever."""
_WAIT: Final = 30
"""Seconds until nobody is taken to answer."""
_LOOK: Final = 5
"""Seconds after which those who are asked are counted again."""


class _Client(Protocol):
    """As much of ``distributed.Client`` as is used here."""

    def submit(self, function: Callable[..., Any], *arguments: object, **options: object) -> Any:  # noqa: ANN401
        """Give out one task."""

    def cancel(self, futures: list[Any]) -> object:
        """Take tasks back."""

    def run(self, function: Callable[..., Any], *arguments: object) -> dict[str, Any]:
        """Do something on every worker."""

    def wait_for_workers(self, n_workers: int, timeout: float) -> object:
        """Wait until there are some."""


class _Fault(NamedTuple):
    """A fault that a worker found, in plain values: issues do not travel."""

    of_user: bool
    issues: list[Any]


def _done(task: Callable[[int], T], part: int) -> T | _Fault:
    try:
        return task(part)
    except LanduseError as error:
        return _Fault(
            isinstance(error, UserError), [place_of_issue(issue) for issue in error.issues]
        )


class DaskCrew:
    """The workers of one client; see :class:`landuse.engines.parts.job.Crew`.

    ``refill`` starts workers in the place of those that are gone for good; workers of a cluster
    that is not ours are waited for.
    """

    def __init__(self, client: _Client, refill: Callable[[], object] | None = None) -> None:
        self._client, self._refill = client, refill

    def each(self, task: Callable[[int], T], parts: int) -> Iterable[T]:
        """Give out all parts at once; answers come in the order of the parts."""
        futures: list[Any] = [
            self._client.submit(
                _done, task, part, key=f"part-{part}-{uuid4().hex}", pure=False, retries=2
            )
            for part in range(parts)
        ]
        try:
            for part, future in enumerate(futures):
                found = self._result(future)
                futures[part] = None
                if isinstance(found, _Fault):
                    raise (UserError if found.of_user else InternalError)(
                        [issue_of(*one) for one in found.issues]
                    )
                yield found
        finally:
            with contextlib.suppress(Exception):
                self._client.cancel([future for future in futures if future is not None])

    def _result(self, future: Any) -> Any:  # noqa: ANN401 - whatever the task gives
        distributed = import_module("distributed")
        while True:
            try:
                return future.result(_LOOK)
            except distributed.KilledWorker as error:
                died = getattr(error, "allowed_failures", _TRIES)
                raise UserError.of("engines.workers_died", value=str(died)) from error
            except (CancelledError, TimeoutError, OSError) as error:
                if not isinstance(error, TimeoutError) or future.status == "error":
                    name = type(error).__name__
                    raise UserError.of("engines.cluster_lost", value=name) from error
            if self._refill is not None:
                self._refill()


@contextlib.contextmanager
def dask_crew(
    work: Path | str,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    memory: str | None = None,
) -> Iterator[DaskCrew]:
    """Workers for as long as the block lasts.

    ``scheduler`` (``tcp://…``): those of a cluster that is there, which must see ``work``, a
    folder or the address of a place in an object store;
    else ``workers`` processes of this machine, each with at most ``memory`` (``"2GiB"``). Raises
    :class:`landuse.errors.UserError` where dask is not installed, ``memory`` is no size or too
    little, nobody answers, a worker has another version or does not see the folder.
    """
    try:
        dask, distributed = import_module("dask"), import_module("distributed")
    except ImportError as error:
        raise UserError.of("engines.no_dask") from error
    if memory is not None:
        _enough(memory, dask.utils.parse_bytes)
    settings = {
        "distributed.scheduler.allowed-failures": _TRIES,
        "distributed.scheduler.work-stealing": True,
        "distributed.comm.timeouts.connect": f"{_WAIT}s",
    }
    place, workers = place_of(work), workers or 1
    with dask.config.set(settings), contextlib.ExitStack() as stack:
        refill = None
        if scheduler is None:
            scratch = stack.enter_context(
                TemporaryDirectory("-landuse", ignore_cleanup_errors=True)
            )
            cluster = stack.enter_context(
                distributed.LocalCluster(
                    n_workers=workers, threads_per_worker=1, processes=True,
                    memory_limit=memory or 0, dashboard_address=None, host="127.0.0.1",
                    local_directory=scratch, silence_logs="CRITICAL",
                )
            )  # fmt: skip
            client = stack.enter_context(distributed.Client(cluster))
            # a worker that dies while its guardian still starts it is never started again
            refill = partial(cluster.scale, workers)
        else:
            client = stack.enter_context(_client(scheduler))
        _check(client, place, scheduler or "")
        try:
            yield DaskCrew(client, refill)
        finally:
            if isinstance(place, Stored):
                with contextlib.suppress(Exception):  # whoever is gone has taken his copies along
                    client.run(drop_copies, place.url)


def _enough(memory: str, parse_bytes: Callable[[str], int]) -> None:
    try:
        size = parse_bytes(memory)
    except ValueError as error:
        raise UserError.of("engines.worker_memory_unknown", value=memory) from error
    if size < _LEAST:
        raise UserError.of("engines.worker_memory_small", value=memory)


@contextlib.contextmanager
def _client(scheduler: str) -> Iterator[_Client]:
    distributed = import_module("distributed")
    try:
        client: _Client = distributed.Client(scheduler, timeout=_WAIT)
    except (OSError, ValueError, TimeoutError) as error:
        raise UserError.of("engines.no_scheduler", value=scheduler) from error
    try:
        yield client
    finally:
        with contextlib.suppress(Exception):
            distributed.Client.close(client, timeout=5)


def _check(client: _Client, work: Path | Stored, scheduler: str) -> None:
    """Whether there is a worker, and every one has this version and sees the place of work."""
    try:
        client.wait_for_workers(1, timeout=_WAIT)
    except TimeoutError as error:
        raise UserError.of("engines.no_workers", value=scheduler) from error
    mark = work / f".seen-{uuid4().hex}"
    if isinstance(work, Path):
        work.mkdir(parents=True, exist_ok=True)
    mark.write_bytes(__version__.encode())
    try:
        found = client.run(_seen, mark)
    except (OSError, TimeoutError) as error:
        raise UserError.of("engines.cluster_lost", value=type(error).__name__) from error
    finally:
        mark.unlink()
    strangers = sorted(address for address, seen in found.items() if seen != __version__)
    if strangers:
        code = "worker_no_store" if isinstance(work, Stored) else "worker_elsewhere"
        raise UserError.of(f"engines.{code}", value=", ".join(strangers), folder=str(work))


def _seen(mark: Path | Stored) -> str:
    """The version of a worker that sees the file ``mark``, else ``""``."""
    with contextlib.suppress(LanduseError, ImportError):  # it has not what the store needs
        return __version__ if mark.is_file() else ""
    return ""
