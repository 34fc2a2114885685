"""The shipped sample county: where it lies, and a copy that a user may play with."""

from __future__ import annotations

import shutil
from pathlib import Path

from landuse.errors import UserError

__all__ = ["copy_sample", "sample_folder"]


def sample_folder() -> Path:
    """Folder of the sample: inside the wheel, or ``data/sample`` of a working copy."""
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "_sample", package.parent / "data" / "sample"):
        if (folder / "project.toml").is_file():
            return folder
    raise UserError.of("pipeline.no_sample", value=str(package))


def copy_sample(target: Path) -> Path:
    """Copy the sample's input files into ``target`` and return the copied project file.

    An existing copy is refreshed; other files in ``target`` are left alone. Raises
    :class:`landuse.errors.UserError` if ``target`` is a file or cannot be written.
    """
    source = sample_folder()
    try:
        target.mkdir(parents=True, exist_ok=True)
        for entry in sorted(source.iterdir()):
            if entry.is_file() and entry.suffix != ".py":
                shutil.copyfile(entry, target / entry.name)
    except (OSError, shutil.SameFileError) as error:
        raise UserError.of(
            "pipeline.cannot_copy_sample", file=target.name, value=str(error)
        ) from error
    return target / "project.toml"
