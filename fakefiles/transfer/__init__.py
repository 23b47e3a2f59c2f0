"""How the bytes of a file go out, as plain values: ranges, steps, pace, and the record of it."""
