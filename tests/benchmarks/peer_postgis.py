"""The peers' job in SQL of PostGIS, at its best.

The tables go in by COPY of binary rows (ADBC) and come out the same way; polygons need not come
out again, for the client still has them. Two workers, tables without a log, one index on the
zones: parcels come in the order in which they lie, so that the zone of one is still prepared for
the next. ``ST_Covers`` first; only what lies on a border is cut.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["run"]

SETTINGS = (
    "set work_mem = '1GB'",
    "set maintenance_work_mem = '1GB'",
    "set temp_buffers = '256MB'",
    "set max_parallel_workers_per_gather = 2",
    "set min_parallel_table_scan_size = 0",
    "set parallel_setup_cost = 0",
    "set parallel_tuple_cost = 0",
    "set jit = off",
)
PREPARE = (
    "create unlogged table zones as select price, ST_GeomFromWKB(wkb) as zone from zones_in",
    "create index on zones using gist (zone)",
    "analyze zones",
    "analyze parcels_in",
    """create unlogged table parcels as
       select id, parcel_id, uscc, registered_area, ST_GeomFromWKB(wkb) as geom from parcels_in""",
    "analyze parcels",
    """create unlogged table within as
       select p.id, z.price from parcels p join zones z on ST_Covers(z.zone, p.geom)""",
    "analyze within",
    """create unlogged table border as
       select p.id, p.geom from parcels p
       where not exists (select 1 from within i where i.id = p.id)""",
    "analyze border",
    """create unlogged table price as
       select id, price from within
       union all
       select id, sum(part * price) / sum(part) from (
         select p.id, z.price, ST_Area(ST_Intersection(p.geom, z.zone)) as part
         from border p join zones z on ST_Intersects(z.zone, p.geom)
       ) cut group by id""",
    """create unlogged table priced as
       select p.id, p.parcel_id, p.uscc, p.registered_area, ST_Area(p.geom) as area_m2, z.price
       from parcels p left join price z using (id)""",
    "analyze priced",
    "analyze occupancy",
    "analyze firms",
)
UNITS = """
with given as (
  select parcel_id, coalesce(sum(area), 0) as given,
         count(*) filter (where area is null) as waiting
  from occupancy group by parcel_id
), links as (
  select o.uscc, p.price, coalesce(o.area, (p.registered_area - given) / waiting) as land
  from occupancy o join given using (parcel_id) join priced p using (parcel_id)
  union all
  select p.uscc, p.price, p.registered_area from priced p
  where not exists (select 1 from given g where g.parcel_id = p.parcel_id)
), reference as (select sum(land * price) / sum(land) as p0 from links),
land as (
  select uscc, sum(land) * 3 / 2000 as land, sum(land * price / p0) * 3 / 2000 as adjusted
  from links, reference group by uscc
), measured as (
  select f.uscc, f.industry_code, f.tax, f.output, f.energy_tce, l.land, l.adjusted,
         left(f.industry_code, 2) as cohort
  from firms f join land l using (uscc)
), bench as (
  select cohort, sum(tax) / sum(adjusted) as b1, sum(output) / sum(adjusted) as b2,
         sum(output) / sum(energy_tce) as b3, count(*) * 15 / 100 as quota
  from measured group by cohort
), scored as (
  select m.*, quota, round((
      0.4 * greatest(least(tax / adjusted / b1, 2), 0)
    + 0.3 * greatest(least(output / adjusted / b2, 2), 0)
    + 0.3 * greatest(least(output / energy_tce / b3, 2), 0)) * 1e6) / 1e6 as score
  from measured m join bench using (cohort)
)
select uscc, industry_code, tax, output, energy_tce, land, adjusted, cohort, score,
       rank() over w as rank, rank() over w <= quota as flagged
from scored window w as (partition by cohort order by score)
"""


def run(folder: Path, out: Path) -> None:
    """Write ``units.parquet`` and ``parcels.parquet`` into ``out``; address in the environment."""
    import adbc_driver_postgresql.dbapi as adbc
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    parcels = pq.read_table(folder / "parcels.parquet")
    with adbc.connect(os.environ["BENCHMARK_POSTGIS"]) as connection:
        cursor = connection.cursor()
        for setting in SETTINGS:
            cursor.execute(setting)
        lean = parcels.select(["parcel_id", "uscc", "registered_area"])
        lean = lean.append_column("id", pa.array(np.arange(len(parcels), dtype=np.int32)))
        _load(cursor, "parcels_in", lean.append_column("wkb", parcels["geometry"]))
        zones = pq.read_table(folder / "zones.parquet")
        price = zones["benchmark_price_yuan_per_m2"]
        _load(cursor, "zones_in", pa.table({"price": price, "wkb": zones["geometry"]}))
        columns = ["parcel_id", "uscc", "area"]
        _load(cursor, "occupancy", pq.read_table(folder / "occupancy.parquet", columns=columns))
        columns = ["uscc", "industry_code", "tax", "output", "energy_tce"]
        firms = pq.read_table(
            folder / "enterprises.parquet", columns=columns, filters=pc.field("year") == 2025
        )
        _load(cursor, "firms", firms)
        for statement in PREPARE:
            cursor.execute(statement)
        cursor.execute(UNITS)
        pq.write_table(cursor.fetch_arrow_table(), out / "units.parquet")
        cursor.execute("select area_m2, price from priced order by id")
        priced = cursor.fetch_arrow_table()
    for name in ("area_m2", "price"):
        parcels = parcels.append_column(name, priced[name])
    pq.write_table(parcels, out / "parcels.parquet")


def _load(cursor: Any, name: str, table: Any) -> None:
    """A table without a log, filled by one binary COPY."""
    import pyarrow as pa

    kinds = {pa.string(): "text", pa.binary(): "bytea", pa.float64(): "float8", pa.int32(): "int4"}
    columns = ", ".join(f'"{field.name}" {kinds[field.type]}' for field in table.schema)
    cursor.execute(f'create unlogged table "{name}" ({columns})')
    cursor.adbc_ingest(name, table, mode="append")
