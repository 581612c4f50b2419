"""What benchmarks are made of, one concern a file; none of these is a benchmark by itself."""
