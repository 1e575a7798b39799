"""What the node fetches by itself: images and contours that it was not sent.

Knows what a waiting study lacks and whom to ask; never what is made of it. Side
effects: the network through `node.association`, rows of retrievals.
"""
