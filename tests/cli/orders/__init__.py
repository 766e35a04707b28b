"""`beatline orders`, by its command line."""
