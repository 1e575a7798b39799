"""Results on their way out, and the proof that they are kept.

Knows destinations, attempts and answers; never how a result was made. Side effects: the
network through `node.association` or HTTP, rows of deliveries and commitments.
"""
