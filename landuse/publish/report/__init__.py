"""The report about parks: its tables as a workbook, its text as a document, its pictures.

Takes tables of shown figures (:mod:`landuse.publish.report.model`) and sentences that cite their
cells; computes nothing.
"""

from __future__ import annotations

from landuse.publish.report.model import Book, Number, Section, Table

__all__ = ["Book", "Number", "Section", "Table"]
