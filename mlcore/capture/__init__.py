"""When is the graph of a computation made: while it runs, or before? Tracers, compilers, and their costs."""
