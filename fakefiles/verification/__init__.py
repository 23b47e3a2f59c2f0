"""What is wrong with a download: it is compared with what its URL denotes."""
