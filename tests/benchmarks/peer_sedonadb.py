"""The peers' job in SQL of SedonaDB, at its best.

``ST_Within`` first (a spatial join with prepared zones); only what lies on a border is cut. What
several queries need is kept in memory; polygons are read from the file where they are needed.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["run"]

VIEWS = (
    (
        "within",
        True,
        """select p.parcel_id, z.benchmark_price_yuan_per_m2 as price
           from parcels p join zones z on ST_Within(p.geometry, z.geometry)""",
    ),
    (
        "border",
        True,
        """select parcel_id, sum(part * price) / sum(part) as price from (
             select p.parcel_id, z.benchmark_price_yuan_per_m2 as price,
                    ST_Area(ST_Intersection(p.geometry, z.geometry)) as part
             from (select p.parcel_id, p.geometry
                   from parcels p left anti join within i on p.parcel_id = i.parcel_id) p
             join zones z on ST_Intersects(p.geometry, z.geometry)
           ) group by parcel_id""",
    ),
    (
        "price",
        True,
        "select parcel_id, price from within union all select parcel_id, price from border",
    ),
    (
        "priced",
        False,
        """select p.parcel_id, p.uscc, p.registered_area, price
           from parcels p join price z on p.parcel_id = z.parcel_id""",
    ),
    (
        "links",
        True,
        """with named as (
             select o.parcel_id, o.uscc, o.area as declared, p.registered_area, p.price,
                    coalesce(g.given, 0) as given, g.waiting
             from occupancy o
             join (select parcel_id, sum(area) as given,
                          sum(case when area is null then 1 else 0 end) as waiting
                   from occupancy group by parcel_id) g on g.parcel_id = o.parcel_id
             join priced p on p.parcel_id = o.parcel_id)
           select uscc, price, coalesce(declared, (registered_area - given) / waiting) as land
           from named
           union all
           select p.uscc, p.price, p.registered_area as land
           from priced p left anti join occupancy o on o.parcel_id = p.parcel_id""",
    ),
    (
        "measured",
        True,
        """with reference as (select sum(land * price) / sum(land) as p0 from links),
           land as (
             select uscc, sum(land) * 3 / 2000 as land,
                    sum(land * price / p0) * 3 / 2000 as adjusted
             from links cross join reference group by uscc)
           select f.uscc, f.industry_code, f.tax, f.output, f.energy_tce, l.land, l.adjusted,
                  case when octet_length(f.industry_code) = 2 then f.industry_code
                       else regexp_replace(f.industry_code, '^(..).*$', '\\1') end as cohort
           from firms f join land l on f.uscc = l.uscc where f.year = 2025""",
    ),
    (
        "units",
        False,
        """with bench as (
             select cohort, sum(tax) / sum(adjusted) as b1, sum(output) / sum(adjusted) as b2,
                    sum(output) / sum(energy_tce) as b3,
                    cast(floor(count(*) * 15 / 100) as bigint) as quota
             from measured group by cohort),
           scored as (
             select m.*, quota, round(
                 0.4 * greatest(least(tax / adjusted / b1, 2.0), 0.0)
               + 0.3 * greatest(least(output / adjusted / b2, 2.0), 0.0)
               + 0.3 * greatest(least(output / energy_tce / b3, 2.0), 0.0), 6) as score
             from measured m join bench b on m.cohort = b.cohort),
           placed as (select s.*, rank() over (partition by cohort order by score) as rank
                      from scored s)
           select uscc, industry_code, tax, output, energy_tce, land, adjusted, cohort, score, rank,
                  rank <= quota as flagged
           from placed""",
    ),
)
"""Name, whether it is kept in memory, query."""


def run(folder: Path, out: Path) -> None:
    """Write ``units.parquet`` and ``parcels.parquet`` into ``out``."""
    import sedonadb

    engine = sedonadb.connect()
    for file, name in (
        ("parcels", "parcels"),
        ("zones", "zones"),
        ("occupancy", "occupancy"),
        ("enterprises", "firms"),
    ):
        engine.read_parquet(str(folder / f"{file}.parquet")).to_view(name, overwrite=True)
    for name, kept, query in VIEWS:
        frame = engine.sql(query)
        (frame.to_memtable() if kept else frame).to_view(name, overwrite=True)
    engine.sql("select * from units").to_parquet(out / "units.parquet", compression="snappy")
    parcels = """select p.*, ST_Area(p.geometry) as area_m2, price
                 from parcels p left join price z on p.parcel_id = z.parcel_id"""
    engine.sql(parcels).to_parquet(out / "parcels.parquet", compression="snappy")
