"""Training: the paper's recipe, and what it is worth on animals that it has not seen.

Knows features, readouts, groups and plain knowledge (volume, day, ...) as arrays. Never
knows tables, files or what is printed.

Values: `TrainingSet` (what is learnt from), `Recipe` and `Trained` (how, and what came
of it), `FoldResult` (what it foretold of a fold), `LeftOut`, `Optimism`.

Side effects: none. Whatever is random is drawn from seeds of `seeds`, so that nothing
hangs on the order in which parts are computed, or on how many processes do it.

::

    training_set         rows that belong together
    independent_columns  which columns say something of their own
    recipe               median, selection, rule, fit: the whole of it, on given rows
    contenders           texture, baseline and both, fitted on one set of rows
    cross_validation     repeated, stratified, grouped; nested; scored fold by fold
    resampled_interval   what the spread of folds says of their mean
    permutation          whether it is more than chance
    increment            whether it is more than volume and day
    left_out             one batch, or one tumour model, foretold by the others
    bootstrap            optimism, and how often a feature is chosen
"""
