// Put the end of the data back to the last touchpoint that is left
// Answers: how many customers were marked, because journeys of theirs that counted as lost may be open again.
// Parameters:
//   $data_end_us  integer or null: instant of the last touchpoint in microseconds since 1970, UTC; null where none is left
//   $open_after  instant or null: journeys that ended since are not lost, e.g. datetime('2026-01-01T00:00:00Z')
:params {data_end_us: null, open_after: null};
MATCH (rules:Configuration {name: 'journeys'})
SET rules.data_end_us = $data_end_us
WITH rules
OPTIONAL MATCH (c:Customer)-[:HAD]->(j:Journey {outcome: 'lost'})
WHERE j.ended_at >= $open_after
WITH DISTINCT c
SET c:Unthreaded
RETURN count(c) AS marked
