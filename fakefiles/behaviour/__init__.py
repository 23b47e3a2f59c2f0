"""What a URL may want of a server beyond the file: slow, broken, lying, behind a login, on some requests only."""
