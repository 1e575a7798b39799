"""Who may speak to the node, over what, and who is told of it.

Knows titles, addresses, certificates and rates; never what objects hold. Side effects:
key files are read, audit messages are sent.
"""
