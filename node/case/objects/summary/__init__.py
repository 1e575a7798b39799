"""What a summary page says of a case's findings.

Knows findings and words; `model.page.summary` knows how a page looks, and
`model.display_planes` how an image is cut.

Values: `Pictures` (planes of a case's images, cut once for all that shows them).
`composing` makes pages of them and of `words` and `trend`. Side effects: none; the
files of a CT are read when a page first wants it behind the PET.
"""
