"""HTTP and jobs, translated into use cases."""
