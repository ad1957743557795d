"""How does a gradient flow? Expressions as graphs: values forward, gradients backward, path by path."""
