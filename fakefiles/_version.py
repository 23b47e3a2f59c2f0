"""The version: read by the build, the command line and the log."""

__version__ = "0.1.0"
