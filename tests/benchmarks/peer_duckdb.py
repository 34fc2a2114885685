"""The peers' job in SQL of DuckDB with its spatial extension, at its best.

``ST_Within`` first (a spatial join with prepared zones); only what lies on a border is cut.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["run"]

SCORE = """
create temp table units as
with named as (
  select o.parcel_id, o.uscc, o.area as declared, p.registered_area, p.price,
         coalesce(sum(o.area) over (partition by o.parcel_id), 0) as given,
         count(*) filter (o.area is null) over (partition by o.parcel_id) as waiting
  from occupancy o join priced p using (parcel_id)
), links as (
  select uscc, price, coalesce(declared, (registered_area - given) / waiting) as land from named
  union all
  select uscc, price, registered_area
  from priced p where not exists (select 1 from occupancy o where o.parcel_id = p.parcel_id)
), reference as (select sum(land * price) / sum(land) as p0 from links),
land as (
  select uscc, sum(land) * 3 / 2000 as land, sum(land * price / p0) * 3 / 2000 as adjusted
  from links, reference group by uscc
), measured as (
  select f.uscc, f.industry_code, f.tax, f.output, f.energy_tce, l.land, l.adjusted,
         substr(f.industry_code, 1, 2) as cohort
  from firms f join land l using (uscc)
), bench as (
  select cohort, sum(tax) / sum(adjusted) as b1, sum(output) / sum(adjusted) as b2,
         sum(output) / sum(energy_tce) as b3, count(*) * 15 // 100 as quota
  from measured group by cohort
), scored as (
  select m.*, quota, round(
      0.4 * greatest(least(tax / adjusted / b1, 2), 0)
    + 0.3 * greatest(least(output / adjusted / b2, 2), 0)
    + 0.3 * greatest(least(output / energy_tce / b3, 2), 0), 6) as score
  from measured m join bench using (cohort)
)
select * exclude (quota), rank() over w as rank, rank() over w <= quota as flagged
from scored window w as (partition by cohort order by score)
"""


def run(folder: Path, out: Path, gibibytes: int | None = None) -> None:
    """Write ``units.parquet`` and ``parcels.parquet`` into ``out``.

    ``gibibytes``: memory that the engine may use; what is more lies in a folder in ``out``.
    """
    import duckdb
    import duckdb_extension_spatial

    home = Path(duckdb_extension_spatial.__file__).parent
    (extension,) = home.rglob("spatial.duckdb_extension")
    settings = {"preserve_insertion_order": "false"}
    if gibibytes is not None:
        settings |= {"memory_limit": f"{gibibytes}GiB", "temp_directory": str(out / "spilled")}
    engine = duckdb.connect(config=settings)
    engine.execute(f"load '{extension}'")
    for name in ("parcels", "zones", "occupancy"):
        engine.execute(f"create view {name}_file as from read_parquet('{folder / name}.parquet')")
    engine.execute(
        f"create view firms as select uscc, industry_code, tax, output, energy_tce "
        f"from read_parquet('{folder}/enterprises.parquet') where year = 2025"
    )
    for statement in (
        "create temp table parcels as select *, ST_Area(geometry) as area_m2 from parcels_file",
        """create temp table zones as
           select geometry as zone, benchmark_price_yuan_per_m2 as price from zones_file""",
        "create temp table occupancy as from occupancy_file",
        """create temp table inside as
           select p.parcel_id, z.price from parcels p join zones z on ST_Within(geometry, zone)""",
        """create temp table border as
           select parcel_id, sum(part * price) / sum(part) as price from (
             select p.parcel_id, z.price, ST_Area(ST_Intersection(geometry, zone)) as part
             from (from parcels anti join inside using (parcel_id)) p
             join zones z on ST_Intersects(geometry, zone)
           ) group by parcel_id""",
        """create temp table price as
           select parcel_id, price from inside union all select parcel_id, price from border""",
        """create temp view priced as
           select parcel_id, uscc, registered_area, price
           from parcels join price using (parcel_id)""",
        SCORE,
        f"copy units to '{out}/units.parquet'",
        f"""copy (select p.*, price from parcels p left join price using (parcel_id))
            to '{out}/parcels.parquet'""",
    ):
        engine.execute(statement)
