"""The model room: six ways to look at a model before and beside training. One module for each."""
