# Makes the namespace in which the orders live; safe to repeat. Run by `/bin/sh -eu`.
# Stripe sends an event again for three days, buyers come back for weeks: histories stay 30 days.
temporal operator cluster health
temporal operator namespace describe -n beatline ||
  temporal operator namespace create -n beatline --retention 720h
