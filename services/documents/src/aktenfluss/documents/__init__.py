"""Document storage: contents by digest, documents, pages, scrub."""
