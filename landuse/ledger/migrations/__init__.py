"""The versions of the ledger's tables, one file each; a version that was released never changes."""
