"""What people read.

Takes the tables of a run (:class:`RunTables`); gives its folder (:func:`write_run`: tables,
GeoPackage, workbook, map, ``run.json``); from such folders the trace of one finding
(``publish.explain.explain``) and the difference of two runs (``publish.compare.compare``). Does not
compute any figure that the run has not.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from landuse.publish.folder import ready
    from landuse.publish.run_folder import IDLE_OUTPUTS, OUTPUTS, Output, write_run
    from landuse.publish.run_tables import RunTables
    from landuse.publish.words import class_label, status_label, table_label
    from landuse.publish.workbook import write_issues

__all__ = [
    "IDLE_OUTPUTS",
    "OUTPUTS",
    "Output",
    "RunTables",
    "class_label",
    "ready",
    "status_label",
    "table_label",
    "write_issues",
    "write_run",
]

_HOME: Final = {
    "IDLE_OUTPUTS": "run_folder",
    "OUTPUTS": "run_folder",
    "Output": "run_folder",
    "RunTables": "run_tables",
    "class_label": "words",
    "ready": "folder",
    "status_label": "words",
    "table_label": "words",
    "write_issues": "workbook",
    "write_run": "run_folder",
}


def __getattr__(name: str) -> object:
    """Load the module behind a name of the door when it is first used."""
    if name not in _HOME:
        raise AttributeError(name)
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
