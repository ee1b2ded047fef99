"""What Streamlit runs, in a folder of its own: beside a folder `pages` it would take that folder's files for scripts."""
