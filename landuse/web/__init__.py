"""The served pages: map review in meetings, the batch without TOML, and their API.

Takes what a browser asks, calls the same verbs of the pipeline as the commands, gives pages and
JSON. Does not compute a number and does not open the database itself.
"""
