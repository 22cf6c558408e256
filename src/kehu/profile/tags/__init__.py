"""Tags: eight shipped classes, a tree, given by people or by rule, each giving with its time, value and source."""
