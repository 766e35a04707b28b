"""Stripe's objects, one noun a file: their shape, and the API calls that make and change them."""
