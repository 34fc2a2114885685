"""Modules of one folder of tests, for the tests of another."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

__all__ = ["loaded"]


def loaded(room: str, name: str) -> Any:
    """The module ``name`` of the tests of ``room``, once however many ask."""
    if name not in sys.modules:
        source = Path(__file__).parent / room / f"{name}.py"
        spec = importlib.util.spec_from_file_location(name, source)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]
