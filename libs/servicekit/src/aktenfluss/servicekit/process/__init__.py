"""A running process: what its settings name, the services in it, their jobs and their health."""
