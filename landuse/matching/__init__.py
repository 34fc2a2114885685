"""Who uses which parcel, and how much of it (method, section 4).

Takes validated parcels, enterprises, occupancy and confirmed links; gives links with areas, the
members of evaluation units, suggestions for a person to confirm, and the park of each parcel.
Does not read files, and never uses a link that is merely likely.
"""

from __future__ import annotations

from landuse.matching.areas import share_out
from landuse.matching.evidence import Found, find_links, with_near
from landuse.matching.members import units
from landuse.matching.parks import parks_of
from landuse.matching.scope import in_scope, under_construction
from landuse.matching.tables import report_returned

__all__ = [
    "Found",
    "find_links",
    "in_scope",
    "parks_of",
    "report_returned",
    "share_out",
    "under_construction",
    "units",
    "with_near",
]
