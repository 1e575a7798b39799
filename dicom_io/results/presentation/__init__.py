"""What shows a result to people and archives: pages, key objects, blending, rejection.

Knows how finished pictures and references become objects; never what a page says.
"""
