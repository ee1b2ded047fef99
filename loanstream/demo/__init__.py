"""The main job shown live: what the reader counts, how it is drawn, and the summary at its end."""
