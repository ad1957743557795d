"""The order of all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser goes first: it is slow, and other files are tested beside it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
