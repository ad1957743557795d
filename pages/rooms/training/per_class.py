"""What the trained model says of every class: precision, recall and F1 on the test examples."""

from __future__ import annotations

import numpy as np
import streamlit as st

from mlcore.files.escape import line
from mlcore.training.class_scores import ClassScores, constant_balanced, unbalanced
from mlcore.training.inspection import confusion
from pages.ui.scene import Scene
from pages.ui.table import unused
from pages.ui.text import percent, t


def table(seen: Scene) -> None:
    """One row per class, at the last recorded step; where classes are unbalanced, what accuracy hides."""
    data = seen.task.data
    if data.task != "classification":
        return
    scores = ClassScores(confusion(seen.run, seen.task)[-1:])
    if unbalanced(data.y, data.classes):
        st.info(
            t(
                "training.balanced",
                accuracy=percent(float(scores.accuracy[0])),
                balanced=percent(float(scores.balanced_accuracy[0])),
                constant=percent(seen.chance.test_score),
                constant_balanced=percent(constant_balanced(data.y_test)),
            )
        )
    st.markdown(t("training.per_class"), help=t("training.per_class_help"))
    columns: dict[str, list[str] | list[int]] = {}
    columns[t("training.class")] = [line(name) for name in data.class_names]
    for name, values, of in (
        ("precision", scores.precision, scores.called),
        ("recall", scores.recall, scores.support),
        ("f1", scores.f1, scores.called + scores.support),
    ):
        columns[unused(t(f"training.{name}"), columns)] = _written(values[0], of[0])
    columns[t("training.support")] = scores.support[0].tolist()
    st.dataframe(columns, hide_index=True, width="content")


def _written(values: np.ndarray, of: np.ndarray) -> list[str]:
    """A dash where there is nothing to take a share of."""
    return [f"{value:.3f}" if n else "–" for value, n in zip(values, of, strict=True)]
