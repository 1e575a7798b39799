"""Logistic regression on few observations: Firth's likelihood and maximum likelihood.

Knows features, labels of 0 and 1, and nothing of what they are called, beyond the names
that a caller gives for messages. Never knows groups: who fits decides which rows.

Values: `LogisticFit` (an intercept and raw coefficients, as a score model wants them),
`Intervals`.

Side effects: none.

::

    design              rows checked, standardised; constant and collinear columns
    separation          whether a line parts the labels, and which features make it
    climb               Newton's ascent of either likelihood
    profile             limits of a parameter, where its likelihood has fallen
    logistic            what a fit is, and either method by its name
    firth               Firth's penalised likelihood, its intervals and ratio test
    maximum_likelihood  only where it exists
"""
