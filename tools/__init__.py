"""Tools for those who work on fakefiles."""
