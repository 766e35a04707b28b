"""Benchmarks: what the system does in how much time, measured."""
