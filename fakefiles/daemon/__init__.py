"""How the server is run as a process: options, services, commands."""
