"""Contents, documents and pages: the rules, in plain Python."""
