"""The page of a phone in a class."""

from pages.rooms.classroom import student
from pages.ui import frame

frame.open_page("join")
student.show()
frame.close_page()
