"""Benchmarks: ``make bench`` runs them all and writes docs/benchmarks.md.

Speeds mean little alone, so every case measures its comparisons in the same run on the same texts. Texts are the
distinct train texts of ../shared/data, which have realistic lengths; they are written only to temporary folders.
"""
