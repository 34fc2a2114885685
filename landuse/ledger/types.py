"""Column types that mean the same on SQLite and on PostGIS."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

__all__ = [
    "Json",
    "Key",
    "Shape",
    "Utc",
    "all_to_stored",
    "boxes",
    "dump",
    "from_stored",
    "to_stored",
]

_NO_BOX: Final = (None, None, None, None)

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit key; on SQLite an INTEGER, which alone becomes its row number."""


_JSON: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def dump(value: object) -> str:
    """JSON with one spelling a value, so that equal values are equal texts."""
    return _JSON.encode(value)


def all_to_stored(shapes: Sequence[BaseGeometry | None]) -> list[bytes | None]:
    """:func:`to_stored` of many at once; ``None`` stays ``None``."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    deep = shapely.has_z(array) | shapely.has_m(array)
    if deep.any():
        array[deep] = shapely.set_srid(shapely.force_2d(array[deep]), shapely.get_srid(array[deep]))
    return list(shapely.to_wkb(array, include_srid=True, byte_order=1))


def boxes(shapes: Sequence[BaseGeometry | None]) -> list[tuple[float | None, ...]]:
    """Least x and y, greatest x and y of each; four times ``None`` for no or an empty geometry."""
    array = np.empty(len(shapes), dtype=object)
    array[:] = list(shapes)
    bounds = shapely.bounds(array).tolist()
    return [_NO_BOX if math.isnan(one[0]) else tuple(one) for one in bounds]


def to_stored(shape: BaseGeometry) -> bytes:
    """WKB in two dimensions, with the SRID (EWKB) where the geometry has one."""
    (stored,) = all_to_stored([shape])
    assert stored is not None
    return stored


def from_stored(stored: bytes) -> BaseGeometry:
    """The geometry of :func:`to_stored`, with its SRID."""
    return shapely.from_wkb(stored)


class Json(TypeDecorator[Any]):
    """A JSON value as text; ``None`` is NULL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: object, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Python value → canonical text."""
        return None if value is None else dump(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002
        """Text → Python value."""
        return None if value is None else json.loads(value)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC to the microsecond; text on SQLite, ``timestamptz`` on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text of fixed width on SQLite, so that it sorts as the moments do."""
        return dialect.type_descriptor(
            String(27) if dialect.name == "sqlite" else DateTime(timezone=True)
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> object:
        """Aware moment → stored form; a naive one is a fault of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without time zone")
        moment = value.astimezone(UTC)
        if dialect.name != "sqlite":
            return moment
        return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(
        self,
        value: Any,  # noqa: ANN401 - text, a moment, or the driver's own
        dialect: Dialect,  # noqa: ARG002
    ) -> datetime | None:
        """Stored form → aware moment in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Shape(TypeDecorator[BaseGeometry]):
    """A shapely geometry; (E)WKB bytes on SQLite, PostGIS ``geometry`` of any SRID elsewhere.

    GeoAlchemy2 is loaded only where the database is PostgreSQL.
    """

    impl = LargeBinary
    cache_ok = True
    spatial_index = False  # GeoAlchemy2 looks for it here; the migrations make the index

    def load_dialect_impl(self, dialect: Dialect | None) -> TypeEngine[Any]:
        """``geometry`` on PostgreSQL, bytes elsewhere (GeoAlchemy2 also asks without a dialect)."""
        if dialect is None:
            return LargeBinary()
        if dialect.name != "postgresql":
            return dialect.type_descriptor(LargeBinary())
        from geoalchemy2 import Geometry

        return dialect.type_descriptor(Geometry("GEOMETRY", srid=-1, spatial_index=False))

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> object:
        """Geometry → bytes, or GeoAlchemy2's element."""
        if value is None:
            return None
        stored = to_stored(value)
        if dialect.name != "postgresql":
            return stored
        from geoalchemy2 import WKBElement

        return WKBElement(stored, extended=True)

    def process_result_value(
        self,
        value: Any,  # noqa: ANN401 - text, a moment, or the driver's own
        dialect: Dialect,  # noqa: ARG002
    ) -> BaseGeometry | None:
        """Bytes or GeoAlchemy2's element → geometry."""
        if value is None:
            return None
        return from_stored(bytes(getattr(value, "data", value)))
