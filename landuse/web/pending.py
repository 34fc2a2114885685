"""Workbooks that were handed in and shown, and wait for somebody to say yes."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from landuse.web.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from landuse.ledger.store import Ledger
    from landuse.pipeline.ledger_book_import import Applied, Preview

__all__ = ["Handed", "Pending"]

_KEPT: Final = 8


@dataclass
class Handed:
    """One workbook. ``settings``: of an office's own ledger its kind, sheet and unit; ``None``
    for a workbook of ours. ``answers``: what words of the office mean."""

    key: str
    owner: str
    path: Path
    why: str
    settings: dict[str, Any] | None = None
    answers: dict[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    applied: Applied | None = None

    def look(self, ledger: Ledger, at: datetime) -> None:
        """Make the preview. Raises :class:`landuse.errors.UserError`."""
        who: dict[str, Any] = {"by": self.owner, "at": at, "why": self.why}
        if self.settings is None:
            from landuse.pipeline.ledger_book_import import preview_import

            self.preview = preview_import(ledger, self.path, **who)
        else:
            from landuse.pipeline.ledger_book_new import preview_office

            self.preview = preview_office(
                ledger, self.path, answers=self.answers, **who, **self.settings
            )


class Pending:
    """The newest few workbooks, in a private folder that ends with the server."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory(prefix="landuse-", ignore_cleanup_errors=True)
        self._handed: dict[str, Handed] = {}

    def keep(
        self,
        name: str,
        content: IO[bytes],
        *,
        owner: str,
        why: str,
        settings: Mapping[str, Any] | None,
    ) -> Handed:
        """Put a workbook away under its own plain ``name``."""
        key = secrets.token_urlsafe(9)
        folder = Path(self._folder.name) / key
        folder.mkdir()
        with (folder / name).open("xb") as sink:
            shutil.copyfileobj(content, sink, 1 << 20)
        handed = Handed(key, owner, folder / name, why, dict(settings) if settings else None)
        with self._lock:
            self._handed[key] = handed
            for old in list(self._handed)[:-_KEPT]:
                shutil.rmtree(self._handed.pop(old).path.parent, ignore_errors=True)
        return handed

    def find(self, key: str, owner: str) -> Handed:
        """What this user handed in. Refused (404) for anything else."""
        with self._lock:
            found = self._handed.get(key)
        if found is None or found.owner != owner:
            raise Refused.at(404, "ledger_pages.gone")
        return found

    def close(self) -> None:
        """Remove everything."""
        self._folder.cleanup()
