"""Results as pictures: pure functions from a result of the core to a `plotly.graph_objects.Figure`.

    theme      colors, dashes, symbols, the words of all figures, and the empty figure
    data       the examples before anything is trained (and features: histograms, pairs, standardizing)
    training   what a trained model says, and how a run went (and history: cost and score over steps)
    losses     losses along an axis, marks to be dragged, best constants (and logits, circle)
    paths      surfaces from above and in relief, the ways of rules on them, what a rule remembers

Each function documents the order of its traces: a player steps through a result by replacing `z` or `y` of a
trace that it names by number. Words come from `say`, so a page translates them; names out of a user's table
pass `mlcore.files.escape.plotly`.
"""
