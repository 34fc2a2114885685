"""The run folder of a batch over parts, as single files or one a part."""
