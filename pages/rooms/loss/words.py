"""The lecture's three words on one batch, in numbers."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.components import accounts
from mlcore.figures import losses as figures
from pages.rooms.loss.parts import Form, number, numbers
from pages.rooms.loss.spec import LossSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import t, tiny


def _settings(controls: Form) -> None:
    for code in ("w", "bias", "lam1", "lam2"):
        controls.number(code)
    for code in ("bx", "by"):
        controls.numbers(code, help=t("loss.points.typed"))


def _words(spec: LossSpec, controls: Form) -> None:
    seen = accounts.account(
        spec.inputs, spec.answers, spec.weight, spec.bias, spec.lambda1, spec.lambda2
    )  # fmt: skip
    picture, table = st.columns([3, 2])
    with picture:
        plot.show(figures.ledger(seen, t), key="words", alt=t("loss.alt.ledger"), height=430)
    with table:
        rows = {"x": seen.x, "y": seen.target, "ŷ": seen.prediction, "(y − ŷ)²": seen.loss}
        told = {name: [number(float(value)) for value in values] for name, values in rows.items()}
        st.dataframe(pd.DataFrame(told), hide_index=True)
    st.latex(
        r"\begin{aligned} \text{objective} = {}&\underbrace{\tfrac{1}{N} \sum_i"
        r" \overbrace{(y_i - \hat y_i)^2}^{\text{loss}}}_{\text{cost}}"
        r" \\ &+ \lambda_1 |w| + \tfrac{\lambda_2}{2} w^2 \end{aligned}"
    )
    numbers({
        t("loss.words.loss"): f"{number(seen.loss.min())} … {number(seen.loss.max())}",
        t("loss.words.cost"): seen.cost, t("loss.words.penalty"): seen.l1 + seen.l2,
        t("loss.words.objective"): seen.objective,
    })  # fmt: skip
    st.caption(t("loss.words.residual", residual=tiny(seen.residual)))
    st.info(t("loss.words.order", loss=number(seen.loss.max()), cost=number(seen.cost)))
    st.markdown(f"##### {t('loss.words.conventions')}")
    count = len(seen.x)
    left, right = st.columns(2)
    left.latex(r"\sum_i \tfrac{1}{2} (\hat y_i - y_i)^2 \;\Rightarrow\; \sum_i (\hat y_i - y_i) x_i")
    left.metric("∂ / ∂w", number(seen.half_sum))
    right.latex(
        r"\tfrac{1}{N} \sum_i (y_i - \hat y_i)^2 \;\Rightarrow\; \tfrac{2}{N} \sum_i (\hat y_i - y_i) x_i"
    )
    right.metric("∂ / ∂w", number(seen.mean))
    off = seen.mean - 2 / count * seen.half_sum
    st.caption(t("loss.words.factor", n=count, factor=number(2 / count), residual=tiny(off)))


WORDS = Section(_settings, _words, (accounts.account,))
