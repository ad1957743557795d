"""The optimizer room: rules in a race, what one of them remembers, the relief, the code."""
