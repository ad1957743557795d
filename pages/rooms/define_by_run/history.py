"""Then and now: who defined the graph when. Told with sources, not computed."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st
import torch

from mlcore.capture import functions
from pages.rooms.define_by_run.room import Form, RoomSpec
from pages.ui.sections import Section
from pages.ui.text import t


@dataclass(frozen=True)
class Milestone:
    """`kind` is when the graph is made: "before" the run, "while" it runs, or "both"."""

    code: str
    year: str
    name: str
    kind: str
    source: str
    link: str


MILESTONES = (
    Milestone("theano", "2010", "Theano", "before", "Bergstra et al. 2010, SciPy",
              "https://doi.org/10.25080/Majora-92bf1922-003"),
    Milestone("chainer", "2015", "Chainer", "while", "Tokui et al. 2019, KDD", "https://arxiv.org/abs/1908.00213"),
    Milestone("tensorflow", "2015", "TensorFlow 1", "before", "Abadi et al. 2016, OSDI",
              "https://arxiv.org/abs/1605.08695"),
    Milestone("pytorch", "2017", "PyTorch", "while", "Paszke et al. 2019, NeurIPS",
              "https://arxiv.org/abs/1912.01703"),
    Milestone("jax", "2018", "JAX", "both", "Frostig et al. 2018, SysML",
              "https://mlsys.org/Conferences/doc/2018/146.pdf"),
    Milestone("torchscript", "2018", "PyTorch 1.0: TorchScript", "both", "torch.jit",
              "https://docs.pytorch.org/docs/stable/jit.html"),
    Milestone("tensorflow2", "2019", "TensorFlow 2: eager, tf.function", "both", "Agrawal et al. 2019, SysML",
              "https://arxiv.org/abs/1903.01855"),
    Milestone("fx", "2021", "torch.fx", "both", "Reed et al. 2022, MLSys", "https://arxiv.org/abs/2112.08429"),
    Milestone("pytorch2", "2023", "PyTorch 2: torch.compile", "both", "Ansel et al. 2024, ASPLOS",
              "https://doi.org/10.1145/3620665.3640366"),
    Milestone("export", "2023", "torch.export", "before", "torch.export",
              "https://docs.pytorch.org/docs/stable/export.html"),
)  # fmt: skip


def _show(spec: RoomSpec, controls: Form) -> None:
    columns = {
        "year": [milestone.year for milestone in MILESTONES],
        "framework": [milestone.name for milestone in MILESTONES],
        "graph": [t(f"define_by_run.kind.{milestone.kind}") for milestone in MILESTONES],
        "what": [
            f"{t(f'define_by_run.history.{one.code}')} [{one.source}]({one.link})" for one in MILESTONES
        ],
    }
    heads = {key: t(f"define_by_run.column.{key}") for key in columns}
    rows = zip(*columns.values(), strict=True)
    lines = ["| " + " | ".join(cells) + " |" for cells in (heads.values(), ["---"] * len(heads), *rows)]
    st.markdown("\n".join(lines))
    st.caption(t("define_by_run.history.here", torch=torch.__version__))


HISTORY = Section(lambda controls: None, _show, (functions.branch,))
