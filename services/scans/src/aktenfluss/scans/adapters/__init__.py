"""PostgreSQL, peers, paper and PDF: the technique behind the ports."""
