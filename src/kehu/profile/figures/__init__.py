"""What is worked out about customers from their facts: standing (lifecycle, RFM, value tier) and computed attributes.

Facts mark what they touch as due, by triggers that see every way of writing; a loop works the due customers out again,
in sets. Figures that compare customers with one another are rated on a timer.
"""
