"""Comparing runs bit by bit."""

from __future__ import annotations

import numpy as np

from mlcore.training.training import Records, Run


def same(a: Run, b: Run, replica_of_b: int = 0) -> None:
    """Replica 0 of `a` and one of `b` are the same bits in everything recorded."""
    for name in Records._fields[2:]:
        assert np.array_equal(
            getattr(a.records, name)[:, 0], getattr(b.records, name)[:, replica_of_b], equal_nan=True
        ), name
    assert np.array_equal(a.final[0], b.final[replica_of_b], equal_nan=True)
