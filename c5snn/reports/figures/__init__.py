"""Figures: what a report knows, drawn by matplotlib; each function takes values and a width and returns a figure."""
