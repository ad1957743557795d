"""Training a model: data, task, descent, the run, one step of it, what it says and how it ended."""
