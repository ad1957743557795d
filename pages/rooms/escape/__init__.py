"""The views of the room on escaping local minima."""
