"""Running a spec in a worker process, once for all who ask. Dask does the work underneath."""
