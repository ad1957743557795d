"""The words in the figures of image classification."""

IMAGES: dict[str, str] = {
    "figure.calibrated": "calibrated",
    "figure.confidence": "confidence: the largest probability",
    "figure.false_positive_rate": "false positive rate",
    "figure.fitted_temperature": "fitted T",
    "figure.if_true": "if true: middle 95%",
    "figure.is_digit": "digit {digit}",
    "figure.other_digits": "other digits",
    "figure.precision": "precision",
    "figure.probability_of": "probability of {digit}",
    "figure.recall": "recall",
    "figure.shift_down": "pixels down",
    "figure.shift_right": "pixels to the right",
    "figure.temperature_shown": "T shown",
    "figure.temperature_t": "temperature T",
    "figure.test_accuracy": "test accuracy",
}
