"""The class is the sweep: every phone chooses, and becomes one row of one batch."""
