"""Makes the recogniser that the service reads with first, from lines of print drawn here: `./run train`."""
