// What became of the rows of each file
// Answers: each file of each load with its source, format, protocol, mapping and contract, and the rows received, stored,
// there already (duplicate) and put in quarantine. Of a table that describes customers no row is a touchpoint. A file without counts belongs to a load that was interrupted.
// The rows of a replay (protocol replay) came out of quarantine, where the file that first brought them counts them too.
// Parameters:
//   $source  text or null: only files that named this source, e.g. 'shop'
:params {source: null};
MATCH (l:Load)-[:READ]->(f:File)
WHERE $source IS NULL OR $source IN f.sources OR f.source = $source
RETURN f.batch_id AS batch_id, toString(l.started_at) AS started_at, f.number AS number, f.name AS file, f.source AS source,
       f.describes AS describes,       f.sources AS sources, f.format AS format, f.protocol AS protocol, f.mapping AS mapping,
       f.mapping_version AS mapping_version, f.contract_version AS contract_version, f.sha256 AS sha256,
       f.received AS received, f.stored AS stored, f.duplicate AS duplicate, f.quarantined AS quarantined
ORDER BY started_at, batch_id, number
