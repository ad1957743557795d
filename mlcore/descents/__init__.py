"""Gradient descent where every point can be seen: on quadratics, on surfaces, and in races of rules."""
