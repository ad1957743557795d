"""What all tests share: one thread to compute on, no deadlines, and the order in which they run."""

from __future__ import annotations

import pytest
import torch
from hypothesis import settings
from threadpoolctl import threadpool_limits

# As pages and workers do. With two threads in each of two test processes two cores take eight times as long.
torch.set_num_threads(1)
threadpool_limits(1)
settings.register_profile("unhurried", deadline=None)  # a machine may be busy with something else
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files go first, the short ones of the core last: no process ends alone with a long one.

    What drives a browser is tried once more before it counts as failed, and the summary names it: on a
    machine under load the system may keep a hand, a page or a server waiting at moments that no user sees.
    """
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=lambda item: (item.get_closest_marker("browser") is None, "pages" not in item.path.parts))
