"""Training on a site's tables: from the joined table to a model file and its report.

`rows`, `candidates` and `baseline` say what is learnt from; `parts` are the numbered
pieces of work, which a `crew` of processes does; `run` is the whole of it; `model`
composes the model file, or says why there is none; `words`, `tables`, `report` and
`display` tell it. The methods are `model.learning.training`.
"""
