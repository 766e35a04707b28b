"""A Stripe on one machine: its HTTP API, signed webhooks and a hosted payment page."""
