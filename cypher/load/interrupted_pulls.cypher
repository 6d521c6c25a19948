// Pulls of a name that were killed and whose counts are still to be written down
// Answers: each with how many touchpoints it stored.
// Parameters:
//   $file  text: the pull as the graph names it, e.g. 'pull:shop'
:params {file: 'pull:shop'};
MATCH (l:Load)-[:READ]->(f:File {name: $file, protocol: 'pull'})
WHERE l.finished_at IS NULL AND f.received IS NULL
RETURN l.batch_id AS batch_id,
       COUNT { MATCH (t:Touchpoint) WHERE t.ingested_at >= l.started_at AND t.batch_id = l.batch_id }
       + COUNT { MATCH (t:SetAside) WHERE t.batch_id = l.batch_id } AS stored
ORDER BY batch_id
