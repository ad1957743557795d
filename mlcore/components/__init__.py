"""One component of a training at a time: what a loss says, and what a network is before it has learned."""
