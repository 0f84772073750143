"""Case files, the entries in them and who may see which page."""
