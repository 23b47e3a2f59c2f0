"""HTTP without I/O: a request in plain values goes in, an answer in plain values comes out."""
