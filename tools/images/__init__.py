"""The images of the product: built with a Docker engine of their own, reproducible, each with its list of parts."""
