"""The settings of this hub. `install.sh` never replaces this file. Restart the hub after a change."""

c = get_config()  # noqa: F821 (JupyterHub defines it)

# Where the hub listens. A web server with HTTPS forwards to it.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"

# The address that people type. Each server gets an address of its own below it, such as https://ada.hub.example.org:
# otherwise a page on a student's server can act as the instructor who opens it. README.md describes DNS and
# certificate. This default is for trying it out: on every machine, names that end with .localhost lead to itself.
c.JupyterHub.subdomain_host = "http://lectrain.localhost:8000"

# What each process of a student may use: bytes of memory, processes and threads, bytes of a file.
# c.LectrainHub.memory = 3_000_000_000
# c.LectrainHub.processes = 500
# c.LectrainHub.file_size = 1_000_000_000
