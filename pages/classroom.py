"""A class: open it, let phones join, and see everybody as a row of one batch."""

from pages.rooms.classroom import lecturer
from pages.ui import frame

frame.open_page("classroom")
lecturer.show()
frame.close_page()
