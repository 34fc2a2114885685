"""Finds badly used industrial land, with the reason for every flag.

The rooms of the house, in the order of a planner's work: ``intake`` (files into validated
tables), ``matching`` (who uses which parcel), ``indicators`` (per-mu figures corrected by the
land price), ``ranking`` (the bottom share of each industry), ``publish`` (map, workbook,
tables). ``pipeline`` is the list of steps; ``cli`` is the door.
"""

__version__ = "0.1.0"
__all__ = ["__version__"]
