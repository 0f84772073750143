"""Scan orders, lead sheets, deliveries and their reconciliation."""
