"""The server as a process: command line, services, log."""
