"""What a URL can ask of the server beyond the file: be slow, break, lie, demand a login; on all requests or on some."""
