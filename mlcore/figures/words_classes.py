"""The words in the pictures of a class."""

CLASSES: dict[str, str] = {
    "figure.class_lr": "learning rate η",
    "figure.class_width": "units in each hidden layer",
    "figure.class_rank": "students, from the lowest cost",
    "figure.class_cost": "training cost at the end",
    "figure.class_curve": "training cost",
    "figure.class_dots": "students",
    "figure.class_units": "{width} units",
    "figure.class_lost": "diverged",
    "figure.class_you": "you",
    "figure.class_starts": "starts",
    "figure.class_end": "end: minimum {number}",
    "figure.class_no_end": "end: no global minimum",
    "figure.class_gone": "left the picture",
    "figure.class_in": "reached the global basin",
    "figure.class_out": "elsewhere",
    "figure.class_members": "each student's model",
    "figure.class_own_set": "your training set",
}
