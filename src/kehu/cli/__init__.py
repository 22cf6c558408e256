"""The `kehu` command. Django and the rooms are imported inside functions, so that `kehu --help` is quick."""
