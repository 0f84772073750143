"""What the commands of `aktenfluss` do, one file for each thing they look after."""
