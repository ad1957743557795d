"""A link that teaches: steps through rooms, with sentences and questions, and what was answered."""
