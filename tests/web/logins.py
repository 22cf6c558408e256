"""What the cast of the page tests signs in with."""

PASSWORD = "a-long-demo-password"
