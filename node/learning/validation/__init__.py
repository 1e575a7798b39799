"""Scoring labelled rows with a model, and how well the scores do.

`rows`, `labels` and `setting` say which rows count, where the label is cut and whether
the model has seen them; `numbers` asks `model.learning`; `run` is the whole; `words`,
`figures` and `report` tell it. Calibration reads the same rows.
"""
