"""Whether a folder lies on a network file system, where SQLite's WAL must not be used."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Final

__all__ = ["network_type", "type_in_mounts"]

_NETWORK: Final = frozenset(
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb",
        "smb2",
        "smb3",
        "smbfs",
        "ncpfs",
        "afs",
        "afpfs",
        "webdav",
        "9p",
        "drvfs",
        "ceph",
        "glusterfs",
        "lustre",
        "gpfs",
        "beegfs",
        "orangefs",
        "ocfs2",
        "gfs2",
        "vboxsf",
        "vmhgfs",
        "prl_fs",
        "virtiofs",
        "davfs",
    ]
)
_LOCAL_FUSE: Final = frozenset(
    ["fuseblk", "fuse.fuse-overlayfs", "fuse.overlayfs", "fuse.ntfs-3g", "fuse.exfat", "fuse.lxcfs"]
)
_REMOTE_DRIVE: Final = 4
_OCTAL: Final = re.compile(rb"\\([0-7]{3})")


def network_type(path: Path) -> str:
    """The network file system that ``path`` lies on, by its name; ``""`` for a local one.

    ``path`` need not exist; its nearest existing parent counts. What cannot be found out counts as
    local, except a FUSE mount that is not known to be local.
    """
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    place = place.resolve()
    if sys.platform == "win32":
        return _windows(str(path.absolute())) or _windows(str(place))
    mounts = Path("/proc/self/mountinfo")
    try:
        table = mounts.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
    kind = type_in_mounts(table, str(place))
    return kind if _is_network(kind) else ""


def type_in_mounts(table: str, place: str) -> str:
    """The type of the mount that holds ``place``, read from a ``mountinfo`` table.

    >>> type_in_mounts("1 0 0:1 / / rw - ext4 x rw\\n2 1 0:2 / /mnt/a rw - cifs y rw", "/mnt/a/b")
    'cifs'
    """
    wanted = os.fsencode(place)
    best, kind = b"", ""
    for line in table.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if len(fields) < 5 or not right:
            continue
        point = _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), os.fsencode(fields[4]))
        inside = wanted == point or wanted.startswith(point.rstrip(b"/") + b"/")
        if inside and len(point) >= len(best):
            best, kind = point, right.split(" ")[0]
    return kind


def _is_network(kind: str) -> bool:
    if kind.startswith("fuse"):
        return kind not in _LOCAL_FUSE
    return kind in _NETWORK


def _windows(place: str) -> str:
    if place.startswith(("\\\\", "//")) and not place.startswith(("\\\\?\\", "\\\\.\\")):
        return "UNC"
    import ctypes

    drive = os.path.splitdrive(place)[0]
    windll = getattr(ctypes, "windll", None)
    if windll is None or not drive:
        return ""
    return "SMB" if windll.kernel32.GetDriveTypeW(drive + "\\") == _REMOTE_DRIVE else ""
