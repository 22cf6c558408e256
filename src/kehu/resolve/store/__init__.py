"""The identity graph in PostgreSQL: what a window reads and writes, in sets. Unqualified names: a rebuild runs the
same statements on a schema of its own, by the search path of its connection."""
