"""What is known of a client, online: the packed history vector and the latest application on file.

The room between training, which writes versions, and serving, which reads the current one. Both sides of a backend
stand in one file, so that a layout is written and read by the same code: `lmdb` for one machine, `redis` for a cluster.
`layout` has what the backends agree on, `store` what the two sides look like; it opens them as the settings say.
"""
