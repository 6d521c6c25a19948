// The end of the data
// Answers: the instant of the last touchpoint (microseconds since 1970, UTC); no row where there is none.
// Parameters:
MATCH (t:Touchpoint)
WHERE t.occurred_at_us IS NOT NULL
RETURN t.occurred_at_us AS data_end_us
ORDER BY data_end_us DESC
LIMIT 1
