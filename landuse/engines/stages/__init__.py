"""The rooms of the batch over parts: land, firms, and what parts tell each other in between."""
