"""The rooms that speak a vendor's language; vendor exceptions end here.

Each gateway turns what its vendor raises into a refusal (the answer is no) or Unavailable (ask
again later), so that nobody else knows the vendor's errors.
"""
