"""Benchmarks: ``make bench`` runs them all and writes docs/benchmarks.md.

Speeds are worth little alone, so every case measures what it is compared with in the same run on the same texts.
Texts are the distinct train texts of ../shared/data, which gives real lengths; none of them is written anywhere
but to a temporary folder.
"""
