"""What all tests share: one thread to compute on, and the order in which they run."""

from __future__ import annotations

import pytest
import torch
from threadpoolctl import threadpool_limits

# As pages and workers do. With two threads in each of two test processes two cores take eight times as long.
torch.set_num_threads(1)
threadpool_limits(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What drives a browser goes first: it is slow, and other files are tested beside it."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)
