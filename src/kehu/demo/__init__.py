"""The demo company: raw exports with known truth, and the road measured against it."""
