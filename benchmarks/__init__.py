"""Benchmarks of what the documentation promises; tests assert no speed."""
