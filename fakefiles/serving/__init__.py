"""How files are served, on Twisted: connections, transfers, the journal's pages."""
