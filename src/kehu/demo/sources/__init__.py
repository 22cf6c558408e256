"""One module per source: how each system writes its export, warts and all."""
