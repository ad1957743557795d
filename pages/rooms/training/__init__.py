"""What the training room shows."""
