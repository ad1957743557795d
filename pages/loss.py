"""The objective: losses one by one, in company, and what they teach."""

from pages.rooms.loss.classification import BINARY, SLOW, SOFTMAX
from pages.rooms.loss.race import RACE
from pages.rooms.loss.regression import OUTLIER, POINTS, SHAPES
from pages.rooms.loss.spec import VIEWS, LossSpec
from pages.rooms.loss.vectors import COSINE
from pages.rooms.loss.words import WORDS
from pages.ui import sections

SECTIONS = (SHAPES, POINTS, OUTLIER, SOFTMAX, BINARY, SLOW, COSINE, WORDS, RACE)

sections.open_room("loss", LossSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
