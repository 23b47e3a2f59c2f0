"""Reports of a run: lines on a terminal, JSON, JUnit XML, and a page."""
