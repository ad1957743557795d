from pages.ui import frame

frame.open_page("data")
