"""What a case's findings become: the objects of its result.

`findings` is what there is to tell, `plan` names every object before any is made, so
that they can refer to each other in whatever order they are made, and `making` makes
them, kind by kind. Everything about the objects themselves is in `dicom_io.results`.

Values: `Findings`, `Plan`, `Planned`, `Made`. Side effects: none.
"""
