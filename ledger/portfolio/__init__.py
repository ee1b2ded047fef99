"""The portfolio: what is counted of decisions, followed from the database into columns, and looked at by theme.

`making` writes facts beside the rows, `outcomes` what became of them; `following` brings both into Parquet segments,
`counting` asks those by DuckDB; `overview`, `themes`, `thresholds` and `operations` are what is told from it.
"""
