"""How a URL says which file is wanted, and how it is to be delivered."""
