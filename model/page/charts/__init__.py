"""Charts: numbers in, a `Picture` out, a module for each topic.

A chart is a pure function of arrays and words. It takes its figure from
`model.page.drawing.new_figure`, its colours and markers from there, and says in its
docstring what a reader is to see. It never tells series apart by colour alone.
"""
