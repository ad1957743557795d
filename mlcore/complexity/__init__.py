"""What is a good model? Bias and variance, under- and overfitting, cures, and double descent."""
