"""A box of paper becomes case files before your eyes: the material of the demo, and its play."""
