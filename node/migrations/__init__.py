"""Changes of the ledger's schema, in order, applied when the ledger is opened.

Design choice: every open runs what is missing, in one transaction. There is no separate
step that an upgrade could forget, and a crash in the middle leaves the old schema.
"""
