// How each source came: formats, protocols, deliveries, and what became of the rows
// Answers: for each source the formats and protocols of the files and requests that named it, how many they were, their
// rows received, stored, there already and put in quarantine, and when the last one was finished. The rows of a file that
// several sources share count for each of them. Rows that were loaded again out of quarantine count once, as what they were.
// Parameters:
//   $source  text or null: one source only, e.g. 'shop'
:params {source: null};
MATCH (l:Load)-[:READ]->(f:File)
WHERE f.protocol <> 'replay' AND f.received IS NOT NULL
UNWIND f.sources AS source
WITH source, f, l WHERE $source IS NULL OR source = $source
RETURN source, collect(DISTINCT f.format) AS formats, collect(DISTINCT f.protocol) AS protocols, count(*) AS deliveries,
       sum(f.received) AS received, sum(f.stored) AS stored, sum(f.duplicate) AS duplicate,
       sum(f.quarantined) AS quarantined, toString(max(l.finished_at)) AS delivered_at
ORDER BY source
