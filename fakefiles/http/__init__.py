"""What HTTP answers: a request in plain values goes in, a response in plain values comes out."""
