"""What every stage is given: a folder of work, its cuts, and frames and issues between stages."""
