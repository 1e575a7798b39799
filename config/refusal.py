"""What the person at the terminal can put right.

::

    RefusalError               nothing was started; exit code 2
    ├── ConfigError            every mistake of a configuration (config.mistake)
    ├── RefusedDocumentError   a document that is missing, malformed or altered (config)
    │   ├── ScoreModelError
    │   └── FeatureProfileError
    ├── LedgerAddressError     a database that cannot be the ledger (node.ledger)
    ├── CannotListenError      an address that is taken or not ours (node.association)
    ├── DataFolderError        a data folder that is missing or in use (node)
    ├── OutputError            a folder or file that cannot be written (node.commands)
    └── SourceError            a study source that is none (node.folder)
"""


class RefusalError(Exception):
    """Wrong usage or configuration; the message says what to put right."""
