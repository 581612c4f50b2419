"""Measurements, one module each: `./run bench` lists them, `./run bench NAME` runs one."""
