"""A small shop: its catalog and how products are published."""
