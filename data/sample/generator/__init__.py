"""The parts of the generator of the sample county; ``../make_sample.py`` runs them.

Nothing here imports the package: check characters, shapefiles and figures are made independently.
"""
