"""Images of a result: masks, maps, and the PET in SUV and as local index.

Knows frames, slices and stored values; never what they mean. Multi-frame objects are
made after a pattern of their first frames, series of single frames around what differs
between them: the same bytes as encoding each whole, in a fraction of the time.
"""
