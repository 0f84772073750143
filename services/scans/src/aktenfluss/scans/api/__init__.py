"""HTTP, events and jobs in; use cases out."""
