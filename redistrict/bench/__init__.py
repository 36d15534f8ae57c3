"""Benchmarks: cases, peers on the very same weights and time, tables and pictures; records, and never gates."""
