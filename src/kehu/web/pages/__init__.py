"""What each page shows: values of the rooms turned into what the components take."""
