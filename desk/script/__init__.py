"""What Streamlit runs, in a folder of its own: beside a folder `pages` it would run the files of that as scripts."""
