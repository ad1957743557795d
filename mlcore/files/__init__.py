"""What comes in as a file and goes out as one: tables, their problems, and text made harmless."""
