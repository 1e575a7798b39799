"""Learning: what a site's own tables say, by the paper's method and by sounder ones.

Knows arrays of features, labels and groups, and gives numbers with their uncertainty.
Never knows files, columns of a table, pages or commands; `node.learning` brings those.

Values: `Estimate` or `NotAssessable` (a number with its interval, or why there is
none), `Readout` (what flow cytometry measured), folds and resamples (`resampling`).

Side effects: none. What is drawn at random is drawn from a seed that is an argument.

Arrays: `features` has shape (observations, features); `labels` and `groups` have shape
(observations,). An observation is one scan of one region; observations of one group
(an animal, a cage, a batch) are never parted between what is fitted and what is tested.
"""
