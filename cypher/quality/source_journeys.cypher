// In how many journeys each source takes part
// Answers: for each source the journeys and the converted journeys that hold at least one touchpoint of it, and all journeys
// and converted journeys there are.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
:params {source: null};
MATCH (j:Journey)-[:INCLUDES]->(t:Touchpoint)
WHERE $source IS NULL OR t.source = $source
WITH DISTINCT t.source AS source, j
RETURN source, count(*) AS journeys, count(CASE WHEN j.outcome = 'converted' THEN 1 END) AS converted,
       COUNT { (:Journey) } AS all_journeys, COUNT { (:Journey {outcome: 'converted'}) } AS all_converted
ORDER BY source
