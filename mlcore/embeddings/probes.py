"""Linear probes: how well a linear classifier tells classes from a code that knew no label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mlcore.base.shares import Share

FLOATS = NDArray[np.floating]
INTS = NDArray[np.int64]


def probe(train: FLOATS, labels: INTS, test: FLOATS, test_labels: INTS) -> Share:
    """Logistic regression (scikit-learn, C = 1) on features [N, D], divided by their root mean square.

    One scale for all features: what all examples share is no difference, however small it is, that a probe
    may blow up. The share of test examples [M, D] that are told right.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    scale = float(np.sqrt(np.square(train, dtype=np.float64).mean())) or 1.0
    known, asked = (np.asarray(x, np.float64) / scale for x in (train, test))
    with threadpool_limits(1):  # so small that threads wait for each other, the longer the busier the machine
        found = LogisticRegression(solver="newton-cholesky", max_iter=100).fit(known, labels)
    return Share(int((found.predict(asked) == test_labels).sum()), len(test_labels))


def spread(codes: FLOATS, labels: INTS) -> float:
    """The silhouette of codes [M, d] by their classes: 1 far apart and tight, negative where they overlap;
    NaN where there are no two classes of two."""
    from sklearn.metrics import silhouette_score

    several = 1 < len(np.unique(labels)) < len(labels)
    return float(silhouette_score(codes, labels)) if several else float("nan")
