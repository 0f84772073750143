"""The public door: API catalogue, merged OpenAPI, pages of problems, and the root of one process."""
