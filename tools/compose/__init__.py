"""docker/compose.yaml brought up where no registry of images can be reached: compose itself, and stand-ins for the servers."""
