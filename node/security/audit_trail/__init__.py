"""Who did what to whose data, told to an audit repository (PS3.15 A.5 to A.7).

Knows the standard's messages and syslog; never what objects hold. Side effect: messages
are sent. Patient IDs go to the repository alone, never to the log.
"""
