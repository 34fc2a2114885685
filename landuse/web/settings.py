"""How the server is set up, and who stands before it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from landuse.messages import Lang

__all__ = ["LOOPBACK", "ROLES", "Role", "Settings", "User"]

Role = Literal["viewer", "reviewer", "administrator"]
ROLES: Final[tuple[Role, ...]] = ("viewer", "reviewer", "administrator")
"""Each may what the ones before it may."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True)
class User:
    """Who asks. ``name`` is the recorder of what they decide; ``local`` has no account."""

    name: str
    role: Role
    local: bool = False

    def may(self, role: Role) -> bool:
        """Whether they may what ``role`` may.

        >>> User("a", "reviewer").may("viewer"), User("a", "reviewer").may("administrator")
        (True, False)
        """
        return ROLES.index(self.role) >= ROLES.index(role)


@dataclass(frozen=True)
class Settings:
    """What the command line decided.

    ``recorder`` is the name of the one user of a loopback server without accounts (the system's
    user). ``names`` are further names that this server is asked under, ``proxies`` the addresses
    of proxies whose word about the caller counts. ``upload_bytes`` and ``form_bytes`` bound what
    a request may carry (with files, and without).
    """

    host: str = "127.0.0.1"
    port: int = 8000
    lang: Lang = "zh"
    recorder: str = "local"
    names: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()
    tianditu_key: str = field(default="", repr=False)
    upload_bytes: int = 2 * 1024**3
    form_bytes: int = 1024**2

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        return self.host in LOOPBACK or self.host.startswith("127.")
