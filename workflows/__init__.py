"""The life of an order: each workflow's `run` reads as the business tells it."""
