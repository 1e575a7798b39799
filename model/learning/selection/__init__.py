"""Which features a readout chooses: the LASSO, how often, and for how many readouts.

Knows features, readouts as numbers, and groups that must not be parted. Never knows
what a feature is called, or which class a readout makes.

Values: `LassoOptions`, `LassoSelection`.

Side effects: none; what is dealt or drawn at random follows a seed.

::

    problem     features and a readout, centred and standardised
    homotopy    the exact paths of several problems
    optimum     the conditions of an optimum, checked; scikit-learn where they fail
    folds       whole groups, dealt out fast
    lasso       a path on given penalties; the penalty by cross-validation
    stability   how often each feature is chosen on part of the groups
    rule        chosen for at least so many readouts
"""
