"""Exact ranks over parts: sums, counted scores, and the rounds in which parts are asked."""
