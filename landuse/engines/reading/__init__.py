"""Inputs brought to their parts: split at once, or surveyed, scattered and checked in parts."""
