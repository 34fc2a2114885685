"""The checker of stated figures: whether what a report says follows from what it says elsewhere.

Takes claims (a stated text, and the texts it must follow from), gives a verdict with both values.
Does not correct anything and does not know where a figure comes from.
"""

from __future__ import annotations

from landuse.stated.check import Claim, Verdict, check, check_all
from landuse.stated.figures import Figure, read_figure

__all__ = ["Claim", "Figure", "Verdict", "check", "check_all", "read_figure"]
