"""What the public door knows: the descriptions of the services and the problems they can answer with."""
