"""The race room: rates on surfaces, basins of attraction, and the same protocol on a network."""
