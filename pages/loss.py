"""The objective: losses one by one, in company, and what they teach."""

from pages.ui import sections
from pages.ui.loss.classification import BINARY, SLOW, SOFTMAX
from pages.ui.loss.race import RACE
from pages.ui.loss.regression import OUTLIER, POINTS, SHAPES
from pages.ui.loss.spec import VIEWS, LossSpec
from pages.ui.loss.vectors import COSINE
from pages.ui.loss.words import WORDS

SECTIONS = (SHAPES, POINTS, OUTLIER, SOFTMAX, BINARY, SLOW, COSINE, WORDS, RACE)

sections.open_room("loss", LossSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
