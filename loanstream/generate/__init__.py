"""Every file of the repository that is made from code: `make generate` writes them, `make lint` finds an old one."""
