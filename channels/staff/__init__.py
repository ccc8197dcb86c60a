"""Staff of the cells: who they are, how they sign in, and the shell of their pages."""
