"""Places in object stores (fsspec: ``s3://``, ``oss://``, ``abfs://`` …), as rooms use them.

The network is used only where the user names an address. Keys are taken by fsspec from the
environment of each process, as its back ends document; they are never read, kept or shown here.
"""

from landuse.stores.address import is_store, is_url, one_place
from landuse.stores.cache import drop_copies
from landuse.stores.inputs import objects_of
from landuse.stores.place import MARK, Place, Stored, local

__all__ = [
    "MARK",
    "Place",
    "Stored",
    "drop_copies",
    "is_store",
    "is_url",
    "local",
    "objects_of",
    "one_place",
]
