"""What are networks for? The tasks of the slides."""
