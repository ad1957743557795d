"""The gradient descent room: one curvature, two, real data, momentum, noise."""
