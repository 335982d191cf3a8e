"""The store: tables, and the ledger of work that every process of a deployment shares.

A function that takes a `Database` is one whole transaction of its own; a function that takes a `Connection` is part of
the caller's. Every write transaction of a study first locks the study's row and ends with `study_changed`.
"""
