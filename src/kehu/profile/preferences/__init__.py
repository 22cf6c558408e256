"""What a customer likes, by its acts: products, content, channels and hours, each with the evidence it follows from."""
