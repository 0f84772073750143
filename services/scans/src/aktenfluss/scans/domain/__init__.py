"""The rules of scan orders, deliveries and their reconciliation."""
