"""Looks after the Helm chart: renders it, checks it, and writes what is generated from it; see docs/operations/kubernetes.md."""
