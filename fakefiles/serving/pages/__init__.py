"""The server's own pages: the one for people at /, and those for programs under /-/."""
