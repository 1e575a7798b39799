"""How well a feature repeats: the same thing measured again, nothing having changed.

Knows measurements of shape (subjects, repeats). Never knows files, scans or pages.

`concordance` says how near test and retest lie to the line of identity (Lin's CCC),
`intraclass` which share of the variance is between subjects (ICC), `within_subject` how
far two measurements of one subject lie apart (within-subject SD and CV, repeatability
coefficient), `bias` whether the retest is higher. `assessment` puts them together for a
feature, and `keeping` decides by a threshold whether the feature is kept.

Side effects: none.
"""
