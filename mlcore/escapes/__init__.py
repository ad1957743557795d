"""Ways to get out of a local minimum, on surfaces, on typed formulas and on networks."""
