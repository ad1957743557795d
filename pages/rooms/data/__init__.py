"""What the data room shows."""
