"""The cost around trained networks: planes, lines and curvature."""
