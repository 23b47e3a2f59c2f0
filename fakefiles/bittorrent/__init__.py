"""BitTorrent: torrents and magnets, the tracker, and the seed. HTTP works without loading it."""
