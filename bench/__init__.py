"""Benchmarks: what the system does in how much time, beside its floor and its peers."""
