"""What a file is: a size, and bytes that are a pure function of content, seed and offset."""
