// What became of the rows of each pull
// Answers: each pull by its name: its sources, format, how often it ran, how many of these were interrupted (killed, or
// Neo4j went away), the rows received, stored, there already (duplicate) and put in quarantine by all of them, and the same of
// the last one, with its times. The next one
// writes down the counts of what was interrupted, as it does not read that again.
// Parameters:
//   $name  text or null: one pull only, e.g. 'shop'
:params {name: null};
MATCH (l:Load)-[:READ]->(f:File {protocol: 'pull'})
WHERE $name IS NULL OR f.name = 'pull:' + $name
WITH f, l ORDER BY l.started_at, l.batch_id
WITH f.name AS file, count(*) AS pulls, count(CASE WHEN l.finished_at IS NULL THEN 1 END) AS interrupted,
     coalesce(sum(f.received), 0) AS received, coalesce(sum(f.stored), 0) AS stored,
     coalesce(sum(f.duplicate), 0) AS duplicate, coalesce(sum(f.quarantined), 0) AS quarantined,
     toString(max(l.finished_at)) AS last_finished_at, last(collect(f)) AS newest, last(collect(l)) AS load
RETURN substring(file, 5) AS name, coalesce(newest.sources, [newest.source]) AS sources, newest.format AS format,
       newest.mapping AS mapping, pulls, interrupted, received, stored, duplicate, quarantined,
       load.batch_id AS last_batch_id, toString(load.started_at) AS last_started_at, last_finished_at,
       newest.received AS last_received, newest.stored AS last_stored, newest.duplicate AS last_duplicate,
       newest.quarantined AS last_quarantined
ORDER BY name
