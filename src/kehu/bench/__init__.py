"""What the road is measured with: made-up people in any number, and one module per thing measured.

Nothing here is a timed test. Each measurement prints what it did, against a floor or a goal in the same run.
"""
