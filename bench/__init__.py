"""Benchmarks: each drives the real server or a real part of it."""
