"""What the trained model says of every class: precision, recall and F1 on the test examples."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mlcore.files.escape import line
from mlcore.training.class_scores import ClassScores, constant_balanced, unbalanced
from pages.ui.scene import Scene
from pages.ui.text import percent, t


def table(seen: Scene) -> None:
    """One row per class at the last recorded step; open where accuracy hides the rare classes."""
    data, scores = seen.task.data, seen.scores
    if scores is None:
        return
    hidden = unbalanced(data.y, data.classes)
    with st.expander(t("training.per_class"), expanded=hidden):
        if hidden:
            st.markdown(
                t(
                    "training.balanced",
                    accuracy=percent(float(scores.accuracy)),
                    balanced=percent(float(scores.balanced_accuracy)),
                    constant=percent(seen.chance.test_score),
                    constant_balanced=percent(constant_balanced(data.y_test)),
                )
            )
        st.dataframe(_rows(scores, data.class_names), hide_index=True, width="content")
        st.caption(t("training.per_class_help"))


def _rows(scores: ClassScores, names: Sequence[str]) -> dict[str, list[str] | list[int]]:
    columns: dict[str, list[str] | list[int]] = {t("training.class"): [line(name) for name in names]}
    for name, values, of in (
        ("precision", scores.precision, scores.called),
        ("recall", scores.recall, scores.support),
        ("f1", scores.f1, scores.called + scores.support),
    ):
        columns[t(f"training.{name}")] = _written(values, of)
    return columns | {t("training.support"): scores.support.tolist()}


def _written(values: np.ndarray, of: np.ndarray) -> list[str]:
    """A dash where there is nothing to take a share of."""
    return [f"{value:.3f}" if n else "–" for value, n in zip(values, of, strict=True)]
