"""`beatline orders`: what operators see of orders, and what they do about them."""
