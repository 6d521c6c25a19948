// In how many sessions each source takes part
// Answers: for each source the sessions that hold at least one touchpoint of it, and its touchpoints in them.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
:params {source: null};
MATCH (s:Session)-[:INCLUDES]->(t:Touchpoint)
WHERE $source IS NULL OR t.source = $source
RETURN t.source AS source, count(DISTINCT s) AS sessions, count(*) AS touchpoints
ORDER BY source
