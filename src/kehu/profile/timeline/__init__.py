"""What happened with a customer over all channels: read in pages both ways, folded, searched, fetched, exported."""
