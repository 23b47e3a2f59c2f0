"""How a URL names a file and how to deliver it: its path and its query."""
