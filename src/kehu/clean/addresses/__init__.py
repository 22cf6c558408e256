"""A Chinese address word by word: townships, villages, roads, numbers, estates and doors, as they stand in the text."""
