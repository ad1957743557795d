"""The sections of the room on complexity and double descent."""
