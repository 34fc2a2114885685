"""Batches larger than one machine's memory: parts that are computed apart and agree exactly."""
