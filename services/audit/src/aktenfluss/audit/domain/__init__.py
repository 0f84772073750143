"""Records, their chains and the tree over them: rules that need no database."""
