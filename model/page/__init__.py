"""Pages: figures and documents as bytes.

Knows numbers, words and how they look. Never knows files, DICOM or how a number came
about. A `Document` is written once and rendered twice, as HTML and as PDF, so that both
say the same.

Side effects: none. The instant that a page shows is an argument; the same document
gives the same bytes.
"""
