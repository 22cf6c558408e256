"""The demo company on the road: sources made, exports sent in by the doors everybody uses, and what came of it.

Unlike the rest of the demo this part needs Django and a database. It reads exports, never the truth.
"""
