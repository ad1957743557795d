"""Classification tasks: digits by two networks, a threshold, calibration, a digit of one's own, masks."""

from pages.rooms.classification_tasks.calibration import CALIBRATION
from pages.rooms.classification_tasks.digit import DIGIT
from pages.rooms.classification_tasks.images import IMAGES
from pages.rooms.classification_tasks.mask_losses import LOSSES
from pages.rooms.classification_tasks.mask_paint import PAINT
from pages.rooms.classification_tasks.mask_segment import SEGMENT
from pages.rooms.classification_tasks.room import VIEWS, RoomSpec
from pages.rooms.classification_tasks.threshold import THRESHOLD
from pages.ui import sections

SECTIONS = (IMAGES, THRESHOLD, CALIBRATION, DIGIT, PAINT, LOSSES, SEGMENT)

sections.open_room("classification_tasks", RoomSpec, dict(zip(VIEWS, SECTIONS, strict=True)))
