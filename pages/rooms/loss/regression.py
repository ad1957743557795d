"""Losses over one prediction, over many, and over a constant that an outlier pulls."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from mlcore.components import accounts, curves
from mlcore.families.losses import LOSSES, huber_center
from mlcore.figures import losses as figures
from pages.rooms.loss.parts import Form, moved, number, numbers
from pages.rooms.loss.spec import LABELS, PLACE, TASKS, VALUE, LossSpec
from pages.ui import plot
from pages.ui.sections import Section
from pages.ui.text import t, tiny

# ---------------------------------------------------------------- one prediction


def _shape_settings(controls: Form) -> None:
    controls.select("on", {task: t(f"variants.task.{task}") for task in TASKS}, widget=st.pills,
                    required=True)  # fmt: skip
    if controls.current().task == "regression":
        controls.number("yt")
    else:
        controls.select("yc", {label: label for label in LABELS}, widget=st.segmented_control, required=True)
    controls.number("at")
    controls.number("delta")


def _shapes(spec: LossSpec, controls: Form) -> None:
    regression = spec.task == "regression"
    target = spec.truth if regression else float(spec.label)
    shape = curves.shapes(spec.task, target, spec.at, spec.delta)
    axis = t("loss.shapes.prediction" if regression else "loss.shapes.logit", y=number(target))
    figure = figures.shapes(shape, axis, t)
    handle = plot.Handle(0, 2 * len(shape.names), "x")

    def drag(at: plot.Drag) -> None:
        controls.put("at", round(at.x, 2))

    picture, table = st.columns([3, 2])
    with picture:
        alt = t("loss.alt.shapes")
        plot.show(figure, key="shapes", alt=alt, height=580, handles=[handle], on_drag=drag)
    with table:
        st.markdown(t("loss.shapes.at", at=number(spec.at), y=number(target)))
        columns = {
            t("loss.table.loss_name"): [figures.brief(name) for name in shape.names],
            "L": [number(v) for v in shape.at_loss],
            "∂L/∂ŷ" if regression else "∂L/∂z": [number(v) for v in shape.at_gradient],
        }
        st.dataframe(pd.DataFrame(columns), hide_index=True)
        st.caption(t(f"loss.shapes.note_{spec.task}"))


# ---------------------------------------------------------------- many predictions


def _point_settings(controls: Form) -> None:
    controls.numbers("ps", help=t("loss.points.typed"))
    controls.numbers("ys", help=t("loss.points.typed"))
    controls.number("delta")


def _points(spec: LossSpec, controls: Form) -> None:
    seen = accounts.measure(spec.predictions, spec.targets, spec.delta)

    def drag(at: plot.Drag) -> None:
        controls.put("ps", moved(spec.predictions, at, at.y))

    pictures = [figures.points(seen, VALUE.low, VALUE.high, t), figures.shares(seen, t)]
    alt = [t("loss.alt.points"), t("loss.alt.shares")]
    plot.show(pictures, key="points", alt=alt, height=420, handles=[plot.Handle(0, 2, "y")], on_drag=drag)
    cost = dict(zip(accounts.MEASURES, map(float, seen.cost), strict=True))
    numbers({figures.brief(name): value for name, value in cost.items()})
    root = len(spec.targets) ** 0.5
    st.caption(
        t("loss.points.order", mae=number(cost["mae"]), rmse=number(cost["rmse"]), n=len(spec.targets),
          most=number(root * cost["mae"]), residual=tiny(cost["rmse"] ** 2 - cost["mse"]))
    )  # fmt: skip
    each = {"y": seen.target, "ŷ": seen.prediction}
    for i, name in enumerate(accounts.MEASURES):
        each |= {f"∂ {figures.brief(name)} / ∂ŷ": seen.gradient[i]}
    told = {name: [number(float(value)) for value in values] for name, values in each.items()}
    with st.expander(t("loss.points.each")):
        st.dataframe(pd.DataFrame(told), hide_index=True)


# ---------------------------------------------------------------- a constant, and an outlier


def _outlier_settings(controls: Form) -> None:
    controls.numbers("vs", help=t("loss.outlier.typed"))
    controls.number("delta")


def _outlier(spec: LossSpec, controls: Form) -> None:
    found = curves.centers(spec.values, spec.delta, PLACE.low - 1, PLACE.high + 1)

    def drag(at: plot.Drag) -> None:
        controls.put("vs", moved(spec.values, at, at.x))

    names = {name: t(f"loss.outlier.{name}") for name in curves.CENTERS}
    pictures = [figures.centers(found, names, t), figures.pulled(found, names, t)]
    alt = [t("loss.alt.centers"), t("loss.alt.pulled")]
    plot.show(pictures, key="outlier", alt=alt, height=460, handles=[plot.Handle(0, 6, "x")], on_drag=drag)
    middle = "–".join(dict.fromkeys(number(v) for v in found.middle))
    mean, _, huber = map(float, found.best)
    numbers({names["mse"]: mean, names["mae"]: middle, names["huber"]: huber})
    if found.middle[0] < found.middle[1]:
        st.caption(t("loss.outlier.any", low=number(found.middle[0]), high=number(found.middle[1])))


SHAPES = Section(_shape_settings, _shapes, (curves.shapes, curves.of_one, LOSSES["huber"].function))
POINTS = Section(_point_settings, _points, (accounts.measure,))
OUTLIER = Section(_outlier_settings, _outlier, (curves.centers, curves.answers, huber_center))
