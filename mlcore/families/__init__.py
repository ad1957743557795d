"""Named variants: data sets, activations, initializers, losses, optimizers, schedules, surfaces, models."""
