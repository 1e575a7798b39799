"""Whether everything that the node needs is there: each thing tried, each fault told.

Knows how to try a peer, a port, a disk, a certificate and a clock; never what is done
with them. Side effects: associations with C-ECHO, HTTP requests, files that are written
into the data folder and removed again.
"""
